import type { Address } from '../core/address.ts';
import type { PortKey } from '../core/endpoint.ts';
import type { CollapsedPorts, HostObservation, Instant, PortObservation } from '../core/observation.ts';
import { byCodePoint, mergePort, sortedPorts } from './merge.ts';

/** Collects what several records of one report say about one host (masscan writes a record per port). */
export interface Gatherer {
  /** Takes what one record says. */
  add(host: HostObservation): void;
  /** How many hosts were seen. */
  readonly size: number;
  /** One observation per address, in the order of first sight. Each is forgotten as it is given. */
  drain(): IterableIterator<HostObservation>;
}

/**
 * An empty gatherer. What it gives does not depend on the order of the records. A host of which only one
 * record came costs that record; ports of further ones are kept without the records around them.
 */
export function newGatherer(): Gatherer {
  const hosts = new Map<Address, HostObservation | Gathered>();
  return {
    add(host) {
      const known = hosts.get(host.address);
      if (known === undefined) hosts.set(host.address, host);
      else if (isGathered(known)) addTo(known, host);
      else hosts.set(host.address, addTo(gatheredOf(known), host));
    },
    get size() {
      return hosts.size;
    },
    *drain() {
      for (const [address, known] of hosts) {
        hosts.delete(address);
        yield isGathered(known) ? settled(known) : known;
      }
    },
  };
}

/** Several observations of one address as one. */
export function mergeObservations(
  first: HostObservation,
  ...others: readonly HostObservation[]
): HostObservation {
  if (others.length === 0) return first;
  const gathered = gatheredOf(first);
  for (const other of others) addTo(gathered, other);
  return settled(gathered);
}

/** A host while it is collected. */
interface Gathered {
  readonly address: Address;
  readonly gathered: true;
  status: HostObservation['status'];
  reason: string | undefined;
  names: readonly string[];
  mac: string | undefined;
  vendor: string | undefined;
  readonly ports: Map<PortKey, PortObservation>;
  collapsed: readonly CollapsedPorts[];
  timedOut: boolean;
  observedAt: Instant | undefined;
}

function isGathered(host: HostObservation | Gathered): host is Gathered {
  return 'gathered' in host;
}

function gatheredOf(host: HostObservation): Gathered {
  const { address, status, reason, names, mac, vendor, collapsed, timedOut, observedAt } = host;
  const ports = new Map(host.ports.map((port) => [port.port, port]));
  return {
    gathered: true,
    address,
    status,
    reason,
    names,
    mac,
    vendor,
    ports,
    collapsed,
    timedOut,
    observedAt,
  };
}

const certainty = { up: 2, down: 1, unknown: 0 } as const;

function addTo(known: Gathered, host: HostObservation): Gathered {
  const isBetter = certainty[host.status] - certainty[known.status];
  if (isBetter > 0 || (isBetter === 0 && comesFirst(host.reason, known.reason))) {
    known.status = host.status;
    known.reason = host.reason;
  }
  if (host.names.some((name) => !known.names.includes(name))) {
    known.names = [...new Set([...known.names, ...host.names])].sort(byCodePoint);
  }
  if (comesFirst(host.mac, known.mac)) {
    known.mac = host.mac;
    known.vendor = host.vendor;
  } else if (host.mac === known.mac && comesFirst(host.vendor, known.vendor)) known.vendor = host.vendor;
  for (const port of host.ports) {
    const before = known.ports.get(port.port);
    known.ports.set(port.port, before === undefined ? port : mergePort(before, port));
  }
  known.collapsed = unionOfCollapsed(known.collapsed, host.collapsed);
  known.timedOut ||= host.timedOut;
  if (host.observedAt !== undefined) known.observedAt = Math.max(known.observedAt ?? 0, host.observedAt);
  return known;
}

/** Any order will do, so that the result does not depend on the order of the records; a text beats none. */
function comesFirst(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && (b === undefined || a < b);
}

/** Counts that both say are one; the same record twice is not twice as many ports. */
function unionOfCollapsed(
  a: readonly CollapsedPorts[],
  b: readonly CollapsedPorts[],
): readonly CollapsedPorts[] {
  if (b.length === 0) return a;
  if (a.length === 0) return b;
  const all = new Map([...a, ...b].map((entry) => [JSON.stringify(entry), entry]));
  return all.size === a.length ? a : [...all].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, entry]) => entry);
}

function settled(host: Gathered): HostObservation {
  const { address, status, reason, names, mac, vendor, collapsed, timedOut, observedAt } = host;
  const sorted = [...host.ports.values()].sort((a, b) => a.port - b.port);
  return {
    address,
    status,
    ...(reason === undefined ? {} : { reason }),
    names,
    ...(mac === undefined ? {} : { mac }),
    ...(vendor === undefined ? {} : { vendor }),
    ports: sortedPorts(sorted),
    collapsed,
    timedOut,
    ...(observedAt === undefined ? {} : { observedAt }),
  };
}
