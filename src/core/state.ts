import { decodeServices, type EncodedService, encodeServices } from './content.ts';
import {
  formatPortSet,
  holdsPort,
  intersectPorts,
  type PortKey,
  type PortSet,
  parsePortSet,
  setOfPorts,
} from './endpoint.ts';
import { objectText } from './json-text.ts';
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
  let last: EndpointState | undefined;
  let ports: PortKey[] = [];
  for (const [port, endpoint] of inOrder(state.endpoints)) {
    if (last === undefined || !isSameGroup(last, endpoint)) ports = groupOf(groups, datesText(endpoint));
    last = endpoint;
    ports.push(port);
    if (endpoint.service !== undefined) services.set(port, endpoint.service);
  }
  const { streak, firstSeen, names, mac } = state;
  return objectText({
    s: `"${state.status}"`,
    t: `${state.at}`,
    c: `${state.scan}`,
    k: streak && `[${streak.count},${streak.since}]`,
    n: names.length === 0 ? undefined : JSON.stringify(names),
    l: state.namesKnown ? '1' : undefined,
    f: state.failedLookups === 0 ? undefined : `${state.failedLookups}`,
    m: mac === undefined ? undefined : JSON.stringify(mac),
    i: firstSeen && `[${firstSeen.at},${firstSeen.scan}]`,
    p: `[${Array.from(groups, ([dates, own]) => `["${formatPortSet(setOfPorts(own))}",${dates}]`).join(',')}]`,
    v: services.size === 0 ? undefined : encodeServices(services),
  });
}

/** The endpoints by port. A state that was just folded has them in this order already. */
function inOrder(endpoints: HostState['endpoints']): Iterable<[PortKey, EndpointState]> {
  let previous = -1;
  for (const port of endpoints.keys()) {
    if (port < previous) return [...endpoints].sort(([a], [b]) => a - b);
    previous = port;
  }
  return endpoints;
}

function isSameGroup(a: EndpointState, b: EndpointState): boolean {
  return (
    a.at === b.at &&
    a.scan === b.scan &&
    a.open === b.open &&
    a.closedAt === b.closedAt &&
    a.everOpen === b.everOpen &&
    a.streak?.count === b.streak?.count &&
    a.streak?.since === b.streak?.since
  );
}

/** What follows the ports in an EncodedGroup. */
function datesText({ open, at, scan, closedAt, everOpen, streak }: EndpointState): string {
  const dates = `${open ? 1 : 0},${at},${scan},${closedAt ?? 0},${everOpen ? 1 : 0}`;
  return streak === undefined ? dates : `${dates},${streak.count},${streak.since}`;
}

function groupOf(groups: Map<string, PortKey[]>, dates: string): PortKey[] {
  const known = groups.get(dates);
  if (known !== undefined) return known;
  const ports: PortKey[] = [];
  groups.set(dates, ports);
  return ports;
}

/**
 * Reads what `encodeState` wrote, without services: where hosts are read by the thousand to be assessed. Endpoints
 * with the same dates are one object.
 */
export function decodeBareState(text: string): HostState {
  // A text inside of JSON has its quotes escaped, so the key is found only where it is one.
  const services = text.indexOf(',"v":');
  return decodeState(services < 0 ? text : `${text.slice(0, services)}}`);
}

interface EncodedState {
  readonly s: HostState['status'];
  readonly t: Instant;
  readonly c: ScanId;
  readonly k?: [number, Instant];
  readonly n?: string[];
  readonly l?: 1;
  readonly f?: number;
  readonly m?: string;
  readonly i?: [Instant, ScanId];
  readonly p: EncodedGroup[];
  readonly v?: EncodedService[];
}

/** Reads what `encodeState` wrote; with `only`, no other endpoints than these. */
export function decodeState(text: string, only?: PortSet): HostState {
  return new PackedState(text).unpack(only);
}

/** A state as `encodeState` wrote it, of which only those endpoints are decoded that are asked for. */
export class PackedState {
  readonly #raw: EncodedState;

  constructor(text: string) {
    this.#raw = JSON.parse(text) as EncodedState;
  }

  /** The ports of all endpoints, ascending. */
  ports(): PortKey[] {
    const ports: PortKey[] = [];
    for (const [text] of this.#raw.p) ports.push(...portsIn(text, undefined));
    return this.#raw.p.length === 1 ? ports : ports.sort((a, b) => a - b);
  }

  /** The state with its endpoints, or with those of the ports only. */
  unpack(only?: PortSet): HostState {
    const raw = this.#raw;
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
      endpoints: only?.length === 0 ? new Map() : decodeEndpoints(raw.p, servicesOf(raw, only), only),
    };
  }
}

function servicesOf({ v = [] }: EncodedState, only: PortSet | undefined): ReadonlyMap<PortKey, Service> {
  return decodeServices(only === undefined ? v : v.filter(([port]) => holdsPort(only, port)));
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
  return new Map(groups.length === 1 ? endpoints : endpoints.sort(([a], [b]) => a - b));
}

function* portsIn(text: string, only: PortSet | undefined): Generator<PortKey> {
  const all = parsePortSet(text);
  const set = only === undefined ? all : intersectPorts(all, only);
  for (const { first, last } of set) for (let port = first; port <= last; port += 1) yield port;
}
