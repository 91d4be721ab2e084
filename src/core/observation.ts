import type { Address } from './address.ts';
import type { PortKey, PortSet, Protocol } from './endpoint.ts';

/** Port states as the tools say them. */
export const rawStates = [
  'open',
  'open|filtered',
  'unfiltered',
  'closed',
  'closed|filtered',
  'filtered',
] as const;

export type RawState = (typeof rawStates)[number];

/** A covered port of which only that it is not open is known (an old report that counts, but does not list). */
export type NotOpenUnknown = 'not open';

/** What a raw state means when changes are decided. */
export type Verdict = 'open' | 'not_open' | 'inconclusive';

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

/** What a tool said about the service behind a port. `probed` is false where the name was only looked up in a table. */
export interface Service {
  readonly name?: string;
  readonly product?: string;
  readonly version?: string;
  readonly extra?: string;
  readonly tunnel?: string;
  readonly cpe?: readonly string[];
  readonly probed: boolean;
}

/** One listed port of one host. */
export interface PortObservation {
  readonly port: PortKey;
  readonly state: RawState;
  readonly reason?: string;
  readonly service?: Service;
  /** When this port answered, where the tool says so for each port (masscan); part of no digest. */
  readonly observedAt?: Instant;
}

/** Ports that the report does not list one by one but counts by state (nmap's `extraports`). */
export interface CollapsedPorts {
  readonly state: RawState;
  readonly count: number;
  /** Where the report names the protocol. */
  readonly protocol?: Protocol;
  /** Exactly which ports, where the report lists them (nmap 7.92 and later). */
  readonly ports?: PortSet;
}

/** What one scan says about one address. */
export interface HostObservation {
  readonly address: Address;
  readonly status: 'up' | 'down' | 'unknown';
  readonly reason?: string;
  /** All distinct DNS names as written, sorted by code point. */
  readonly names: readonly string[];
  readonly mac?: string;
  readonly vendor?: string;
  /** Listed ports, sorted by port key, each once. */
  readonly ports: readonly PortObservation[];
  readonly collapsed: readonly CollapsedPorts[];
  /** The tool gave up on this host: nothing may be concluded from what is not listed. */
  readonly timedOut: boolean;
  /** When the tool was done with this host. Not part of any digest. */
  readonly observedAt?: Instant;
}

/** Folds a raw state into what decides: `open|filtered` neither opens nor closes anything. */
export function verdictOf(state: RawState | NotOpenUnknown): Verdict {
  switch (state) {
    case 'open':
      return 'open';
    case 'open|filtered':
      return 'inconclusive';
    case 'closed':
    case 'filtered':
    case 'closed|filtered':
    case 'unfiltered':
    case 'not open':
      return 'not_open';
  }
}

/** From the most to the least informative: which of two states wins where one report says both. */
const precedence: readonly RawState[] = [
  'open',
  'open|filtered',
  'unfiltered',
  'closed',
  'closed|filtered',
  'filtered',
];

/** Whether the first state says more than the second (open > open|filtered > closed > filtered). */
export function isMoreInformative(state: RawState, than: RawState): boolean {
  return precedence.indexOf(state) < precedence.indexOf(than);
}
