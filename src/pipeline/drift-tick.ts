import type { Address } from '../core/address.ts';
import { groupBy } from '../core/group.ts';
import type { Instant } from '../core/observation.ts';
import { limits } from '../limits.ts';
import { dueHosts, isAnythingDue, writeWatches } from '../store/drift-hosts.ts';
import { lockLog } from '../store/scan-writes.ts';
import type { Database, Session } from '../store/session.ts';
import { groupsInService } from '../store/side-by-side.ts';
import { appendWaiverEvents, takeEndedWaivers } from '../store/waivers.ts';
import { wake } from '../store/wakeups.ts';
import { assessHosts } from './assess.ts';
import { assessingOf } from './drift.ts';
import { presentTarget } from './target-cache.ts';

/**
 * Does what the time asks for: assesses hosts again for which a statement began or ended to hold or evidence went
 * stale, and tells of waivers that ended. Each once, however many processes ask. Gives how many hosts and waivers.
 */
export async function tickDrift(database: Database, now: Instant): Promise<number> {
  let done = 0;
  for (;;) {
    const count = await database.transaction((session) => tickSome(session, now));
    done += count;
    if (count < limits.driftDueMax) return done;
  }
}

async function tickSome(session: Session, now: Instant): Promise<number> {
  if (!(await isAnythingDue(session, now))) return 0;
  await lockLog(session); // Before any row, as everybody does: whoever has the log may want the same rows.
  const due = await dueHosts(session, now, limits.driftDueMax);
  const ended = await takeEndedWaivers(session, now);
  for (const [addressSpaceId, ofSpace] of groupBy(due, (host) => host.addressSpaceId)) {
    for (const [scannerGroupId, hosts] of groupBy(ofSpace, (host) => host.scannerGroupId)) {
      const addresses = hosts.map(({ address }) => address);
      await assessDue(session, { addressSpaceId, scannerGroupId, addresses, now });
    }
  }
  for (const waiverId of ended) {
    await appendWaiverEvents(session, { waiverId, kind: 'waiver_expired', cause: 'expiry', at: now });
  }
  await wake(session);
  return due.length + ended.length;
}

async function assessDue(
  session: Session,
  {
    addressSpaceId,
    scannerGroupId,
    addresses,
    now,
  }: { addressSpaceId: number; scannerGroupId: number; addresses: readonly Address[]; now: Instant },
): Promise<void> {
  const target = await presentTarget(session, addressSpaceId);
  const [view] = await groupsInService(session, { scannerGroupIds: [scannerGroupId] });
  if (target === undefined || view === undefined) {
    // Nobody will ever ask again, and what stays due would be due with every tick.
    await writeWatches(session, { addressSpaceId, scannerGroupId }, new Map(addresses.map(nothingDue)));
    return;
  }
  const assessing = assessingOf(session, { target, view, origin: { at: now, cause: 'expiry' } });
  await assessHosts(assessing, addresses);
}

function nothingDue(address: Address): [Address, undefined] {
  return [address, undefined];
}
