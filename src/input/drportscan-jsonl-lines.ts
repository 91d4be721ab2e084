import { readAddress } from '../core/address.ts';
import { readAddressSet } from '../core/address-set.ts';
import {
  type PortKey,
  type PortSet,
  type Protocol,
  portKey,
  protocols,
  readPortSet,
} from '../core/endpoint.ts';
import {
  type CollapsedPorts,
  type HostObservation,
  type Instant,
  type PortObservation,
  rawStates,
  type Service,
} from '../core/observation.ts';
import type { RunEnd, RunHeader } from './agent.ts';
import { byCodePoint, sortedPorts } from './merge.ts';
import { short } from './nmap-facts.ts';

type Json = Readonly<Record<string, unknown>>;

/** Says why a line cannot be read; never leaves this file. */
class Unreadable extends Error {}

/** The header of a run, or why the line is none. */
export function readHeaderLine(value: Json): RunHeader | string {
  return attempt(() => {
    if (value['drportscan'] !== 1) throw new Unreadable('this version of the format is not known');
    const addresses =
      value['addresses'] === undefined ? undefined : readAddressSet(texts(value, 'addresses'));
    if (addresses?.ok === false) throw new Unreadable(`the address "${short(addresses.text)}" is refused`);
    return {
      tool: text(value, 'tool') ?? 'drportscan',
      ...present('version', text(value, 'version')),
      ...present('args', text(value, 'args')),
      ...present('startedAt', instant(value, 'startedAt')),
      ...present('ports', portSet(value, 'ports')),
      ...present('addresses', addresses?.addresses),
      names: value['names'] === true,
      status: value['status'] === true,
      absent: oneOf(value, 'absent', ['down', 'nothing_open', 'unknown'] as const),
      warnings: value['warnings'] === undefined ? [] : texts(value, 'warnings'),
    };
  });
}

/** The end of a run, or why the line is none. */
export function readEndLine(value: Json): RunEnd | string {
  return attempt(() => ({
    ...present('endedAt', instant(value, 'endedAt')),
    complete: value['complete'] === true,
    ...present('reason', text(value, 'reason')),
  }));
}

/** One host, or why the line is none. */
export function readHostObject(value: Json): HostObservation | string {
  return attempt(() => {
    const address = readAddress(text(value, 'address') ?? '');
    if (!address.ok)
      throw new Unreadable(`the address "${short(text(value, 'address'))}" is refused: ${address.reason}`);
    return {
      address: address.address,
      status: oneOf(value, 'status', ['up', 'down', 'unknown'] as const),
      ...present('reason', text(value, 'reason')),
      names: value['names'] === undefined ? [] : [...new Set(texts(value, 'names'))].sort(byCodePoint),
      ...present('mac', text(value, 'mac')),
      ...present('vendor', text(value, 'vendor')),
      ports: sortedPorts(objects(value, 'ports').map(portOf)),
      collapsed: objects(value, 'collapsed').map(collapsedOf),
      timedOut: value['timedOut'] === true,
      ...present('observedAt', instant(value, 'observedAt')),
    };
  });
}

function portOf(value: Json): PortObservation {
  const service = value['service'];
  return {
    port: keyOf(text(value, 'port') ?? ''),
    state: oneOf(value, 'state', rawStates),
    ...present('reason', text(value, 'reason')),
    ...(isObject(service) ? { service: serviceOf(service) } : {}),
    ...present('observedAt', instant(value, 'observedAt')),
  };
}

function serviceOf(value: Json): Service {
  return {
    ...present('name', text(value, 'name')),
    ...present('product', text(value, 'product')),
    ...present('version', text(value, 'version')),
    ...present('extra', text(value, 'extra')),
    ...present('tunnel', text(value, 'tunnel')),
    ...(value['cpe'] === undefined ? {} : { cpe: texts(value, 'cpe') }),
    probed: value['probed'] === true,
  };
}

function collapsedOf(value: Json): CollapsedPorts {
  const count = value['count'];
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 0)
    throw new Unreadable('"count" is not a number');
  const protocol = value['protocol'] === undefined ? undefined : oneOf(value, 'protocol', protocols);
  return {
    state: oneOf(value, 'state', rawStates),
    count,
    ...present('protocol', protocol),
    ...present('ports', portSet(value, 'ports')),
  };
}

function keyOf(written: string): PortKey {
  const match = /^(\d{1,5})\/(\w+)$/.exec(written);
  const protocol = protocols.find((known) => known === match?.[2]);
  const port = Number(match?.[1]);
  if (protocol === undefined || port > highest(protocol))
    throw new Unreadable(`"${short(written)}" is not a port`);
  return portKey(protocol, port);
}

function highest(protocol: Protocol): number {
  return protocol === 'ip' ? 255 : 65_535;
}

function attempt<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unreadable) return error.message;
    throw error;
  }
}

function present<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: Json, key: string): string | undefined {
  const found = value[key];
  if (found === undefined || typeof found === 'string') return found;
  throw new Unreadable(`"${key}" is not a text`);
}

function texts(value: Json, key: string): readonly string[] {
  const found = value[key];
  if (Array.isArray(found) && found.every((entry) => typeof entry === 'string')) return found;
  throw new Unreadable(`"${key}" is not a list of texts`);
}

function objects(value: Json, key: string): readonly Json[] {
  const found = value[key] ?? [];
  if (Array.isArray(found) && found.every(isObject)) return found;
  throw new Unreadable(`"${key}" is not a list of objects`);
}

function oneOf<T extends string>(value: Json, key: string, allowed: readonly T[]): T {
  const found = allowed.find((entry) => entry === value[key]);
  if (found === undefined) throw new Unreadable(`"${key}" is none of ${allowed.join(', ')}`);
  return found;
}

function instant(value: Json, key: string): Instant | undefined {
  const written = text(value, key);
  if (written === undefined) return undefined;
  const found = /^[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(written)
    ? Date.parse(written)
    : Number.NaN;
  if (Number.isNaN(found)) throw new Unreadable(`"${key}" is not a time`);
  return found;
}

function portSet(value: Json, key: string): PortSet | undefined {
  const written = text(value, key);
  if (written === undefined) return undefined;
  if (written === '') return [];
  const reading = readPortSet(written);
  if (!reading.ok) throw new Unreadable(`"${key}" is not a list of ports: ${reading.reason}`);
  return reading.ports;
}
