import { type AddressSet, formatAddressSet } from '../core/address-set.ts';
import { formatPort, formatPortSet, type PortSet } from '../core/endpoint.ts';
import type { CollapsedPorts, HostObservation, Instant, PortObservation } from '../core/observation.ts';
import type { AbsentMeaning } from '../core/scope.ts';

/** What is written about a run before its hosts. */
export interface ConvertedRun {
  readonly tool: string;
  readonly version?: string;
  readonly args?: string;
  readonly startedAt?: Instant;
  readonly ports?: PortSet;
  readonly addresses?: AddressSet;
  readonly names: boolean;
  readonly status: boolean;
  readonly absent: AbsentMeaning;
  readonly warnings: readonly string[];
}

/** What is written about the end of a run. */
export interface ConvertedEnd {
  readonly endedAt?: Instant;
  readonly complete: boolean;
  readonly reason?: string;
}

/** The first line of a run in Dr. Portscan's JSON lines, with its line end. */
export function jsonlRun({ startedAt, ports, addresses, ...rest }: ConvertedRun): string {
  return line({
    drportscan: 1,
    ...rest,
    ...time('startedAt', startedAt),
    ...(ports === undefined ? {} : { ports: formatPortSet(ports) }),
    ...(addresses === undefined ? {} : { addresses: formatAddressSet(addresses) }),
  });
}

/** One host, on one line. */
export function jsonlHost({ ports, collapsed, observedAt, ...rest }: HostObservation): string {
  return line({
    ...rest,
    ...time('observedAt', observedAt),
    ports: ports.map(portObject),
    collapsed: collapsed.map(collapsedObject),
  });
}

/** The last line of a run. */
export function jsonlEnd({ endedAt, ...rest }: ConvertedEnd): string {
  return line({ end: true, ...rest, ...time('endedAt', endedAt) });
}

function portObject({ port, observedAt, ...rest }: PortObservation): object {
  return { port: formatPort(port), ...rest, ...time('observedAt', observedAt) };
}

function collapsedObject({ ports, ...rest }: CollapsedPorts): object {
  return { ...rest, ...(ports === undefined ? {} : { ports: formatPortSet(ports) }) };
}

function time<K extends string>(key: K, instant: Instant | undefined): object {
  return instant === undefined ? {} : { [key]: new Date(instant).toISOString() };
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
