import type { Address } from '../core/address.ts';
import { setOfAddresses } from '../core/address-set.ts';
import { absentContent } from '../core/content.ts';
import type { ForgetRequest } from '../core/decisions.ts';
import { NotFound } from '../core/errors.ts';
import type { Scanner } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import { refold } from '../core/refold.ts';
import { type HostState, unseenHost } from '../core/state.ts';
import { writeBases } from '../store/host-bases.ts';
import { fetchHistories, fetchKnownAddresses, fetchTimeline } from '../store/host-reads.ts';
import { appendForgotten, deleteHosts, latestScanUpTo } from '../store/prune-writes.ts';
import { lockLog } from '../store/scan-writes.ts';
import { allScanners, lockScanner } from '../store/scanners.ts';
import type { Database, Session } from '../store/session.ts';
import { wake } from '../store/wakeups.ts';
import { driftAfterDecision } from './drift.ts';
import { decodeRuns, openHistories } from './intake-late.ts';

/**
 * Begins a new life for an address that another machine has now: nothing that was seen until now counts for it. The
 * log is told that the host is gone; what it was before can still be read as of then. Gives how many scanners knew
 * it. Throws NotFound.
 */
export async function forgetHost(
  database: Database,
  { addressSpaceId, address, scannerIds }: ForgetRequest,
  now: Instant,
): Promise<number> {
  const scanners = (await allScanners(database)).filter(
    (scanner) => scanner.addressSpaceId === addressSpaceId && (scannerIds?.includes(scanner.id) ?? true),
  );
  let forgotten = 0;
  for (const { id } of scanners) {
    const isKnown = await database.transaction(async (session) => {
      const scanner = await lockScanner(session, id);
      const isKnown = await forgetBy(session, { scanner, address, now });
      const decision = { scanner, within: setOfAddresses([address]), cause: 'host_retired', now } as const;
      if (isKnown) await driftAfterDecision(session, decision);
      return isKnown;
    });
    if (isKnown) forgotten += 1;
  }
  if (forgotten === 0)
    throw new NotFound(`No scanner knows a host ${address} there: "hosts" lists those that are known`);
  return forgotten;
}

async function forgetBy(
  session: Session,
  { scanner, address, now }: { scanner: Scanner; address: Address; now: Instant },
): Promise<boolean> {
  const owner = { addressSpaceId: scanner.addressSpaceId, scannerId: scanner.id };
  const known = await fetchKnownAddresses(session, owner, { kind: 'addresses', addresses: [address] });
  const at = await latestScanUpTo(session, scanner.id);
  if (known.length === 0 || at === undefined) return false;
  const [history] = await fetchHistories(session, owner, [address]);
  if (history === undefined) return false;
  const histories = openHistories(await fetchTimeline(session, scanner.id), new Map());
  const looks = histories.looksAt(address).filter(({ applied }) => applied);
  const { state, before } = refold(
    {
      looks,
      runs: decodeRuns(history),
      profiles: histories.profiles,
      absent: absentContent,
      base: history.base,
    },
    scanner.thresholds,
  );
  await writeBases(session, owner, {
    reason: 'forgotten',
    bases: [{ address, base: { at, state: unseenHost, before } }],
  });
  await deleteHosts(session, owner, [address]);
  if (state.status === 'up') await tellGone(session, { owner, address, at, state, now });
  return true;
}

async function tellGone(
  session: Session,
  told: {
    owner: { addressSpaceId: number; scannerId: number };
    address: Address;
    at: Instant;
    state: HostState;
    now: Instant;
  },
): Promise<void> {
  const { owner, address, at, state, now } = told;
  await lockLog(session);
  await appendForgotten(session, owner, { address, scan: state.scan, at, loggedAt: now });
  await wake(session);
}
