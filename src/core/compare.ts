import type { Address } from './address.ts';
import { intersectPorts, type PortKey, type PortSet } from './endpoint.ts';
import {
  type FactStatus,
  factsOf,
  type HostFacts,
  type HostSight,
  joinStates,
  type PortState,
  type StatePorts,
} from './host-facts.ts';
import { numberLine, subtract } from './intervals.ts';
import { type Service, verdictOf } from './observation.ts';

/** The two sides of one fact; undefined where a side does not know it. */
export interface Sides<T> {
  readonly before?: T;
  readonly after?: T;
}

/** Ports whose state differs in one way; a side without a state did not look at them. */
export interface PortDifference extends Sides<PortState> {
  readonly ports: PortSet;
}

/** What is known of the service behind one port. */
export interface ServiceDifference extends Sides<Service> {
  readonly port: PortKey;
}

/** Everything in which two scans differ about one address: what is said otherwise, and what only one side knows. */
export interface HostDifference {
  readonly address: Address;
  readonly status: { readonly before: FactStatus; readonly after: FactStatus };
  /** Only where the names differ. */
  readonly names?: Sides<readonly string[]>;
  readonly mac?: Sides<string>;
  readonly ports: readonly PortDifference[];
  readonly services: readonly ServiceDifference[];
}

/** In which way two scans differ about a host as a whole. */
export type HostChange = 'appeared' | 'disappeared' | 'changed' | 'not_comparable';

/**
 * What a difference in one fact says: it is new, gone, or otherwise; or nothing, because one side did not look
 * or does not know enough.
 */
export type FactChange = 'added' | 'removed' | 'changed' | 'not_comparable';

/** Compares two sights of one address, undefined where a scan says nothing about it. Undefined where nothing differs. */
export function compareSights(
  address: Address,
  before: HostSight | undefined,
  after: HostSight | undefined,
): HostDifference | undefined {
  return compareFacts(address, factsOf(before), factsOf(after));
}

/** Compares facts about one address. Undefined where nothing differs. */
export function compareFacts(
  address: Address,
  before: HostFacts,
  after: HostFacts,
): HostDifference | undefined {
  const names = sidesOf(before.names, after.names, sameTexts);
  const mac = sidesOf(before.mac, after.mac, Object.is);
  const ports = comparePorts(before.ports, after.ports);
  const services = compareServices(before.services, after.services);
  const isEqual = before.status === after.status && names === undefined && mac === undefined;
  if (isEqual && ports.length === 0 && services.length === 0) return undefined;
  return {
    address,
    status: { before: before.status, after: after.status },
    ...(names === undefined ? {} : { names }),
    ...(mac === undefined ? {} : { mac }),
    ports,
    services,
  };
}

/** The facts after a difference: the inverse of `compareFacts`, given the facts before. */
export function applyDifference(difference: HostDifference, facts: HostFacts): HostFacts {
  const names = difference.names === undefined ? facts.names : difference.names.after;
  const mac = difference.mac === undefined ? facts.mac : difference.mac.after;
  return {
    status: difference.status.after,
    ...(names === undefined ? {} : { names }),
    ...(mac === undefined ? {} : { mac }),
    ports: applyPorts(difference.ports, facts.ports),
    services: applyServices(difference.services, facts.services),
  };
}

/** In which way the host as a whole differs. */
export function hostChangeOf({ status, ports }: HostDifference): HostChange {
  if (status.before === 'not_looked_at' || status.after === 'not_looked_at') return 'not_comparable';
  // A tool that does not test for it (masscan) still found a host up where a port is open.
  const isUp = (side: 'before' | 'after') =>
    status[side] === 'up' || (status[side] === 'unknown' && ports.some((port) => port[side] === 'open'));
  if (status.before === 'down' && isUp('after')) return 'appeared';
  return status.after === 'down' && isUp('before') ? 'disappeared' : 'changed';
}

/** What it means that some ports of a host differ in this way. */
export function portChangeOf({ before, after }: Sides<PortState>, host: HostChange): FactChange {
  if (host === 'appeared') return after === 'open' ? 'added' : 'not_comparable'; // Nothing is known of a host that is down.
  if (before === undefined || after === undefined || host === 'not_comparable') return 'not_comparable';
  const verdicts = `${verdictOf(before)} ${verdictOf(after)}`;
  if (verdicts === 'not_open open') return 'added';
  if (verdicts === 'open not_open') return 'removed';
  const isVague = before === 'not open' || after === 'not open';
  return isVague && before !== 'open' && after !== 'open' ? 'not_comparable' : 'changed';
}

/** What it means that a service differs: it can only be told where both sides probed for it. */
export function serviceChangeOf({ before, after }: Sides<Service>): FactChange {
  if (before?.probed !== true || after?.probed !== true) return 'not_comparable';
  return sameWords(before, after) ? 'not_comparable' : 'changed';
}

/** What it means that names or MAC addresses differ. */
export function factChangeOf({ before, after }: Sides<unknown>): FactChange {
  return before === undefined || after === undefined ? 'not_comparable' : 'changed';
}

/** Whether the host itself differs, apart from what cannot be compared. */
export function isDifferent(difference: HostDifference): boolean {
  const host = hostChangeOf(difference);
  if (host !== 'changed') return host !== 'not_comparable';
  const { names, mac, ports, services } = difference;
  return (
    (names !== undefined && factChangeOf(names) === 'changed') ||
    (mac !== undefined && factChangeOf(mac) === 'changed') ||
    ports.some((port) => portChangeOf(port, host) !== 'not_comparable') ||
    services.some((service) => serviceChangeOf(service) === 'changed')
  );
}

/** Whether both scans can be held against each other about this address: both say whether it is up, or both looked at a port. */
export function isComparable(before: HostSight, after: HostSight): boolean {
  const portsOf = ({ profile }: HostSight) => profile.ports.length > 0;
  if (!portsOf(before) && !portsOf(after))
    return before.content.status !== 'unknown' && after.content.status !== 'unknown';
  const a = factsOf(before);
  const b = factsOf(after);
  if (a.status === 'down' || b.status === 'down') return a.status !== 'unknown' && b.status !== 'unknown';
  return a.ports.some((own) => b.ports.some((other) => intersectPorts(own.ports, other.ports).length > 0));
}

function sidesOf<T>(
  before: T | undefined,
  after: T | undefined,
  isSame: (a: T, b: T) => boolean,
): Sides<T> | undefined {
  if (before === undefined && after === undefined) return undefined;
  if (before !== undefined && after !== undefined && isSame(before, after)) return undefined;
  return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}

/** All pairs of different states with their ports, in the order of the states. */
function comparePorts(before: readonly StatePorts[], after: readonly StatePorts[]): PortDifference[] {
  const differences: PortDifference[] = [];
  for (const own of before) {
    let rest = own.ports;
    for (const other of after) {
      const common = intersectPorts(own.ports, other.ports);
      if (common.length === 0) continue;
      rest = subtract(numberLine, rest, common);
      if (own.state !== other.state)
        differences.push({ before: own.state, after: other.state, ports: common });
    }
    if (rest.length > 0) differences.push({ before: own.state, ports: rest });
  }
  for (const other of after) {
    let rest = other.ports;
    for (const own of before) rest = subtract(numberLine, rest, own.ports);
    if (rest.length > 0) differences.push({ after: other.state, ports: rest });
  }
  return differences;
}

function applyPorts(
  differences: readonly PortDifference[],
  before: readonly StatePorts[],
): readonly StatePorts[] {
  const kept = before.map(({ state, ports }) => {
    let rest = ports;
    for (const difference of differences) rest = subtract(numberLine, rest, difference.ports);
    return { state, ports: rest };
  });
  const moved = differences.flatMap(({ after, ports }) =>
    after === undefined ? [] : [{ state: after, ports }],
  );
  return joinStates([...kept, ...moved]);
}

function compareServices(
  before: ReadonlyMap<PortKey, Service>,
  after: ReadonlyMap<PortKey, Service>,
): ServiceDifference[] {
  const ports = [...new Set([...before.keys(), ...after.keys()])].sort((a, b) => a - b);
  return ports.flatMap((port) => {
    const sides = sidesOf(before.get(port), after.get(port), sameService);
    return sides === undefined ? [] : [{ port, ...sides }];
  });
}

function sameService(a: Service, b: Service): boolean {
  return a === b || (a.probed === b.probed && sameWords(a, b) && sameTexts(a.cpe ?? [], b.cpe ?? []));
}

/** Whether both say the same of what a service is. */
function sameWords(a: Service, b: Service): boolean {
  return (
    a.name === b.name &&
    a.product === b.product &&
    a.version === b.version &&
    a.extra === b.extra &&
    a.tunnel === b.tunnel
  );
}

function applyServices(
  differences: readonly ServiceDifference[],
  before: ReadonlyMap<PortKey, Service>,
): ReadonlyMap<PortKey, Service> {
  if (differences.length === 0) return before;
  const services = new Map(before);
  for (const { port, after } of differences) {
    if (after === undefined) services.delete(port);
    else services.set(port, after);
  }
  return new Map([...services].sort(([a], [b]) => a - b));
}
