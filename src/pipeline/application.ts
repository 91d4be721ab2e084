import { InUse } from '../core/errors.ts';
import type {
  ChangeFilter,
  ChangePlace,
  EndpointFilter,
  EndpointPlace,
  HostFilter,
  HostPlace,
  PageRequest,
  ScanFilter,
  Scanner,
  ScannerGroup,
} from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import type { AddressSpaceInput, ScannerGroupInput, ScannerInput } from '../core/settings.ts';
import type { ScanId } from '../core/state.ts';
import {
  allAddressSpaces,
  createAddressSpace,
  findAddressSpace,
  findAddressSpaceByName,
  removeAddressSpace,
  updateAddressSpace,
} from '../store/address-spaces.ts';
import {
  countChanges,
  countChangesAt,
  findChanges,
  pageOfChanges,
  pagesOfChangesAt,
} from '../store/changes.ts';
import { createCoverage } from '../store/coverage.ts';
import { hasDriftItems } from '../store/drift-items.ts';
import { driftLog } from '../store/drift-log.ts';
import { countEndpoints, pageOfEndpoints } from '../store/endpoints.ts';
import { findEndpoints, pagesOfHostEndpoints, rawLooksAt } from '../store/endpoints-at.ts';
import type { Reader } from '../store/evidence.ts';
import { countHosts, findHosts, pageOfHosts } from '../store/hosts.ts';
import { changeLog, scanEventLog } from '../store/log.ts';
import { lockLog } from '../store/scan-writes.ts';
import {
  allScannerGroups,
  createScannerGroup,
  findScannerGroup,
  findScannerGroupByName,
  removeScannerGroup,
  updateScannerGroup,
} from '../store/scanner-groups.ts';
import {
  allScanners,
  createScanner,
  findScanner,
  findScannerByName,
  lockScanner,
  removeScanner,
  updateScanner,
} from '../store/scanners.ts';
import { countScans, findScans, pageOfScans } from '../store/scans.ts';
import type { Database, Session } from '../store/session.ts';
import { driftOf } from './application-drift.ts';
import { decisionsOf, evidenceOf, readerAsOf } from './application-evidence.ts';
import { targetsOf } from './application-targets.ts';
import { driftAfterDecision } from './drift.ts';
import { openFollowers } from './follow.ts';
import { watchLogs } from './log-watch.ts';
import { refoldHosts } from './refold-hosts.ts';
import type { ReportUploads } from './report-uploads.ts';

/** What an application is made of, besides its database. */
export interface ApplicationParts {
  readonly uploads: ReportUploads;
  readonly now: () => Instant;
  /** Told of errors behind the scenes that nobody waits for. */
  readonly onProblem?: (error: unknown) => void;
}

/** Everything that the API and the command line do with one database. */
export function openApplication(database: Database, parts: ApplicationParts) {
  const reader: Reader = { session: database, coverage: createCoverage() };
  const watch = watchLogs(database);
  const following = { session: database, watch, onProblem: parts.onProblem };
  const changes = openFollowers({ ...following, log: changeLog });
  const scanEvents = openFollowers({ ...following, log: scanEventLog });
  const driftEvents = openFollowers({ ...following, log: driftLog });
  return {
    addressSpaces: addressSpacesOf(database),
    scannerGroups: scannerGroupsOf(database, parts.now),
    scanners: scannersOf(database, parts.now),
    hosts: hostsOf(reader),
    endpoints: endpointsOf(reader),
    ...evidenceOf(reader, parts.now),
    decisions: decisionsOf(database, parts.now),
    targets: targetsOf(database, parts.now),
    drift: { ...driftOf(database, parts.now), follow: driftEvents.follow },
    scans: { ...scansOf(database), ...parts.uploads, follow: scanEvents.follow },
    changes: { ...changesOf(database), follow: changes.follow },
    /** Ends all subscriptions. The database stays open. */
    close: async () => {
      changes.close();
      scanEvents.close();
      driftEvents.close();
      await watch.close();
    },
  };
}

function addressSpacesOf(session: Session) {
  return {
    all: () => allAddressSpaces(session),
    find: (id: number) => findAddressSpace(session, id),
    findByName: (name: string) => findAddressSpaceByName(session, name),
    create: (input: AddressSpaceInput) => createAddressSpace(session, input),
    update: (id: number, input: Partial<AddressSpaceInput>) => updateAddressSpace(session, id, input),
    remove: (id: number) => removeAddressSpace(session, id),
  };
}

function scannerGroupsOf(session: Session, now: () => Instant) {
  return {
    all: () => allScannerGroups(session),
    find: (id: number) => findScannerGroup(session, id),
    findByName: (name: string) => findScannerGroupByName(session, name),
    create: (input: ScannerGroupInput) => createScannerGroup(session, input),
    update: (id: number, input: Partial<ScannerGroupInput>) =>
      session.transaction(async (inner) => {
        const group = await updateScannerGroup(inner, id, input);
        await driftOfView(inner, { addressSpaceId: group.addressSpaceId, groupId: id }, now());
        return group;
      }),
    remove: (id: number) => session.transaction((inner) => removeView(inner, id)),
  };
}

/** Its drift would be that of a view that nobody knows. */
async function removeView(session: Session, id: number): Promise<ScannerGroup> {
  await lockLog(session);
  if (!(await hasDriftItems(session, id))) return removeScannerGroup(session, id);
  throw new InUse('The scanner group has drift items, which are seen from it: keep it, under another name');
}

function scannersOf(session: Session, now: () => Instant) {
  return {
    all: () => allScanners(session),
    find: (id: number) => findScanner(session, id),
    findByName: (name: string) => findScannerByName(session, name),
    create: (input: ScannerInput) =>
      session.transaction(async (inner) => {
        const scanner = await createScanner(inner, input, now());
        await driftOfView(inner, scanner, now());
        return scanner;
      }),
    update: (id: number, input: Partial<ScannerInput>) =>
      session.transaction((inner) => changeScanner(inner, { id, input, now: now() })),
    remove: (id: number) => removeScanner(session, id),
  };
}

/** Other thresholds mean another history: the scanner's hosts are folded again in the same transaction. */
async function changeScanner(
  session: Session,
  { id, input, now }: { id: number; input: Partial<ScannerInput>; now: Instant },
): Promise<Scanner> {
  const known = await lockScanner(session, id);
  const changed = await updateScanner(session, known, input);
  const { thresholds } = changed;
  if (changed.groupId !== known.groupId) await driftAfterMove(session, [known, changed], now);
  if (JSON.stringify(thresholds) === JSON.stringify(known.thresholds)) return changed;
  const owner = { addressSpaceId: changed.addressSpaceId, scannerId: id };
  const reason = 'thresholds_changed';
  await refoldHosts(session, owner, { thresholds, selection: { kind: 'all' }, reason, now });
  await driftOfView(session, changed, now);
  return changed;
}

/** Both views see something else when a scanner goes from one to the other. */
async function driftAfterMove(session: Session, scanners: readonly Scanner[], now: Instant): Promise<void> {
  for (const scanner of scanners) await driftOfView(session, scanner, now);
}

/** What is known of a view is to be assessed anew, everywhere. */
function driftOfView(
  session: Session,
  scanner: Pick<Scanner, 'addressSpaceId' | 'groupId'>,
  now: Instant,
): Promise<void> {
  return driftAfterDecision(session, { scanner, within: undefined, cause: 'policy_change', now });
}

function hostsOf(reader: Reader) {
  return {
    page: (filter: HostFilter, page: PageRequest, asOf?: Instant) =>
      pageOfHosts(readerAsOf(reader, asOf), filter, page),
    count: (filter: HostFilter, asOf?: Instant) => countHosts(readerAsOf(reader, asOf), filter),
    findMany: (places: readonly HostPlace[], asOf?: Instant) => findHosts(readerAsOf(reader, asOf), places),
  };
}

function endpointsOf(reader: Reader) {
  return {
    page: (filter: EndpointFilter, page: PageRequest, asOf?: Instant) =>
      pageOfEndpoints(readerAsOf(reader, asOf), filter, page),
    count: (filter: EndpointFilter, asOf?: Instant) => countEndpoints(readerAsOf(reader, asOf), filter),
    pagesOfHosts: (places: readonly HostPlace[], page: PageRequest, asOf?: Instant) =>
      pagesOfHostEndpoints(readerAsOf(reader, asOf), places, page),
    findMany: (places: readonly EndpointPlace[], asOf?: Instant) =>
      findEndpoints(readerAsOf(reader, asOf), places),
    rawLooks: (places: readonly EndpointPlace[], asOf?: Instant) =>
      rawLooksAt(readerAsOf(reader, asOf), places),
  };
}

function scansOf(session: Session) {
  return {
    page: (filter: ScanFilter, page: PageRequest) => pageOfScans(session, filter, page),
    count: (filter: ScanFilter) => countScans(session, filter),
    find: async (id: ScanId) => (await findScans(session, [id]))[0],
    findMany: (ids: readonly ScanId[]) => findScans(session, ids),
  };
}

function changesOf(session: Session) {
  return {
    page: (filter: ChangeFilter, page: PageRequest) => pageOfChanges(session, filter, page),
    count: (filter: ChangeFilter) => countChanges(session, filter),
    findMany: (ids: readonly string[]) => findChanges(session, ids),
    pagesAt: (places: readonly ChangePlace[], request: PageRequest, asOf?: Instant) =>
      pagesOfChangesAt(session, places, { request, asOf }),
    countAt: (places: readonly ChangePlace[], asOf?: Instant) => countChangesAt(session, places, asOf),
  };
}
