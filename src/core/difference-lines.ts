import type { Address } from './address.ts';
import {
  type FactChange,
  factChangeOf,
  type HostDifference,
  hostChangeOf,
  type PortDifference,
  portChangeOf,
  type ServiceDifference,
  serviceChangeOf,
} from './compare.ts';
import {
  countPorts,
  formatPort,
  formatPortSet,
  intersectPorts,
  type PortKey,
  type PortSet,
  parsePortSet,
} from './endpoint.ts';
import type { PortState } from './host-facts.ts';
import type { Service } from './observation.ts';

/** New, gone, otherwise, or not comparable. */
export type LineSymbol = '+' | '-' | '~' | '?';

/** One difference for people. Texts are as the scanners said them: whoever shows them makes them safe. */
export interface DifferenceLine {
  readonly symbol: LineSymbol;
  readonly subject: 'host' | 'names' | 'mac' | 'port' | 'service';
  readonly address: Address;
  /** As in `22/tcp` or `1-99/tcp`; only where the line is about ports. */
  readonly ports?: string;
  readonly before?: string;
  readonly after?: string;
  /** What else is known: names of a host, its open ports, the service of a port. */
  readonly detail?: string;
}

/** Which lines are wanted; without a field all. */
export interface LineFilter {
  readonly symbols?: readonly LineSymbol[];
  readonly subjects?: readonly DifferenceLine['subject'][];
  /** About one of these ports. */
  readonly ports?: PortSet;
}

/** Whether a line is among those that are wanted. */
export function fitsLine(line: DifferenceLine, { symbols, subjects, ports }: LineFilter): boolean {
  if (symbols?.includes(line.symbol) === false || subjects?.includes(line.subject) === false) return false;
  if (ports === undefined) return true;
  return line.ports !== undefined && intersectPorts(parsePortSet(line.ports), ports).length > 0;
}

/** How many differences there are of each sort. */
export interface DifferenceCounts {
  hostsAppeared: number;
  hostsDisappeared: number;
  hostsChanged: number;
  hostsNotComparable: number;
  namesChanged: number;
  portsOpened: number;
  portsClosed: number;
  /** Other changes of state. */
  portsChanged: number;
  servicesChanged: number;
  /** Endpoints that are open on one side, where the other side did not look. */
  portsNotComparable: number;
}

/** No differences yet. */
export function noDifferences(): DifferenceCounts {
  return {
    hostsAppeared: 0,
    hostsDisappeared: 0,
    hostsChanged: 0,
    hostsNotComparable: 0,
    namesChanged: 0,
    portsOpened: 0,
    portsClosed: 0,
    portsChanged: 0,
    servicesChanged: 0,
    portsNotComparable: 0,
  };
}

/** Ports of one host and one change that get a line each; a tarpit's 65,535 open ports share one. */
const portLinesMax = 100;

/**
 * The lines of one host, in the order host, names, MAC, ports. What cannot be compared has a line only where
 * a host is up or a port open on one side. Adds to the counts.
 */
export function linesOf(difference: HostDifference, counts: DifferenceCounts): DifferenceLine[] {
  const { address } = difference;
  switch (hostChangeOf(difference)) {
    case 'not_comparable':
      if (!isThere(difference)) return [];
      counts.hostsNotComparable += 1;
      return [{ symbol: '?', subject: 'host', address, ...hostSides(difference), ...hostDetail(difference) }];
    case 'disappeared':
      counts.hostsDisappeared += 1;
      return [{ symbol: '-', subject: 'host', address, ...hostSides(difference), ...hostDetail(difference) }];
    case 'appeared':
      counts.hostsAppeared += 1;
      return [
        { symbol: '+', subject: 'host', address, ...hostSides(difference), ...hostDetail(difference) },
        ...portLines(difference, counts),
      ];
    case 'changed': {
      const lines = [
        ...nameLines(difference, counts),
        ...portLines(difference, counts),
        ...serviceLines(difference, counts),
      ];
      if (lines.some(({ symbol }) => symbol !== '?')) counts.hostsChanged += 1;
      return lines;
    }
  }
}

/** Whether the one side that looked found a host. */
function isThere({ status, ports }: HostDifference): boolean {
  if (status.before === 'up' || status.after === 'up') return true;
  return ports.some(({ before, after }) => before === 'open' || after === 'open');
}

function hostSides({ status }: HostDifference): { before: string; after: string } {
  const words = { up: 'up', down: 'down', unknown: 'listed', not_looked_at: 'not looked at' } as const;
  return { before: words[status.before], after: words[status.after] };
}

/** The names of a host, and what was open where it is gone. */
function hostDetail({ names, ports, status }: HostDifference): { detail?: string } {
  const known = (names?.before ?? names?.after ?? []).join(', ');
  const isGone = status.after === 'down' || status.after === 'not_looked_at';
  const open = ports.filter(({ before }) => isGone && before === 'open').map((port) => port.ports);
  const parts = [known, ...open.map((set) => `open: ${formatPortSet(set)}`)].filter((part) => part !== '');
  return parts.length === 0 ? {} : { detail: parts.join('; ') };
}

function nameLines({ address, names, mac }: HostDifference, counts: DifferenceCounts): DifferenceLine[] {
  const lines: DifferenceLine[] = [];
  if (names !== undefined && factChangeOf(names) === 'changed') {
    counts.namesChanged += 1;
    const text = (list: readonly string[] | undefined) => list?.join(', ') || 'none';
    lines.push({
      symbol: '~',
      subject: 'names',
      address,
      before: text(names.before),
      after: text(names.after),
    });
  }
  if (mac !== undefined && factChangeOf(mac) === 'changed') {
    const { before = 'none', after = 'none' } = mac;
    lines.push({ symbol: '~', subject: 'mac', address, before, after });
  }
  return lines;
}

const symbols: Readonly<Record<FactChange, LineSymbol>> = {
  added: '+',
  removed: '-',
  changed: '~',
  not_comparable: '?',
};

function portLines(difference: HostDifference, counts: DifferenceCounts): DifferenceLine[] {
  const host = hostChangeOf(difference);
  const services = new Map(difference.services.map((service) => [service.port, service]));
  return difference.ports.flatMap((port) => {
    const change = portChangeOf(port, host);
    if (change === 'not_comparable' && port.before !== 'open' && port.after !== 'open') return [];
    countPortsOf(port, change, counts);
    const sides = { before: stateText(port.before), after: stateText(port.after) };
    return piecesOf(port).map((ports): DifferenceLine => {
      const only = ports.length === 1 && ports[0]?.first === ports[0]?.last ? ports[0]?.first : undefined;
      const service = only === undefined ? undefined : services.get(only);
      return {
        symbol: symbols[change],
        subject: 'port',
        address: difference.address,
        ports: formatPortSet(ports),
        ...sides,
        ...detailOf(service?.after ?? service?.before),
      };
    });
  });
}

/** Open ports one by one, as they are few; others as one set. */
function piecesOf({ before, after, ports }: PortDifference): PortSet[] {
  if ((before !== 'open' && after !== 'open') || countPorts(ports) > portLinesMax) return [ports];
  return ports.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index): PortSet => {
      const port: PortKey = first + index;
      return [{ first: port, last: port }];
    }),
  );
}

function countPortsOf({ ports }: PortDifference, change: FactChange, counts: DifferenceCounts): void {
  const count = countPorts(ports);
  if (change === 'added') counts.portsOpened += count;
  else if (change === 'removed') counts.portsClosed += count;
  else if (change === 'changed') counts.portsChanged += count;
  else counts.portsNotComparable += count;
}

/** Services of ports that are open on both sides; those of others stand with their ports. */
function serviceLines(
  { address, ports, services }: HostDifference,
  counts: DifferenceCounts,
): DifferenceLine[] {
  const moved = (key: PortKey) =>
    ports.some((entry) => entry.ports.some(({ first, last }) => first <= key && key <= last));
  return services.flatMap((service: ServiceDifference): DifferenceLine[] => {
    if (serviceChangeOf(service) !== 'changed' || moved(service.port)) return [];
    counts.servicesChanged += 1;
    const before = serviceText(service.before);
    const after = serviceText(service.after);
    return [{ symbol: '~', subject: 'service', address, ports: formatPort(service.port), before, after }];
  });
}

function stateText(state: PortState | undefined): string {
  if (state === undefined) return 'not looked at';
  return state === 'not open' ? 'not open (state unknown)' : state;
}

function detailOf(service: Service | undefined): { detail?: string } {
  return service === undefined ? {} : { detail: serviceText(service) };
}

function serviceText(service: Service | undefined): string {
  if (service === undefined) return 'unknown';
  const { name, product, version, extra, tunnel } = service;
  const named = tunnel === undefined ? name : `${tunnel}/${name ?? 'unknown'}`;
  const parts = [named, product, version, extra === undefined ? undefined : `(${extra})`];
  return parts.filter((part) => part !== undefined).join(' ') || 'unknown';
}
