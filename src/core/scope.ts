import { type AddressSet, unionOfAddresses } from './address-set.ts';
import { type PortSet, unionOfPorts } from './endpoint.ts';
import { bigintLine, type Intervals, intersect, subtract } from './intervals.ts';

/** Addresses x ports: one rectangle of what a scan looked at. */
export interface ScopeBox {
  readonly addresses: AddressSet;
  readonly ports: PortSet;
}

/** What a scan looked at. */
export type Scope = readonly ScopeBox[];

/** Where a scan's scope of addresses or of ports comes from, best first. */
export const scopeOrigins = ['upload', 'report', 'scanner_default', 'listed_hosts', 'none'] as const;

export type ScopeOrigin = (typeof scopeOrigins)[number];

/**
 * What it means when a covered address is not listed: it is down; it is up or down but has nothing open
 * (`--open`, masscan); or nothing at all (the list itself is the scope).
 */
export type AbsentMeaning = 'down' | 'nothing_open' | 'unknown';

/**
 * How a scan looked at a set of hosts. Scans with equal profiles are comparable word for word: the same
 * content of a host record means the same.
 */
export interface Profile {
  /** The ports that are conclusive: covered by a complete scan. Empty where nothing may be closed. */
  readonly ports: PortSet;
  /** DNS names were looked up. */
  readonly names: boolean;
  /** Hosts were tested for being up; false for list scans (`-sL`). */
  readonly status: boolean;
  /** The scan reached its end. A partial scan opens, confirms and adds; it never closes. */
  readonly complete: boolean;
  readonly absent: AbsentMeaning;
}

/** A set of hosts that one scan looked at in one way. The looks of a scan are disjoint in addresses. */
export interface Look {
  readonly addresses: AddressSet;
  readonly profile: Profile;
}

/** All addresses of a scope. */
export function addressesOf(scope: Scope): AddressSet {
  return scope.reduce<AddressSet>((all, { addresses }) => unionOfAddresses(all, addresses), []);
}

/** The same scope as boxes that share no address: where boxes overlap, their ports are joined. */
export function disjointBoxes(scope: Scope): Scope {
  let done: ScopeBox[] = [];
  for (const box of scope) {
    let rest: Intervals<bigint> = box.addresses;
    const split: ScopeBox[] = [];
    for (const earlier of done) {
      const common = intersect(earlier.addresses, rest);
      if (common.length === 0) {
        split.push(earlier);
        continue;
      }
      const alone = subtract(bigintLine, earlier.addresses, common);
      if (alone.length > 0) split.push({ addresses: alone, ports: earlier.ports });
      split.push({ addresses: common, ports: unionOfPorts(earlier.ports, box.ports) });
      rest = subtract(bigintLine, rest, common);
    }
    if (rest.length > 0) split.push({ addresses: rest, ports: box.ports });
    done = split;
  }
  return done;
}
