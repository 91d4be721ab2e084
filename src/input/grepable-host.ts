import { readAddress } from '../core/address.ts';
import type { CollapsedPorts, HostObservation, PortObservation, Service } from '../core/observation.ts';
import { readInstant } from './instant.ts';
import { sortedPorts } from './merge.ts';
import { asState, readPort, short, textOf, toService } from './nmap-facts.ts';

/** What one line says about a host, and what in it cannot be read. */
export interface GrepableHost {
  /** Undefined where the line says nothing that an observation holds. */
  readonly host: HostObservation | undefined;
  readonly problems: readonly string[];
}

const statuses: Readonly<Record<string, HostObservation['status']>> = {
  Up: 'up',
  Down: 'down',
  Timeout: 'up',
};

/** The fields that nmap and masscan write. Another one may be a damaged one of these. */
const known: ReadonlySet<string> = new Set([
  'Host',
  'Status',
  'Ports',
  'Protocols',
  'Ignored State',
  'OS',
  'Seq Index',
  'IP ID Seq',
  'IPID Seq',
  'Timestamp',
]);

/** Reads a `Host:` line; gives the reason where it is none. Fields are separated by tabs. */
export function readHostLine(text: string): GrepableHost | string {
  const fields = new Map<string, string>();
  for (const field of text.split('\t')) {
    const colon = field.indexOf(': ');
    if (colon > 0 && !fields.has(field.slice(0, colon)))
      fields.set(field.slice(0, colon), field.slice(colon + 2));
  }
  const match = /^(\S+) \((.*)\)\s*$/.exec(fields.get('Host') ?? '');
  if (match === null) return `"${short(text)}" is not a line about a host`;
  const address = readAddress(match[1] as string);
  if (!address.ok) return `the address "${short(match[1])}" is refused: ${address.reason}`;
  if (fields.has('Banner')) return { host: undefined, problems: [] }; // masscan; it names no protocol.

  const problems: string[] = [];
  for (const name of fields.keys()) {
    if (!known.has(name)) problems.push(`"${short(name)}" is not a field of this form`);
  }
  const observedAt = readInstant(fields.get('Timestamp') ?? '');
  const time = observedAt === undefined ? {} : { observedAt };
  const listed = [
    ...portsOf(fields.get('Ports'), false, problems),
    ...portsOf(fields.get('Protocols'), true, problems),
  ];
  const ports = listed.map((port) => ({ ...port, ...time }));
  const status = fields.get('Status');
  const host: HostObservation = {
    address: address.address,
    status: status === undefined ? statusOf(ports, fields.has('Timestamp')) : (statuses[status] ?? 'unknown'),
    names: match[2] === '' ? [] : Object.values(textOf('name', match[2])),
    ports: sortedPorts(ports),
    collapsed: collapsedOf(fields.get('Ignored State')),
    timedOut: status === 'Timeout',
    ...time,
  };
  return { host, problems };
}

/** A line without a status is about a host that is up if a port answered; masscan writes nothing but answers. */
function statusOf(ports: readonly PortObservation[], isAnswer: boolean): HostObservation['status'] {
  return isAnswer || ports.some(({ state }) => state === 'open' || state === 'closed') ? 'up' : 'unknown';
}

/** Entries are separated by `, `, but so are words in versions: an entry begins with digits and `/`. */
function portsOf(text: string | undefined, isProtocols: boolean, problems: string[]): PortObservation[] {
  if (text === undefined || text.trim() === '') return [];
  const ports: PortObservation[] = [];
  for (const entry of text.trim().split(/, (?=\d+\/)/)) {
    const parts = entry.split('/');
    if (parts[2] === 'icmp' && !isProtocols) continue; // An answer to masscan's ping is not a port.
    const key = isProtocols ? readPort('ip', parts[0]) : readPort(parts[2], parts[0]);
    const state = asState(parts[1]);
    if (typeof key === 'string') problems.push(key);
    else if (state === undefined) problems.push(`"${short(parts[1])}" is not a state of a port`);
    else {
      const service = isProtocols
        ? serviceOf(parts[2], undefined)
        : serviceOf(parts[4], parts.slice(6).join('/'));
      ports.push({ port: key, state, ...(service === undefined ? {} : { service }) });
    }
  }
  return ports;
}

/**
 * `ssl|http` is http through a tunnel, `http?` a guess. Product and version stand in one field, in which `/`
 * was written as `|`; they are kept together as the product.
 */
function serviceOf(name: string | undefined, versionField: string | undefined): Service | undefined {
  const match = /^(?:(ssl)\|)?(.*?)\??$/.exec(name ?? '');
  const product = versionField?.replace(/\/$/, '');
  return toService({
    name: match?.[2],
    tunnel: match?.[1],
    product: product === '' ? undefined : product,
    version: undefined,
    extrainfo: undefined,
    method: match?.[1] === undefined ? undefined : 'probed',
    cpes: [],
  });
}

/** `closed (999)`: a count without ports and without a protocol. */
function collapsedOf(text: string | undefined): CollapsedPorts[] {
  const found: CollapsedPorts[] = [];
  for (const [, name, count] of (text ?? '').matchAll(/([a-z|]+) \((\d{1,6})\)/g)) {
    const state = asState(name);
    if (state !== undefined) found.push({ state, count: Number(count) });
  }
  return found;
}
