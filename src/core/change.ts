import type { PortKey } from './endpoint.ts';
import type { Instant, Service } from './observation.ts';

/**
 * What can happen to a host or endpoint, as bits: codes 1-32 are table 1 of the Dr. Portscan article
 * (Linux Magazine 155/2013); 64 and 128 are ours. Code 0, no change, is never an entry.
 */
export const changeCode = {
  host_new: 1,
  host_gone: 2,
  name_changed: 4,
  port_opened: 8,
  port_closed: 16,
  port_reopened: 32,
  host_returned: 64,
  service_changed: 128,
} as const;

export type ChangeKind = keyof typeof changeCode;

export const changeKinds = Object.keys(changeCode) as readonly ChangeKind[];

/** The kind of a code; undefined for 0 and for sums of several. */
export function kindOfCode(code: number): ChangeKind | undefined {
  return changeKinds.find((kind) => changeCode[kind] === code);
}

/** The change code of a span: the bitwise or of its entries; 0 where nothing changed. */
export function codeOfSpan(kinds: Iterable<ChangeKind>): number {
  let code = 0;
  for (const kind of kinds) code |= changeCode[kind];
  return code;
}

/** What a change entry says of the state on one side: only the fields that the kind speaks about. */
export interface Facts {
  readonly state?: 'open' | 'not_open' | 'up' | 'gone';
  readonly names?: readonly string[];
  readonly service?: Service;
}

/** One change of one host or endpoint by one scanner, before it is given a place in the log. */
export interface Change {
  readonly kind: ChangeKind;
  /** Undefined where the change is about the host. */
  readonly port?: PortKey;
  /** Undefined where nothing was known before. */
  readonly before?: Facts;
  readonly after: Facts;
  /** How many consecutive looks said so; equals the threshold that was asked for. */
  readonly confirmations: number;
  /** This scanner had never covered the host or endpoint before: first observed, not newly happened. */
  readonly baseline: boolean;
  /** The place on the scanner's timeline: observation time of the scan that decided. */
  readonly at: Instant;
  /** When the host itself was looked at, where the report says so. Told besides; two entries that differ here only are one. */
  readonly observedAt?: Instant;
}
