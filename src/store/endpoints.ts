import { agree } from '../core/agreement.ts';
import type { PortKey } from '../core/endpoint.ts';
import type { EndpointFilter, EndpointPlace, EndpointRecord, Page, PageRequest } from '../core/model.ts';
import { limits } from '../limits.ts';
import { type DecodedHost, decodeHost, fitnessOf, keptPorts } from './endpoint-candidates.ts';
import { countKeptEndpoints, countPastEndpoints } from './endpoint-count.ts';
import { endpointCursors, isBetween, toRecords } from './endpoint-records.ts';
import type { Reader } from './evidence.ts';
import { type HostSelection, selectHostsOfEndpoints } from './host-selection.ts';
import { type Walk, walkHosts } from './host-walk.ts';
import { pageOf, type Stretch, stretchOf } from './page.ts';
import { selectPastHostsOfEndpoints } from './past-selection.ts';

/** A page of endpoints in the order of their address spaces, addresses and ports. Throws BadInput. */
export async function pageOfEndpoints(
  reader: Reader,
  filter: EndpointFilter,
  request: PageRequest,
): Promise<Page<EndpointRecord>> {
  const stretch = stretchOf(request, endpointCursors);
  const selection = await selectIn(reader, filter);
  const found: EndpointRecord[] = [];
  for await (const records of matchingEndpoints(reader, { filter, selection, stretch })) {
    found.push(...records);
    if (found.length >= stretch.limit) break;
  }
  return pageOf(
    found.map((node) => ({ place: node, node })),
    request,
    endpointCursors,
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
