import { contains, type Intervals, intersect, normalise, numberLine, union as unionOf } from './intervals.ts';

/** The protocols whose ports are looked at; `ip` is nmap's IP protocol scan, its "port" the protocol number. */
export const protocols = ['tcp', 'udp', 'sctp', 'ip'] as const;

export type Protocol = (typeof protocols)[number];

/** Protocol and port of one host as a number: place of the protocol in `protocols` << 16 | port. */
export type PortKey = number;

/** A set of (protocol, port), as intervals of port keys. */
export type PortSet = Intervals<number>;

/** The number of a protocol and port. */
export function portKey(protocol: Protocol, port: number): PortKey {
  return (protocols.indexOf(protocol) << 16) | port;
}

/** The protocol of a port key. */
export function protocolOf(key: PortKey): Protocol {
  return protocols[key >>> 16] as Protocol;
}

/** The port of a port key. */
export function portOf(key: PortKey): number {
  return key & 0xffff;
}

/** A port key as people write it: `443/tcp`. */
export function formatPort(key: PortKey): string {
  return `${portOf(key)}/${protocolOf(key)}`;
}

/** Whether the set holds the port. */
export function holdsPort(set: PortSet, key: PortKey): boolean {
  return contains(set, key);
}

/** Ports in either set. */
export function unionOfPorts(a: PortSet, b: PortSet): PortSet {
  return unionOf(numberLine, a, b);
}

/** Ports in both sets. */
export function intersectPorts(a: PortSet, b: PortSet): PortSet {
  return intersect(a, b);
}

/** The set of exactly these ports. */
export function setOfPorts(keys: Iterable<PortKey>): PortSet {
  const set: { readonly first: PortKey; last: PortKey }[] = [];
  let top: { last: PortKey } | undefined;
  for (const key of Array.from(keys).sort((a, b) => a - b)) {
    if (top !== undefined && key <= top.last + 1) {
      top.last = key;
      continue;
    }
    const interval = { first: key, last: key };
    set.push(interval);
    top = interval;
  }
  return set;
}

/** How many ports the set holds. */
export function countPorts(set: PortSet): number {
  return set.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

/** Either a set of ports, or the reason why the text is none. */
export type PortSetReading =
  | { readonly ok: true; readonly ports: PortSet }
  | { readonly ok: false; readonly reason: string };

/**
 * Reads `22,80-90` for one protocol, as in nmap's `scaninfo/@services`. Ports run from 0 to 65535
 * (IP protocols to 255).
 */
export function readPorts(protocol: Protocol, text: string): PortSetReading {
  const intervals = [];
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,6})(?:\s*-\s*(\d{1,6}))?\s*$/.exec(part);
    if (match === null) return { ok: false, reason: `"${part}" is not a port or a range of ports` };
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    const highest = protocol === 'ip' ? 255 : 65535;
    if (first > highest || last > highest) return { ok: false, reason: `"${part}" is beyond ${highest}` };
    if (first > last) return { ok: false, reason: `"${part}" ends before it begins` };
    intervals.push({ first: portKey(protocol, first), last: portKey(protocol, last) });
  }
  return { ok: true, ports: normalise(numberLine, intervals) };
}

/**
 * Reads ports of several protocols as people write them: `22,80-90/tcp,53/udp`. A protocol holds for
 * the parts before it back to the last protocol; parts without any are tcp.
 */
export function readPortSet(text: string): PortSetReading {
  let ports: PortSet = [];
  let pending: string[] = [];
  for (const part of text.split(',')) {
    const slash = part.indexOf('/');
    pending.push(slash < 0 ? part : part.slice(0, slash));
    if (slash < 0) continue;
    const name = part
      .slice(slash + 1)
      .trim()
      .toLowerCase();
    const protocol = protocols.find((candidate) => candidate === name);
    if (protocol === undefined)
      return { ok: false, reason: `"${name}" is not one of ${protocols.join(', ')}` };
    const reading = readPorts(protocol, pending.join(','));
    if (!reading.ok) return reading;
    ports = unionOfPorts(ports, reading.ports);
    pending = [];
  }
  if (pending.length === 0) return { ok: true, ports };
  const rest = readPorts('tcp', pending.join(','));
  return rest.ok ? { ok: true, ports: unionOfPorts(ports, rest.ports) } : rest;
}

/** Reads what `formatPortSet` wrote, several times faster than `readPortSet`, because it checks nothing. */
export function parsePortSet(text: string): PortSet {
  const set: { first: PortKey; last: PortKey }[] = [];
  let start = 0;
  while (start < text.length) {
    const slash = text.indexOf('/', start);
    const comma = text.indexOf(',', slash);
    const end = comma < 0 ? text.length : comma;
    const base = protocols.indexOf(text.slice(slash + 1, end) as Protocol) << 16;
    for (const part of text.slice(start, slash).split(',')) {
      const dash = part.indexOf('-');
      const first = base | Number(dash < 0 ? part : part.slice(0, dash));
      const last = dash < 0 ? first : base | Number(part.slice(dash + 1));
      const top = set.at(-1);
      // The last port of one protocol and the first of the next are neighbours on the line.
      if (top !== undefined && top.last + 1 === first) top.last = last;
      else set.push({ first, last });
    }
    start = end + 1;
  }
  return set;
}

/** The set in the notation of `readPortSet`, one protocol after the other; empty for the empty set. */
export function formatPortSet(set: PortSet): string {
  let text = '';
  let previous: number | undefined;
  for (const { first, last } of set) {
    // The last port of one protocol and the first of the next are neighbours on the line.
    for (let from = first; from <= last; ) {
      const protocol = from >>> 16;
      const to = Math.min(last, from | 0xffff);
      if (previous !== undefined) text += protocol === previous ? ',' : `/${protocols[previous]},`;
      text += from === to ? portOf(from) : `${portOf(from)}-${portOf(to)}`;
      previous = protocol;
      from = to + 1;
    }
  }
  return previous === undefined ? '' : `${text}/${protocols[previous]}`;
}
