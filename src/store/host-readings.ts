import type { PortSet } from '../core/endpoint.ts';
import { setOfPorts } from '../core/endpoint.ts';
import type { HostPlace } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import { type HostState, PackedState } from '../core/state.ts';
import type { Evidence } from '../core/views.ts';
import { gatherEvidence, type Reader } from './evidence.ts';
import { hostKey, readHostsAt } from './host-places.ts';
import type { StoredHost } from './host-walk.ts';
import { scannersInService } from './scanners.ts';

/** A host as it was read, with what its scanners know of it. The states of the evidence have no endpoints. */
export interface HostReading extends HostPlace {
  readonly states: ReadonlyMap<number, PackedState | HostState>;
  readonly evidence: readonly Evidence[];
  readonly asOf: Instant | undefined;
}

/** What records of hosts were made of: their endpoints need not be read again, and both tell of one moment. */
const readings = new WeakMap<HostPlace, HostReading>();

/** Remembers the reading as long as the record is in use. */
export function remember<T extends HostPlace>(record: T, reading: HostReading): T {
  readings.set(record, reading);
  return record;
}

/** Adds to hosts what their scanners know of them. */
export async function readingsOf(
  reader: Reader,
  stored: readonly StoredHost[],
  scanners: Parameters<typeof gatherEvidence>[2],
): Promise<HostReading[]> {
  const hosts = stored.map(({ addressSpaceId, address, states }) => ({
    addressSpaceId,
    address,
    states: new Map(
      states.map(({ scannerId, state }) => [
        scannerId,
        typeof state === 'string' ? new PackedState(state) : state,
      ]),
    ),
  }));
  const known = hosts.map(({ states, ...place }) => ({ ...place, states: unpackAll(states, []) }));
  const evidence = await gatherEvidence(reader, known, scanners);
  return hosts.map((host, i) => ({ ...host, evidence: evidence[i] ?? [], asOf: reader.asOf }));
}

/** The readings of places, by `hostKey`: those of records that are in use, and of what is read for the others. */
export async function readingsAt(
  reader: Reader,
  places: readonly HostPlace[],
): Promise<ReadonlyMap<string, HostReading>> {
  const remembered = places
    .map((place) => readings.get(place))
    .filter((reading) => reading !== undefined)
    .filter(({ asOf }) => asOf === reader.asOf);
  const found = new Map(remembered.map((reading) => [hostKey(reading), reading]));
  const missing = places.filter((place) => !found.has(hostKey(place)));
  if (missing.length === 0) return found;
  const [stored, scanners] = await Promise.all([
    readHostsAt(reader.session, missing, reader.asOf),
    scannersInService(reader.session),
  ]);
  const read = await readingsOf(reader, [...stored.values()], scanners);
  for (const reading of read) found.set(hostKey(reading), reading);
  return found;
}

/** The ports that any scanner keeps, ascending. */
export function portsOfReading({ states }: HostReading): number[] {
  const lists = Array.from(states.values(), (state) =>
    state instanceof PackedState ? state.ports() : [...state.endpoints.keys()],
  );
  const [first = [], ...more] = lists.filter((ports) => ports.length > 0);
  return more.length === 0 ? first : [...new Set([first, ...more].flat())].sort((a, b) => a - b);
}

/** The evidence with states that have the endpoints of these ports. */
export function evidenceOn({ states, evidence }: HostReading, ports: readonly number[]): Evidence[] {
  const unpacked = unpackAll(states, setOfPorts(ports));
  return evidence.map((one) => ({ ...one, state: unpacked.get(one.scannerId) }));
}

function unpackAll(states: HostReading['states'], only: PortSet): ReadonlyMap<number, HostState> {
  return new Map(
    Array.from(states, ([id, state]) => [id, state instanceof PackedState ? state.unpack(only) : state]),
  );
}
