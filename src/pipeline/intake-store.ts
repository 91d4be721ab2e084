import { limits } from '../limits.ts';
import {
  fetchCoverage,
  fetchHistories,
  fetchStates,
  fetchTimeline,
  type HostSelection,
  packKnown,
} from '../store/host-reads.ts';
import { hostRowTargets, type RowOwner } from '../store/host-rows.ts';
import {
  deleteHeads,
  deleteStates,
  fetchLookProfiles,
  lockLog,
  profileId,
  unsettleHeads,
} from '../store/scan-writes.ts';
import type { CopyText, Session } from '../store/session.ts';
import type { Beginning, BeginningLook, IntakeStore, Plan, RowBatch } from './intake-messages.ts';

/** The store as an intake sees it, inside of one transaction. */
export interface SessionIntakeStore extends IntakeStore {
  /** Locks the log and writes the rows that still wait for it. To be called once, at the end. */
  flushLog(): Promise<void>;
  /** The hosts of which something was written: their contents, or their states. */
  readonly touched: ReadonlySet<string>;
}

/** Answers an intake from one transaction; what it writes to the log waits until the end. */
export function openIntakeStore(
  session: Session,
  owner: RowOwner,
  { late }: { late: boolean },
): SessionIntakeStore {
  const log = logBuffer(session);
  const touched = new Set<string>();
  let profileIds: Promise<readonly number[]> | undefined;
  const earlierProfiles = () => {
    profileIds ??= fetchLookProfiles(session, owner.scannerId);
    return profileIds;
  };
  return {
    begin: (beginning) => begin(session, owner, { beginning, late }),
    states: (addresses) => fetchStates(session, owner, addresses),
    known: (id, addresses) =>
      packKnown(session, owner, { profileId: id, selection: { kind: 'addresses', addresses } }),
    histories: (addresses) => fetchHistories(session, owner, addresses),
    async write(rows) {
      for (const address of rows.touched) touched.add(address);
      await writeHosts(session, owner, { rows, profileIds: await earlierProfiles() });
      await log.add(rows.changes);
    },
    flushLog: log.flush,
    touched,
  };
}

async function begin(
  session: Session,
  owner: RowOwner,
  { beginning, late }: { beginning: Beginning; late: boolean },
): Promise<Plan> {
  const looks: Plan['looks'][number][] = [];
  for (const look of beginning.looks) {
    const id = await profileId(session, look.profile);
    const partialId = await profileId(session, look.partial);
    const selection = selectionFor(look, beginning.prefetch);
    const known =
      selection === undefined ? '' : await packKnown(session, owner, { profileId: id, selection });
    looks.push({ profileId: id, partialId, known });
  }
  const coverage = await fetchCoverage(session, owner.scannerId);
  if (!late) return { looks, coverage };
  return { looks, coverage, timeline: await fetchTimeline(session, owner.scannerId) };
}

function selectionFor({ ranges }: BeginningLook, prefetch: boolean): HostSelection | undefined {
  if (ranges !== undefined) return { kind: 'ranges', ranges };
  return prefetch ? { kind: 'all' } : undefined;
}

async function writeHosts(
  session: Session,
  owner: RowOwner,
  { rows, profileIds }: { rows: RowBatch; profileIds: readonly number[] },
): Promise<void> {
  await deleteStates(session, owner, rows.replacedStates);
  for (const heads of rows.replacedHeads) await deleteHeads(session, owner, heads);
  await unsettleHeads(session, owner, { profileIds, addresses: rows.unsettled });
  if (rows.states.length > 0) await session.copy(hostRowTargets.states, rows.states);
  if (rows.heads.length > 0) await session.copy(hostRowTargets.heads, rows.heads);
  if (rows.runs.length > 0) await session.copy(hostRowTargets.runs, rows.runs);
}

/**
 * Rows of the log wait for the end of the transaction, so that the lock that keeps the log in the order of
 * commits is short. Only a scan that brings very much new takes the lock before its end.
 */
function logBuffer(session: Session): { add(rows: CopyText): Promise<void>; flush(): Promise<void> } {
  let waiting: CopyText[] = [];
  let bytes = 0;
  let isLocked = false;
  const flush = async () => {
    if (!isLocked) await lockLog(session);
    isLocked = true;
    for (const rows of waiting) await session.copy(hostRowTargets.changes, rows);
    waiting = [];
    bytes = 0;
  };
  return {
    async add(rows) {
      if (rows.length === 0) return;
      waiting.push(rows);
      bytes += rows.length;
      if (bytes > limits.logBufferBytesMax) await flush();
    },
    flush,
  };
}
