import type { RefoldCounts } from '../core/decisions.ts';
import type { Thresholds } from '../core/fold.ts';
import type { RetractionReason } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import { limits } from '../limits.ts';
import { fetchKnownAddresses, fetchTimeline, type HostSelection } from '../store/host-reads.ts';
import type { RowOwner } from '../store/host-rows.ts';
import type { Session } from '../store/session.ts';
import { wake } from '../store/wakeups.ts';
import { decodeRuns, openHistories, refoldHost } from './intake-late.ts';
import { newRowCollector } from './intake-rows.ts';
import { openIntakeStore } from './intake-store.ts';
import { newTally } from './intake-tally.ts';

/**
 * Folds the histories of a scanner's hosts again, after something that decides them changed: thresholds, or
 * which scans count. States are written anew; the log is corrected by appended entries. The scanner must be locked.
 */
export async function refoldHosts(
  session: Session,
  owner: RowOwner,
  {
    thresholds,
    selection,
    reason,
    now,
  }: { thresholds: Thresholds; selection: HostSelection; reason: RetractionReason; now: Instant },
): Promise<RefoldCounts> {
  const store = openIntakeStore(session, owner, { late: true });
  const histories = openHistories(await fetchTimeline(session, owner.scannerId), new Map());
  const rows = newRowCollector(owner, now);
  const tally = newTally();
  const addresses =
    selection.kind === 'addresses'
      ? selection.addresses
      : await fetchKnownAddresses(session, owner, selection);
  for (let from = 0; from < addresses.length; from += limits.refoldBatchMax) {
    const batch = await store.histories(addresses.slice(from, from + limits.refoldBatchMax));
    for (const row of batch) {
      const looks = histories.looksAt(row.address).filter(({ applied }) => applied);
      refoldHost({ ...row, runs: decodeRuns(row) }, { looks, histories, thresholds, rows, tally, reason });
      rows.unsettle(row.address);
    }
    const written = rows.take();
    if (written !== undefined) await store.write(written);
  }
  await store.flushLog();
  await wake(session);
  const changes = Object.values(tally.changes).reduce((sum, count) => sum + count, 0);
  return { hosts: addresses.length, retractions: tally.retractions, changes };
}
