import { decodeServices, type EncodedService, encodeServices } from './content.ts';
import {
  formatPortSet,
  intersectPorts,
  type PortKey,
  type PortSet,
  readPortSet,
  setOfPorts,
} from './endpoint.ts';
import type { Instant, Service } from './observation.ts';

/** Identifies a scan in the store. */
export type ScanId = number;

/** Consecutive covering looks that contradict the settled state. */
export interface Streak {
  /** How many so far; below the threshold. */
  readonly count: number;
  /** When the first of them was. */
  readonly since: Instant;
}

/** When a settled state began, and which scan decided it. */
export interface Since {
  readonly at: Instant;
  readonly scan: ScanId;
}

/** The settled state of one endpoint for one scanner. Endpoints that were never open are not kept unless pending. */
export interface EndpointState extends Since {
  readonly open: boolean;
  /** When it was last reported closed; undefined where it was never open or never closed. */
  readonly closedAt?: Instant;
  /** Where its host's first opening was logged before: the endpoint was open at some time. */
  readonly everOpen: boolean;
  readonly service?: Service;
  readonly streak?: Streak;
}

/**
 * The settled state of one host for one scanner. `unseen`: never covered. `down`: covered, never up.
 * `gone`: was up. `at` and `scan` say since when the status holds; for `down`, since when it is in doubt.
 */
export interface HostState extends Since {
  readonly status: 'unseen' | 'down' | 'up' | 'gone';
  readonly streak?: Streak;
  readonly names: readonly string[];
  /** Names were looked up at least once while the host was up. */
  readonly namesKnown: boolean;
  /** Consecutive look-ups without any name, while there were names before. */
  readonly failedLookups: number;
  readonly mac?: string;
  readonly firstSeen?: Since;
  readonly endpoints: ReadonlyMap<PortKey, EndpointState>;
}

/** The state of a host that no scan covered yet. */
export const unseenHost: HostState = {
  status: 'unseen',
  at: 0,
  scan: 0,
  names: [],
  namesKnown: false,
  failedLookups: 0,
  endpoints: new Map(),
};

/** The state of a host that was covered and never found up. */
export const downHost: HostState = { ...unseenHost, status: 'down' };

/** Whether another look with equal content could still change the state: a contradiction is being counted. */
export function isPending(state: HostState): boolean {
  if (state.streak !== undefined || state.failedLookups > 0) return true;
  for (const endpoint of state.endpoints.values()) if (endpoint.streak !== undefined) return true;
  return false;
}

/** The endpoints that are settled open, by port. */
export function openPorts(state: HostState): PortKey[] {
  const open: PortKey[] = [];
  for (const [port, endpoint] of state.endpoints) if (endpoint.open) open.push(port);
  return open.sort((a, b) => a - b);
}

type EncodedGroup = [
  ports: string,
  open: 0 | 1,
  at: Instant,
  scan: ScanId,
  closedAt: Instant | 0,
  everOpen: 0 | 1,
  count?: number,
  since?: Instant,
];

/** The state as compact text for the store: endpoints that share their dates are one group. */
export function encodeState(state: HostState): string {
  const groups = new Map<string, PortKey[]>();
  const services = new Map<PortKey, Service>();
  for (const [port, endpoint] of [...state.endpoints].sort(([a], [b]) => a - b)) {
    const { open, at, scan, closedAt, everOpen, streak, service } = endpoint;
    const key = JSON.stringify([
      open ? 1 : 0,
      at,
      scan,
      closedAt ?? 0,
      everOpen ? 1 : 0,
      ...(streak === undefined ? [] : [streak.count, streak.since]),
    ]);
    const ports = groups.get(key);
    if (ports === undefined) groups.set(key, [port]);
    else ports.push(port);
    if (service !== undefined) services.set(port, service);
  }
  return JSON.stringify({
    s: state.status,
    t: state.at,
    c: state.scan,
    k: state.streak && [state.streak.count, state.streak.since],
    n: state.names.length === 0 ? undefined : state.names,
    l: state.namesKnown ? 1 : undefined,
    f: state.failedLookups === 0 ? undefined : state.failedLookups,
    m: state.mac,
    i: state.firstSeen && [state.firstSeen.at, state.firstSeen.scan],
    p: Array.from(groups, ([key, ports]) => [
      formatPortSet(setOfPorts(ports)),
      ...(JSON.parse(key) as unknown[]),
    ]),
    v: services.size === 0 ? undefined : encodeServices(services),
  });
}

/** Reads what `encodeState` wrote; with `only`, no other endpoints than these. */
export function decodeState(text: string, only?: PortSet): HostState {
  const raw = JSON.parse(text) as {
    s: HostState['status'];
    t: Instant;
    c: ScanId;
    k?: [number, Instant];
    n?: string[];
    l?: 1;
    f?: number;
    m?: string;
    i?: [Instant, ScanId];
    p: EncodedGroup[];
    v?: EncodedService[];
  };
  return {
    status: raw.s,
    at: raw.t,
    scan: raw.c,
    ...(raw.k ? { streak: { count: raw.k[0], since: raw.k[1] } } : {}),
    names: raw.n ?? [],
    namesKnown: raw.l === 1,
    failedLookups: raw.f ?? 0,
    ...(raw.m === undefined ? {} : { mac: raw.m }),
    ...(raw.i ? { firstSeen: { at: raw.i[0], scan: raw.i[1] } } : {}),
    endpoints: decodeEndpoints(raw.p, decodeServices(raw.v ?? []), only),
  };
}

function decodeEndpoints(
  groups: readonly EncodedGroup[],
  services: ReadonlyMap<PortKey, Service>,
  only: PortSet | undefined,
): Map<PortKey, EndpointState> {
  const endpoints: [PortKey, EndpointState][] = [];
  for (const [text, open, at, scan, closedAt, everOpen, count, since] of groups) {
    const shared = {
      open: open === 1,
      at,
      scan,
      ...(closedAt === 0 ? {} : { closedAt }),
      everOpen: everOpen === 1,
      ...(count === undefined || since === undefined ? {} : { streak: { count, since } }),
    };
    for (const port of portsIn(text, only)) {
      const service = services.get(port);
      endpoints.push([port, service === undefined ? shared : { ...shared, service }]);
    }
  }
  return new Map(endpoints.sort(([a], [b]) => a - b));
}

function* portsIn(text: string, only: PortSet | undefined): Generator<PortKey> {
  const reading = readPortSet(text);
  const all: PortSet = reading.ok ? reading.ports : [];
  const set = only === undefined ? all : intersectPorts(all, only);
  for (const { first, last } of set) for (let port = first; port <= last; port += 1) yield port;
}
