import type { Address } from '../core/address.ts';
import { type AddressSet, holdsAddress, readAddressSet } from '../core/address-set.ts';
import type { TargetIndex } from '../core/expectation.ts';
import type { Scanner } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import { neverStale } from '../core/target.ts';
import { limits } from '../limits.ts';
import { createCoverage } from '../store/coverage.ts';
import { dropWatches, earlierLooks, viewAddresses, watchedIn } from '../store/drift-hosts.ts';
import type { EventOrigin } from '../store/drift-writes.ts';
import { fetchScanRanges, lockLog } from '../store/scan-writes.ts';
import type { Session } from '../store/session.ts';
import { type GroupOfScanners, groupsInService } from '../store/side-by-side.ts';
import { type AssessCounts, type Assessing, assessHosts, noCounts, placeOf } from './assess.ts';
import { type LoadedTarget, presentTarget } from './target-cache.ts';

/** A scan that came to count, or no longer counts. */
export interface TouchingScan {
  readonly id: number;
  readonly at: Instant;
  readonly addressSpaceId: number;
  /** It is the newest of its scanner, and only adds to what is known. */
  readonly isNewest: boolean;
  /** Hosts of which something was written. */
  readonly touched: ReadonlySet<Address>;
}

/**
 * Brings drift up to date after a scan: for the hosts of which something was written, and for those of which
 * something was unknown and that the scan covers. The log must be locked.
 */
export async function driftAfterScan(
  session: Session,
  { scan, scanner, now }: { scan: TouchingScan; scanner: Scanner; now: Instant },
): Promise<void> {
  const target = await presentTarget(session, scanner.addressSpaceId);
  if (target === undefined) return;
  const view = await viewOf(session, scanner);
  if (view === undefined) return;
  const within = await rangesOfScan(session, scan.id);
  const addresses = new Set(scan.touched);
  for (const address of await covered(session, { scan, view, target, within, now })) addresses.add(address);
  const origin: EventOrigin = { at: now, cause: 'observation', scanId: scan.id };
  await assessHosts(assessingOf(session, { target, view, origin }), [...addresses]);
}

async function viewOf(session: Session, { groupId }: Scanner): Promise<GroupOfScanners | undefined> {
  const [view] = await groupsInService(session, { scannerGroupIds: [groupId] });
  return view;
}

async function rangesOfScan(session: Session, id: number): Promise<AddressSet> {
  const reading = readAddressSet(await fetchScanRanges(session, id));
  return reading.ok ? reading.addresses : [];
}

interface Covering {
  readonly scan: TouchingScan;
  readonly view: GroupOfScanners;
  readonly target: LoadedTarget;
  readonly within: AddressSet;
  readonly now: Instant;
}

/** Hosts that the scan covers and of which it may change what is known without having said anything new of them. */
async function covered(session: Session, covering: Covering): Promise<Address[]> {
  const { scan, view, target, within, now } = covering;
  if (!scan.isNewest) return hostsIn(session, { view, index: target.index, within });
  const staleAfter = shortestStaleAfter(target);
  const looks = await earlierLooks(session, scan.id);
  const isNews = looks.some(({ isNew }) => isNew);
  const wentStale = looks.some(
    ({ previousAt }) => previousAt !== undefined && staleAfter !== undefined && previousAt + staleAfter < now,
  );
  const isAlone = view.scanners.length === 1 && staleAfter === undefined;
  if (wentStale || (isNews && !isAlone)) return hostsIn(session, { view, index: target.index, within });
  const reasons = isNews ? (['unknown', 'contested'] as const) : (['contested'] as const);
  return watchedIn(session, placeOf(view), { within, reasons });
}

function shortestStaleAfter({ policies }: LoadedTarget): number | undefined {
  const all = policies.flatMap(({ staleAfterSeconds }) =>
    staleAfterSeconds === undefined || staleAfterSeconds === neverStale ? [] : [staleAfterSeconds * 1000],
  );
  return all.length === 0 ? undefined : Math.min(...all);
}

/** Every host inside a set that a view can be asked about: known, declared, or with drift. */
export async function hostsIn(
  session: Session,
  {
    view,
    index,
    within,
  }: { view: GroupOfScanners; index: Pick<TargetIndex, 'hosts'>; within: AddressSet | undefined },
): Promise<Address[]> {
  const found = new Set<Address>();
  for (const address of index.hosts) {
    if (within === undefined || holdsAddress(within, address)) found.add(address);
  }
  const scannerIds = view.scanners.map(({ id }) => id);
  let after: Address | undefined;
  for (;;) {
    const limit = limits.driftWalkMax;
    const addresses = await viewAddresses(
      session,
      { ...placeOf(view), scannerIds },
      { within, after, limit },
    );
    for (const address of addresses) found.add(address);
    if (addresses.length < limit) return [...found];
    after = addresses.at(-1);
  }
}

/** What assessing needs; coverage is read anew, because a transaction sees more than others. */
export function assessingOf(
  session: Session,
  {
    target,
    view,
    origin,
  }: { target: Pick<LoadedTarget, 'index'>; view: GroupOfScanners; origin: EventOrigin },
): Assessing {
  return { reader: { session, coverage: createCoverage() }, index: target.index, view, origin };
}

/**
 * Assesses everything inside a set in all views of an address space, after its target changed or who looks at it.
 * Locks the log.
 */
export async function reassess(
  session: Session,
  {
    addressSpaceId,
    within,
    origin,
  }: { addressSpaceId: number; within: AddressSet | undefined; origin: EventOrigin },
): Promise<AssessCounts> {
  await lockLog(session);
  const target = await presentTarget(session, addressSpaceId);
  const counts = noCounts();
  if (target === undefined) return counts;
  for (const view of await groupsInService(session, { addressSpaceIds: [addressSpaceId] })) {
    const found = await reassessView(session, { target, view, within, origin });
    counts.assessed += found.assessed;
    counts.opened += found.opened;
    counts.resolved += found.resolved;
    counts.resolvedForbidden += found.resolvedForbidden;
  }
  return counts;
}

/** A view without scanners sees nothing: what is open there stays open, and nothing new can be asked of it. */
async function reassessView(
  session: Session,
  {
    target,
    view,
    within,
    origin,
  }: { target: LoadedTarget; view: GroupOfScanners; within: AddressSet | undefined; origin: EventOrigin },
): Promise<AssessCounts> {
  const isBlind = view.scanners.length === 0;
  const index = isBlind ? { hosts: new Set<Address>() } : target.index;
  const addresses = await hostsIn(session, { view, index, within });
  const found = await assessHosts(assessingOf(session, { target, view, origin }), addresses);
  if (!isBlind) return found;
  await dropWatches(session, placeOf(view));
  return { ...found, assessed: 0 };
}

/** Assesses hosts again after something other than a scan or the target changed what a scanner's view knows of them. */
export async function driftAfterDecision(
  session: Session,
  {
    scanner,
    within,
    cause,
    now,
  }: {
    scanner: Pick<Scanner, 'addressSpaceId' | 'groupId'>;
    within: AddressSet | undefined;
    cause: 'host_retired' | 'policy_change';
    now: Instant;
  },
): Promise<void> {
  if ((await presentTarget(session, scanner.addressSpaceId)) === undefined) return;
  await lockLog(session);
  // Whoever had the lock before may have changed the target.
  const target = await presentTarget(session, scanner.addressSpaceId);
  if (target === undefined) return;
  for (const view of await groupsInService(session, { scannerGroupIds: [scanner.groupId] })) {
    await reassessView(session, { target, view, within, origin: { at: now, cause } });
  }
}
