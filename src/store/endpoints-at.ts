import { absentContent, stateOf } from '../core/content.ts';
import type { PortKey } from '../core/endpoint.ts';
import type {
  CountedPage,
  EndpointPlace,
  EndpointRecord,
  HostPlace,
  PageRequest,
  RawLook,
  Scanner,
} from '../core/model.ts';
import { comparePositions } from '../core/timeline.ts';
import type { Evidence } from '../core/views.ts';
import { decodeHost } from './endpoint-candidates.ts';
import { endpointCursors, isBetween, toRecord } from './endpoint-records.ts';
import {
  addContents,
  gatherEvidence,
  type KnownHost,
  keyOf,
  latestContents,
  type Reader,
  withContents,
} from './evidence.ts';
import { hostKey, readHostsAt } from './host-places.ts';
import { evidenceOn, portsOfReading, readingsAt } from './host-readings.ts';
import { pageOf, stretchOf } from './page.ts';
import { scannersInService } from './scanners.ts';

/** The same page of the kept endpoints of each host, in the order of the places. Throws BadInput. */
export async function pagesOfHostEndpoints(
  reader: Reader,
  places: readonly HostPlace[],
  request: PageRequest,
): Promise<CountedPage<EndpointRecord>[]> {
  const stretch = stretchOf(request, endpointCursors);
  const readings = await readingsAt(reader, places);
  const wanted = places.map((place) => {
    const { addressSpaceId, address } = place;
    const reading = readings.get(hostKey(place));
    const kept = reading === undefined ? [] : portsOfReading(reading);
    const ports = kept.filter((port) => isBetween({ addressSpaceId, address, port }, stretch));
    if (stretch.backward) ports.reverse();
    ports.splice(stretch.limit);
    const evidence = reading === undefined ? [] : evidenceOn(reading, ports);
    return { host: { addressSpaceId, address }, ports, total: kept.length, evidence };
  });
  return (await addContents(reader, wanted)).map(({ host, ports, evidence }, i) => {
    const { addressSpaceId, address } = host;
    const found = ports.map((port) => ({ addressSpaceId, address, port }));
    const records = found.map((place) => ({ place, node: toRecord(reader, place, evidence) }));
    return { ...pageOf(records, request, endpointCursors), total: wanted[i]?.total ?? 0 };
  });
}

/**
 * Endpoints as the scanners that know their hosts see them, in the order of the places; where none does, every
 * scanner of the address space in service says why it does not know.
 */
export async function findEndpoints(
  reader: Reader,
  places: readonly EndpointPlace[],
): Promise<EndpointRecord[]> {
  const [hosts, scanners] = await Promise.all([
    readHostsAt(reader.session, places, reader.asOf),
    scannersInService(reader.session),
  ]);
  const known = places.map((place): KnownHost => {
    const stored = hosts.get(hostKey(place));
    if (stored === undefined) return unknownHost(place, scanners);
    return decodeHost(stored, [{ first: place.port, last: place.port }]);
  });
  const evidence = await gatherEvidence(reader, known, scanners);
  const found = places.map((host, i) => ({ host, ports: [host.port], evidence: evidence[i] ?? [] }));
  const complete = await addContents(reader, found);
  return places.map((place, i) => toRecord(reader, place, complete[i]?.evidence ?? []));
}

/** A host of which each scanner of its address space may say what it knows. */
function unknownHost(
  { addressSpaceId, address }: HostPlace,
  scanners: ReadonlyMap<number, Scanner>,
): KnownHost {
  const own = [...scanners.values()].filter((scanner) => scanner.addressSpaceId === addressSpaceId);
  return { addressSpaceId, address, states: new Map(own.map(({ id }) => [id, undefined])) };
}

/**
 * What the tools said word for word in each scanner's latest applied look at endpoints, by scanner, in the order of
 * the places.
 */
export async function rawLooksAt(reader: Reader, places: readonly EndpointPlace[]): Promise<RawLook[][]> {
  const scanners = await scannersInService(reader.session);
  const hosts = [...new Map(places.map((place) => [hostKey(place), unknownHost(place, scanners)])).values()];
  const evidence = await gatherEvidence(reader, hosts, scanners);
  const wanted = hosts.flatMap(({ states, ...place }) =>
    Array.from(states.keys(), (scannerId) => ({ ...place, scannerId })),
  );
  const contents = await latestContents(reader.session, wanted, { asOf: reader.asOf });
  const known = new Map(
    hosts.map((host, i) => [
      hostKey(host),
      (evidence[i] ?? []).map((one) => withContents(one, contents.get(keyOf({ ...host, ...one })))),
    ]),
  );
  return places.map((place) => lastWords(place.port, known.get(hostKey(place)) ?? []));
}

function lastWords(port: PortKey, evidence: readonly Evidence[]): RawLook[] {
  return evidence.flatMap(({ looks, scannerId }) => {
    const latestFirst = [...looks].sort((a, b) => comparePositions(b, a));
    for (const { profile, content = absentContent(profile), scan, at } of latestFirst) {
      const state = stateOf(content, profile, port);
      if (state !== undefined) return [{ scannerId, scanId: scan, at, state }];
    }
    return [];
  });
}
