import {
  countPorts,
  formatPortSet,
  holdsPort,
  intersectPorts,
  type PortKey,
  type PortSet,
  type Protocol,
  parsePortSet,
  portKey,
  protocolOf,
  protocols,
  setOfPorts,
  unionOfPorts,
} from './endpoint.ts';
import { normalise, numberLine, subtract } from './intervals.ts';
import { objectText } from './json-text.ts';
import {
  type HostObservation,
  type NotOpenUnknown,
  type RawState,
  rawStates,
  type Service,
  type Verdict,
  verdictOf,
} from './observation.ts';
import type { Profile } from './scope.ts';

/** The state of a port that is not open; the tool's own word, or `not open` where the report only counts. */
export type ShutState = Exclude<RawState, 'open'> | NotOpenUnknown;

const shutStates: readonly ShutState[] = [...rawStates.filter((state) => state !== 'open'), 'not open'];

/**
 * What one scan says about one host, in the one form that equal facts share: whether a report lists
 * ports one by one or collapses them makes no difference here. This is what is digested and stored.
 */
export interface HostContent {
  readonly status: 'up' | 'down' | 'unknown';
  /** Sorted names; undefined where names were not looked up. */
  readonly names?: readonly string[];
  readonly mac?: string;
  readonly open: PortSet;
  /** Ports that are not open and whose state is not their protocol's usual one. */
  readonly shut: readonly { readonly state: ShutState; readonly ports: PortSet }[];
  /** The state of every other covered port, by protocol. */
  readonly usual: Readonly<Partial<Record<Protocol, ShutState>>>;
  readonly services: ReadonlyMap<PortKey, Service>;
}

/** What a scan says about a covered host that it does not list. */
export function absentContent(profile: Profile): HostContent {
  const usual: Partial<Record<Protocol, ShutState>> = {};
  const closed = profile.absent === 'nothing_open' ? profile.ports : [];
  for (const protocol of protocols) {
    if (intersectPorts(closed, rangeOf(protocol)).length > 0) usual[protocol] = 'not open';
  }
  const status = profile.absent === 'down' ? 'down' : 'unknown';
  return { status, open: [], shut: [], usual, services: new Map() };
}

/**
 * The content of an observation as seen under a profile. Ports that are listed, but neither open nor
 * covered, say nothing and are left out.
 */
export function contentOf(host: HostObservation, profile: Profile): HostContent {
  const open = setOfPorts(host.ports.filter(({ state }) => state === 'open').map(({ port }) => port));
  const covered = host.timedOut ? [] : profile.ports;
  const answered = host.ports.some(isAnswer) || host.collapsed.some(isAnswer);
  const status = host.status === 'unknown' && profile.status && answered ? 'up' : host.status;
  return {
    status,
    ...(profile.names && status !== 'down' ? { names: foldedNames(host.names) } : {}),
    ...(host.mac === undefined ? {} : { mac: host.mac }),
    open,
    ...(status === 'down' ? { shut: [], usual: {} } : shutPorts(host, subtract(numberLine, covered, open))),
    services: servicesOf(host),
  };
}

/** Names as DNS compares them: without regard to the case of ASCII letters (RFC 4343) and to the dot of the root. */
function foldedNames(names: readonly string[]): readonly string[] {
  if (!names.some((name) => /[A-Z]|\.$/.test(name))) return names;
  const folded = names.map((name) =>
    name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()).replace(/(?<=.)\.$/, ''),
  );
  return [...new Set(folded)].sort();
}

/** Only a host that is up says so. */
function isAnswer({ state, count = 1 }: { readonly state: RawState; readonly count?: number }): boolean {
  return count > 0 && (state === 'open' || state === 'closed' || state === 'unfiltered');
}

/** What the content says about one port under its profile; undefined where it was not looked at. */
export function stateOf(
  content: HostContent,
  profile: Profile,
  port: PortKey,
): RawState | NotOpenUnknown | undefined {
  if (holdsPort(content.open, port)) return 'open';
  if (!holdsPort(profile.ports, port)) return undefined; // Not scanned is not closed.
  for (const { state, ports } of content.shut) if (holdsPort(ports, port)) return state;
  return content.usual[protocolOf(port)];
}

/** The verdict of the content on one port; undefined where it was not looked at. */
export function verdictOn(content: HostContent, profile: Profile, port: PortKey): Verdict | undefined {
  const state = stateOf(content, profile, port);
  return state === undefined ? undefined : verdictOf(state);
}

const statusLetters = { up: 'u', down: 'd', unknown: '?' } as const;

/** The content as canonical text: equal facts give equal text. `decodeContent` reads it back. */
export function encodeContent(content: HostContent): string {
  const { status, names, mac, open, shut, usual, services } = content;
  return objectText({
    s: `"${statusLetters[status]}"`,
    n: names && JSON.stringify(names),
    m: mac === undefined ? undefined : JSON.stringify(mac),
    o: open.length === 0 ? undefined : `"${formatPortSet(open)}"`,
    x:
      shut.length === 0
        ? undefined
        : JSON.stringify(shut.map(({ state, ports }) => [state, formatPortSet(ports)])),
    u: Object.keys(usual).length === 0 ? undefined : JSON.stringify(usual),
    v: services.size === 0 ? undefined : encodeServices(services),
  });
}

/** Reads what `encodeContent` wrote, without services: where only verdicts are asked for. */
export function decodeBareContent(text: string): HostContent {
  // A text inside of JSON has its quotes escaped, so the key is found only where it is one.
  const services = text.indexOf(',"v":');
  return decodeContent(services < 0 ? text : `${text.slice(0, services)}}`);
}

/** Reads what `encodeContent` wrote. */
export function decodeContent(text: string): HostContent {
  const raw = JSON.parse(text) as {
    s: string;
    n?: string[];
    m?: string;
    o?: string;
    x?: [ShutState, string][];
    u?: Partial<Record<Protocol, ShutState>>;
    v?: EncodedService[];
  };
  return {
    status: raw.s === 'u' ? 'up' : raw.s === 'd' ? 'down' : 'unknown',
    ...(raw.n === undefined ? {} : { names: raw.n }),
    ...(raw.m === undefined ? {} : { mac: raw.m }),
    open: portsOf(raw.o),
    shut: (raw.x ?? []).map(([state, ports]) => ({ state, ports: portsOf(ports) })),
    usual: raw.u ?? {},
    services: decodeServices(raw.v ?? []),
  };
}

/** A service as a short array: port, probed, then name, product, version, extra, tunnel, cpe; the tail may be missing. */
export type EncodedService = [PortKey, 0 | 1, ...(string | 0 | readonly string[])[]];

/** The JSON of services in the order of their map: an array of EncodedService. */
export function encodeServices(services: ReadonlyMap<PortKey, Service>): string {
  let text = '';
  for (const [port, service] of services)
    text += `${text === '' ? '' : ','}[${port},${serviceText(service)}]`;
  return `[${text}]`;
}

/** Readers share one object among equal services, and most services of a network are equal. */
const serviceTexts = new WeakMap<Service, string>();

/** What follows the port in an EncodedService. */
function serviceText(service: Service): string {
  const known = serviceTexts.get(service);
  if (known !== undefined) return known;
  const { probed, name, product, version, extra, tunnel, cpe } = service;
  const fields = [probed ? 1 : 0, name ?? 0, product ?? 0, version ?? 0, extra ?? 0, tunnel ?? 0, cpe ?? 0];
  while (fields.length > 1 && fields.at(-1) === 0) fields.pop();
  const text = JSON.stringify(fields).slice(1, -1);
  serviceTexts.set(service, text);
  return text;
}

/** Reads the array that `encodeServices` wrote. */
export function decodeServices(encoded: readonly EncodedService[]): Map<PortKey, Service> {
  const services = new Map<PortKey, Service>();
  for (const [port, probed, name, product, version, extra, tunnel, cpe] of encoded) {
    const service: { -readonly [K in keyof Service]: Service[K] } = { probed: probed === 1 };
    if (name) service.name = name as string;
    if (product) service.product = product as string;
    if (version) service.version = version as string;
    if (extra) service.extra = extra as string;
    if (tunnel) service.tunnel = tunnel as string;
    if (cpe) service.cpe = cpe as readonly string[];
    services.set(port, service);
  }
  return services;
}

function portsOf(text: string | undefined): PortSet {
  if (text === undefined || text === '') return [];
  return parsePortSet(text);
}

function rangeOf(protocol: Protocol): PortSet {
  const first = portKey(protocol, 0);
  return [{ first, last: first | 0xffff }];
}

function servicesOf(host: HostObservation): Map<PortKey, Service> {
  const services = new Map<PortKey, Service>();
  for (const { port, state, service } of host.ports) {
    if (state === 'open' && service !== undefined) services.set(port, service);
  }
  return services;
}

/** Sorts the covered ports that are not open by state; the state of most ports of a protocol is its usual one. */
function shutPorts(host: HostObservation, covered: PortSet): Pick<HostContent, 'shut' | 'usual'> {
  const shut: { state: ShutState; ports: PortSet }[] = [];
  const usual: Partial<Record<Protocol, ShutState>> = {};
  for (const protocol of protocols) {
    const own = intersectPorts(covered, rangeOf(protocol));
    if (own.length === 0) continue;
    const byState = statesOf(host, protocol, own);
    const most = [...byState].sort(
      ([a, left], [b, right]) =>
        countPorts(right) - countPorts(left) || shutStates.indexOf(a) - shutStates.indexOf(b),
    )[0];
    if (most === undefined) continue;
    usual[protocol] = most[0];
    for (const state of shutStates) {
      const ports = byState.get(state);
      if (ports !== undefined && state !== most[0]) shut.push({ state, ports });
    }
  }
  return { shut: joinStates(shut), usual };
}

/** One entry for each state, ports of all protocols together, in the order of `shutStates`. */
function joinStates(shut: readonly { state: ShutState; ports: PortSet }[]): HostContent['shut'] {
  return shutStates.flatMap((state) => {
    const own = shut.filter((entry) => entry.state === state);
    if (own.length === 0) return [];
    return [{ state, ports: own.reduce<PortSet>((all, { ports }) => unionOfPorts(all, ports), []) }];
  });
}

/** The covered ports of one protocol that are not open, by state. */
function statesOf(host: HostObservation, protocol: Protocol, covered: PortSet): Map<ShutState, PortSet> {
  const listed = new Map<ShutState, { first: number; last: number }[]>();
  for (const { port, state } of host.ports) {
    if (state === 'open' || protocolOf(port) !== protocol || !holdsPort(covered, port)) continue;
    const ports = listed.get(state);
    if (ports === undefined) listed.set(state, [{ first: port, last: port }]);
    else ports.push({ first: port, last: port });
  }
  const byState = new Map<ShutState, PortSet>();
  let rest = covered;
  for (const [state, ports] of listed) {
    const set = normalise(numberLine, ports);
    byState.set(state, set);
    rest = subtract(numberLine, rest, set);
  }
  for (const [state, ports] of collapsedStates(host, protocol, rest)) {
    byState.set(state, unionOfPorts(byState.get(state) ?? [], ports));
  }
  return byState;
}

/** Which state the ports have that the report does not list one by one. */
function collapsedStates(host: HostObservation, protocol: Protocol, rest: PortSet): [ShutState, PortSet][] {
  const own = host.collapsed.filter(
    (entry) => (entry.protocol ?? protocol) === protocol && entry.state !== 'open',
  );
  const [only, second] = own;
  if (rest.length === 0) return [];
  if (only === undefined) return [['not open', rest]];
  if (second === undefined && (only.ports === undefined || only.count >= countPorts(rest))) {
    return [[only.state as ShutState, rest]];
  }
  const states: [ShutState, PortSet][] = [];
  let unknown = rest;
  for (const { state, ports } of own) {
    if (ports === undefined) continue;
    const exact = intersectPorts(ports, unknown);
    if (exact.length > 0) states.push([state as ShutState, exact]);
    unknown = subtract(numberLine, unknown, exact);
  }
  if (unknown.length > 0) {
    const states_ = new Set(own.filter(({ ports }) => ports === undefined).map(({ state }) => state));
    const [state] = states_.size === 1 ? states_ : ['not open' as const];
    states.push([state as ShutState, unknown]);
  }
  return states;
}
