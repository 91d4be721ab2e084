import type { AddressSet } from './address-set.ts';
import { type PortSet, unionOfPorts } from './endpoint.ts';
import { bigintLine, intersect, subtract, union } from './intervals.ts';

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

/** Whether a scan also looked at the addresses of its scope that it does not list. */
export function coversAbsent({ complete, absent }: Profile): boolean {
  return complete && absent !== 'unknown';
}

/** A set of hosts that one scan looked at in one way. The looks of a scan are disjoint in addresses. */
export interface Look {
  readonly addresses: AddressSet;
  readonly profile: Profile;
}

/**
 * The same looks without common addresses, one for each profile. Where looks of several parts overlap, what
 * the complete ones covered is joined: a part that broke off adds nothing that could be closed.
 */
export function disjointLooks(looks: readonly Look[]): Look[] {
  let done: Look[] = [];
  for (const look of looks) {
    let rest: AddressSet = look.addresses;
    const split: Look[] = [];
    for (const earlier of done) {
      const common = intersect(earlier.addresses, rest);
      if (common.length === 0) {
        split.push(earlier);
        continue;
      }
      const alone = subtract(bigintLine, earlier.addresses, common);
      if (alone.length > 0) split.push({ addresses: alone, profile: earlier.profile });
      split.push({ addresses: common, profile: joinProfiles(earlier.profile, look.profile) });
      rest = subtract(bigintLine, rest, common);
    }
    if (rest.length > 0) split.push({ addresses: rest, profile: look.profile });
    done = split;
  }
  return byProfile(done);
}

function byProfile(looks: readonly Look[]): Look[] {
  const joined = new Map<string, Look>();
  for (const look of looks) {
    const key = JSON.stringify(look.profile);
    const same = joined.get(key);
    const addresses = same === undefined ? look.addresses : union(bigintLine, same.addresses, look.addresses);
    joined.set(key, { ...look, addresses });
  }
  return [...joined.values()];
}

const absentOrder: readonly AbsentMeaning[] = ['down', 'nothing_open', 'unknown'];

function joinProfiles(a: Profile, b: Profile): Profile {
  if (a.complete !== b.complete) return { ...(a.complete ? a : b), names: a.names || b.names };
  return {
    ports: unionOfPorts(a.ports, b.ports),
    names: a.names || b.names,
    status: a.status || b.status,
    complete: a.complete,
    absent: absentOrder.find((meaning) => meaning === a.absent || meaning === b.absent) ?? 'unknown',
  };
}
