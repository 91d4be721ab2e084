import { type Address, parseAddress } from '../core/address.ts';
import { agree } from '../core/agreement.ts';
import { absentContent, stateOf } from '../core/content.ts';
import type { PortKey } from '../core/endpoint.ts';
import type { EndpointFilter, EndpointRecord, Page, PageRequest, RawLook, Scanner } from '../core/model.ts';
import { comparePositions } from '../core/timeline.ts';
import { type Evidence, viewEndpoint } from '../core/views.ts';
import { limits } from '../limits.ts';
import { type DecodedHost, decodeHost, fitnessOf, keptPorts } from './endpoint-candidates.ts';
import { countKeptEndpoints, countPastEndpoints } from './endpoint-count.ts';
import {
  addContents,
  gatherEvidence,
  type HostEvidence,
  keyOf,
  latestContents,
  type Reader,
  withContents,
} from './evidence.ts';
import { type HostSelection, selectHostsOfEndpoints } from './host-selection.ts';
import { compareHosts, type HostPlace, readHost, type Walk, walkHosts } from './host-walk.ts';
import { type CursorFormat, packFields, pageOf, type Stretch, stretchOf, unpackFields } from './page.ts';
import { selectPastHostsOfEndpoints } from './past-selection.ts';
import { allScanners } from './scanners.ts';

interface EndpointPlace extends HostPlace {
  readonly port: PortKey;
}

const cursors: CursorFormat<EndpointPlace> = {
  format: ({ addressSpaceId, address, port }) => packFields([String(addressSpaceId), address, String(port)]),
  read: (text) => {
    const patterns = [/^\d{1,9}$/, /^[\d.:a-f]{2,45}$/, /^\d{1,6}$/];
    const [space, address, port] = unpackFields(text, patterns) ?? [];
    const canonical = address === undefined ? undefined : parseAddress(address);
    if (canonical === undefined) return undefined;
    return { addressSpaceId: Number(space), address: canonical, port: Number(port) };
  },
};

/** A page of endpoints in the order of their address spaces, addresses and ports. Throws BadInput. */
export async function pageOfEndpoints(
  reader: Reader,
  filter: EndpointFilter,
  request: PageRequest,
): Promise<Page<EndpointRecord>> {
  const stretch = stretchOf(request, cursors);
  const selection = await selectIn(reader, filter);
  const found: EndpointRecord[] = [];
  for await (const records of matchingEndpoints(reader, { filter, selection, stretch })) {
    found.push(...records);
    if (found.length >= stretch.limit) break;
  }
  return pageOf(
    found.map((node) => ({ place: node, node })),
    request,
    cursors,
  );
}

/** How many endpoints a filter means. Throws BadInput. */
export async function countEndpoints(reader: Reader, filter: EndpointFilter): Promise<number> {
  const { session, asOf } = reader;
  const counted = await (asOf === undefined
    ? countKeptEndpoints(session, filter)
    : countPastEndpoints(session, filter, asOf));
  if (counted !== undefined) return counted;
  const selection = await selectIn(reader, filter);
  const stretch = { backward: false, after: undefined, before: undefined, limit: Number.POSITIVE_INFINITY };
  let count = 0;
  for await (const records of matchingEndpoints(reader, { filter, selection, stretch }))
    count += records.length;
  return count;
}

function selectIn({ session, asOf }: Reader, filter: EndpointFilter): Promise<HostSelection> {
  if (asOf === undefined) return selectHostsOfEndpoints(session, filter);
  return selectPastHostsOfEndpoints(session, filter, asOf);
}

interface Search {
  readonly filter: EndpointFilter;
  readonly selection: HostSelection;
  readonly stretch: Stretch<EndpointPlace>;
}

/** The endpoints that fit, in order, at least as many as the stretch wants where there are so many. */
async function* matchingEndpoints(reader: Reader, search: Search): AsyncGenerator<EndpointRecord[]> {
  const { filter, selection, stretch } = search;
  let missing = stretch.limit;
  for await (const hosts of walkHosts(reader.session, walkOf(search))) {
    const candidates: { host: DecodedHost; ports: PortKey[] }[] = [];
    let sure = 0;
    for (const stored of hosts) {
      const host = decodeHost(stored, filter.ports);
      const candidate = candidatePorts(host, search, missing - sure);
      sure += candidate.sure;
      if (candidate.ports.length > 0) candidates.push({ host, ports: candidate.ports });
      if (sure >= missing) break;
    }
    const records = await toRecords(reader, candidates, search.selection.scanners);
    const { verdicts } = filter;
    const fitting = records.filter(
      (record) => verdicts === undefined || verdicts.includes(verdictOf(record, selection)),
    );
    yield fitting;
    missing -= fitting.length;
    if (missing <= 0) return;
  }
}

/** The answer of the asked scanners together. */
function verdictOf({ views }: EndpointRecord, { asked }: HostSelection) {
  return agree(views.filter(({ scannerId }) => asked.has(scannerId)).map(({ verdict }) => verdict));
}

/** With a few ports every host has one of them; else a host has several. */
function walkOf({ filter, selection, stretch }: Search): Walk {
  const { after, before, limit } = stretch;
  const hostsMax = Math.min(limit + 2, limits.hostBatchMax);
  return {
    selection,
    isDescending: stretch.backward,
    first: after,
    last: before,
    batch: filter.ports === undefined ? Math.ceil(hostsMax / 8) : hostsMax,
  };
}

/** Ports of one host that fit or may fit, in the direction of the stretch, until so many are sure to fit. */
function candidatePorts(
  host: DecodedHost,
  { filter, selection, stretch }: Search,
  wanted: number,
): { ports: PortKey[]; sure: number } {
  const { asked } = selection;
  const all = keptPorts(host, asked);
  if (stretch.backward) all.reverse();
  const ports: PortKey[] = [];
  let sure = 0;
  for (const port of all) {
    if (sure >= wanted) break;
    if (!isBetween({ ...host, port }, stretch)) continue;
    const fitness = fitnessOf(port, host, { filter, asked });
    if (fitness === 'fails') continue;
    ports.push(port);
    if (fitness === 'fits') sure += 1;
  }
  return { ports, sure };
}

function isBetween(place: EndpointPlace, { after, before }: Stretch<EndpointPlace>): boolean {
  if (after !== undefined && comparePlaces(place, after) <= 0) return false;
  return before === undefined || comparePlaces(place, before) < 0;
}

function comparePlaces(a: EndpointPlace, b: EndpointPlace): number {
  return compareHosts(a, b) || a.port - b.port;
}

async function toRecords(
  reader: Reader,
  candidates: readonly { readonly host: DecodedHost; readonly ports: readonly PortKey[] }[],
  scanners: ReadonlyMap<number, Scanner>,
): Promise<EndpointRecord[]> {
  if (candidates.length === 0) return [];
  const evidence = await gatherEvidence(
    reader,
    candidates.map(({ host }) => host),
    scanners,
  );
  const found: HostEvidence[] = candidates.map(({ host, ports }, i) => ({
    host,
    ports,
    evidence: evidence[i] ?? [],
  }));
  return (await addContents(reader, found)).flatMap(({ host, ports, evidence: known }) =>
    ports.map((port) => toRecord(reader, { ...host, port }, known)),
  );
}

function toRecord(
  { asOf }: Reader,
  { addressSpaceId, address, port }: EndpointPlace,
  evidence: readonly Evidence[],
): EndpointRecord {
  const views = evidence.map((one) => viewEndpoint(port, one));
  const verdict = agree(views.map((view) => view.verdict));
  return { addressSpaceId, address, port, verdict, views, ...(asOf === undefined ? {} : { asOf }) };
}

/** All endpoints of one host that are kept. */
export async function endpointsOfHost(
  reader: Reader,
  addressSpaceId: number,
  address: Address,
): Promise<EndpointRecord[]> {
  const stored = await readHost(reader.session, { addressSpaceId, address }, reader.asOf);
  if (stored === undefined) return [];
  const scanners = await scannersOf(reader, addressSpaceId);
  const host = decodeHost(stored, undefined);
  return toRecords(reader, [{ host, ports: keptPorts(host, new Set(scanners.keys())) }], scanners);
}

/**
 * One endpoint, as the scanners that know the host see it; where none does, every scanner of the address space in
 * service says why it does not know.
 */
export async function findEndpoint(
  reader: Reader,
  { addressSpaceId, address, port }: EndpointPlace,
): Promise<EndpointRecord> {
  const place = { addressSpaceId, address };
  const stored = await readHost(reader.session, place, reader.asOf);
  const scanners = await scannersOf(reader, addressSpaceId);
  const only = [{ first: port, last: port }];
  const host =
    stored === undefined
      ? { ...place, states: new Map(Array.from(scanners.keys(), (id) => [id, undefined])) }
      : decodeHost(stored, only);
  const [evidence = []] = await gatherEvidence(reader, [host], scanners);
  const [known] = await addContents(reader, [{ host: place, ports: [port], evidence }]);
  return toRecord(reader, { ...place, port }, known?.evidence ?? []);
}

/** What the tools said word for word in each scanner's latest applied look at an endpoint, by scanner. */
export async function rawLooksAt(
  reader: Reader,
  { addressSpaceId, address, port }: EndpointPlace,
): Promise<RawLook[]> {
  const place = { addressSpaceId, address };
  const scanners = await scannersOf(reader, addressSpaceId);
  const states = new Map(Array.from(scanners.keys(), (id) => [id, undefined]));
  const [evidence = []] = await gatherEvidence(reader, [{ ...place, states }], scanners);
  const wanted = Array.from(scanners.keys(), (scannerId) => ({ ...place, scannerId }));
  const contents = await latestContents(reader.session, wanted, { asOf: reader.asOf });
  return evidence.flatMap((one) => {
    const { looks, scannerId } = withContents(one, contents.get(keyOf({ ...place, ...one })));
    const latestFirst = [...looks].sort((a, b) => comparePositions(b, a));
    for (const { profile, content = absentContent(profile), scan, at } of latestFirst) {
      const state = stateOf(content, profile, port);
      if (state !== undefined) return [{ scannerId, scanId: scan, at, state }];
    }
    return [];
  });
}

/** The scanners in service of one address space. */
async function scannersOf(
  { session }: Reader,
  addressSpaceId: number,
): Promise<ReadonlyMap<number, Scanner>> {
  const scanners = await allScanners(session);
  return new Map(
    scanners
      .filter((scanner) => scanner.retiredAt === undefined && scanner.addressSpaceId === addressSpaceId)
      .map((scanner) => [scanner.id, scanner]),
  );
}
