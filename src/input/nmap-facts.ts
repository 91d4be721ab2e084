import { type Address, readAddress } from '../core/address.ts';
import {
  countPorts,
  type PortKey,
  type PortSet,
  type Protocol,
  portKey,
  protocols,
  unionOfPorts,
} from '../core/endpoint.ts';
import {
  type CollapsedPorts,
  type HostObservation,
  type PortObservation,
  type RawState,
  rawStates,
  type Service,
} from '../core/observation.ts';
import { wholeNumber } from './instant.ts';
import { byCodePoint, sortedPorts } from './merge.ts';
import { capValue } from './xml-text.ts';

/** What both readers of nmap's host records collect, already decoded. Undefined where an attribute is missing. */
export interface NmapHost {
  timedOut: boolean;
  status: string | undefined;
  reason: string | undefined;
  readonly addresses: {
    readonly address: string | undefined;
    readonly type: string | undefined;
    readonly vendor: string | undefined;
  }[];
  readonly names: string[];
  readonly ports: PortObservation[];
  readonly collapsed: CollapsedPorts[];
  /** What could not be read; any of them makes the run partial. */
  readonly problems: string[];
  /** What a person should know, though nothing is lost. */
  readonly remarks: string[];
}

/** One `<service>` with its `<cpe>` elements. */
export interface NmapService {
  readonly name: string | undefined;
  readonly product: string | undefined;
  readonly version: string | undefined;
  readonly extrainfo: string | undefined;
  readonly tunnel: string | undefined;
  readonly method: string | undefined;
  readonly cpes: readonly string[];
}

/** One `<extraports>`; each `<extrareasons>` with the ports that it lists. */
export interface NmapExtraPorts {
  readonly state: string | undefined;
  readonly count: string | undefined;
  readonly reasons: readonly { readonly protocol: string | undefined; readonly ports: PortSet | undefined }[];
}

/** A host of which nothing is known yet. */
export function newNmapHost(): NmapHost {
  return {
    timedOut: false,
    status: undefined,
    reason: undefined,
    addresses: [],
    names: [],
    ports: [],
    collapsed: [],
    problems: [],
    remarks: [],
  };
}

/** A state as nmap writes it, or undefined. */
export function asState(text: string | undefined): RawState | undefined {
  return rawStates.find((state) => state === text);
}

/** A protocol as nmap writes it, or undefined. */
export function asProtocol(text: string | undefined): Protocol | undefined {
  return protocols.find((protocol) => protocol === text);
}

/** The key of a port as nmap writes it, or the reason why it is none. */
export function readPort(protocolText: string | undefined, portText: string | undefined): PortKey | string {
  const protocol = asProtocol(protocolText);
  if (protocol === undefined) return `"${short(protocolText)}" is not a protocol`;
  const port = portText === undefined ? -1 : portNumber(portText);
  if (port < 0 || port > (protocol === 'ip' ? 255 : 65535))
    return `"${short(portText)}" is not a ${protocol} port`;
  return portKey(protocol, port);
}

/** A number without leading zeroes of at most five digits, or -1. */
function portNumber(text: string): number {
  const isPadded = text.length > 1 && text.charCodeAt(0) === 0x30;
  return isPadded || text.length > 5 ? -1 : wholeNumber(text, 0, text.length);
}

/** A service as an observation holds it; undefined where it says nothing. */
export function toService(service: NmapService): Service | undefined {
  const { name, product, version, extrainfo, tunnel, method, cpes } = service;
  const probed = method === undefined ? product !== undefined || version !== undefined : method === 'probed';
  const texts = {
    ...textOf('name', name),
    ...textOf('product', product),
    ...textOf('version', version),
    ...textOf('extra', extrainfo),
    ...textOf('tunnel', tunnel),
  };
  if (cpes.length > 0) return { ...texts, cpe: cpes.map(capValue), probed };
  return Object.keys(texts).length > 0 ? { ...texts, probed } : undefined;
}

/** Adds what an `<extraports>` says: one entry for each protocol where all ports are listed, else one count. */
export function addCollapsed(host: NmapHost, extra: NmapExtraPorts): void {
  const state = asState(extra.state);
  if (state === undefined) {
    host.problems.push(`"${short(extra.state)}" is not a state of ports`);
    return;
  }
  const byProtocol = new Map<Protocol, PortSet>();
  let isExact = extra.reasons.length > 0;
  const named = new Set<Protocol | undefined>();
  for (const { protocol: text, ports } of extra.reasons) {
    const protocol = asProtocol(text);
    named.add(protocol);
    if (protocol === undefined || ports === undefined) isExact = false;
    else byProtocol.set(protocol, unionOfPorts(byProtocol.get(protocol) ?? [], ports));
  }
  if (isExact) {
    for (const [protocol, ports] of byProtocol)
      host.collapsed.push({ state, count: countPorts(ports), protocol, ports });
    return;
  }
  const count = /^\d{1,6}$/.test(extra.count ?? '') ? Number(extra.count) : 0;
  const protocol = named.size === 1 ? [...named][0] : undefined;
  host.collapsed.push(protocol === undefined ? { state, count } : { state, count, protocol });
}

/** One observation for each IP address of the host; adds to the host's problems what is wrong with its addresses. */
export function toObservations(host: NmapHost): HostObservation[] {
  const addresses = new Set<Address>();
  let mac: string | undefined;
  let vendor: string | undefined;
  for (const entry of host.addresses) {
    if (entry.type === 'mac') {
      mac = entry.address;
      vendor = entry.vendor;
      continue;
    }
    const reading = readAddress(entry.address ?? '');
    if (reading.ok) addresses.add(reading.address);
    else host.problems.push(`the address "${short(entry.address)}" is refused: ${reading.reason}`);
  }
  const shared = {
    status: statusOf(host),
    ...textOf('reason', host.reason),
    ...textOf('mac', mac),
    ...textOf('vendor', vendor),
    names: [...new Set(host.names)].sort(byCodePoint),
    ports: sortedPorts(host.ports),
    collapsed: host.collapsed,
    timedOut: host.timedOut,
  };
  if (host.addresses.every(({ type }) => type === 'mac')) host.remarks.push('the host has no IP address');
  return Array.from(addresses, (address) => ({ address, ...shared }));
}

/** A text for a problem: cut, so that a hostile file cannot fill a receipt. */
export function short(text: string | undefined): string {
  return text === undefined ? '' : text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** An optional property: absent where the text is missing or empty. */
export function textOf<K extends string>(key: K, text: string | undefined): { readonly [P in K]?: string } {
  return text === undefined || text === ''
    ? {}
    : ({ [key]: capValue(text) } as { readonly [P in K]?: string });
}

/** A host without a status (old and foreign files) is up if a port answered. */
function statusOf({ status, ports }: NmapHost): HostObservation['status'] {
  if (status === 'up' || status === 'down') return status;
  if (status !== undefined) return 'unknown';
  return ports.some(({ state }) => state === 'open' || state === 'closed') ? 'up' : 'unknown';
}
