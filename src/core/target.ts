import type { Address } from './address.ts';
import type { PortKey } from './endpoint.ts';
import type { AddressSpace } from './model.ts';
import type { Instant } from './observation.ts';

/** Whom a statement is about: one host, a network, a host group, or everything in the address space. */
export type Selector =
  | { readonly kind: 'host'; readonly address: Address }
  | { readonly kind: 'cidr'; readonly first: bigint; readonly last: bigint; readonly prefix: number }
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'all' };

/** What is declared of hosts. */
export const hostExpectations = ['optional', 'present', 'absent'] as const;
export type HostExpectation = (typeof hostExpectations)[number];

/** What is declared of ports. */
export const portExpectations = ['allowed', 'required', 'forbidden'] as const;
export type PortExpectation = (typeof portExpectations)[number];

/** What a statement says: about the host itself, or about a range of its ports. */
export type Subject =
  | { readonly kind: 'host'; readonly expect: HostExpectation }
  | {
      readonly kind: 'port';
      readonly first: PortKey;
      readonly last: PortKey;
      readonly expect: PortExpectation;
      readonly service?: string;
    };

/** One declared intention of a target source. */
export interface Statement {
  readonly id: number;
  readonly sourceId: number;
  /** Of its source; the default is the lowest. */
  readonly priority: number;
  readonly selector: Selector;
  /** The scanner group from which it is seen; undefined for any. */
  readonly view?: number;
  readonly subject: Subject;
  readonly owner?: string;
  readonly ticket?: string;
  readonly description?: string;
  readonly validFrom?: Instant;
  readonly validUntil?: Instant;
  /** More specific statements may only tighten it. */
  readonly locked: boolean;
}

/** What holds for ports and hosts that nobody declared. */
export type Undeclared = 'drift' | 'allow' | 'ignore';

/** What is undeclared means, for a selector and view. */
export interface Policy {
  readonly id: number;
  readonly selector: Selector;
  readonly view?: number;
  readonly undeclaredPorts: Undeclared;
  readonly undeclaredHosts: Undeclared;
  /** Whether it deviates where another service is found behind a port than the declared one. */
  readonly assessServices?: boolean;
  /** Older evidence is stale; `neverStale` where it does not age, undefined where a wider policy decides. */
  readonly staleAfterSeconds?: number;
}

/** For how long evidence holds that does not age, in a policy that says so. */
export const neverStale = 0;

/** The target of one address space. */
export interface Target {
  readonly addressSpaceId: AddressSpace['id'];
  readonly statements: readonly Statement[];
  readonly policies: readonly Policy[];
  /** The host groups of each address. */
  readonly groups: ReadonlyMap<Address, readonly string[]>;
}

/** How strict an expectation is among those about the same kind of thing: the lists above begin with the most lenient. */
export function strictnessOf(subject: Subject): number {
  return subject.kind === 'host'
    ? hostExpectations.indexOf(subject.expect)
    : portExpectations.indexOf(subject.expect);
}

/** Whether a statement is in force. `validUntil` is the first instant at which it no longer is. */
export function isInForce({ validFrom, validUntil }: Statement, at: Instant): boolean {
  return (validFrom === undefined || validFrom <= at) && (validUntil === undefined || at < validUntil);
}

/**
 * How specific a selector is, higher first: host, longer prefix, group, all. A network of one address is still
 * a network.
 */
export function specificity(selector: Selector): number {
  switch (selector.kind) {
    case 'host':
      return 1000;
    case 'cidr':
      return 100 + selector.prefix;
    case 'group':
      return 1;
    case 'all':
      return 0;
  }
}
