import type { HostContent } from './content.ts';
import { intersectPorts, type PortKey, type PortSet, portKey, protocols } from './endpoint.ts';
import { numberLine, subtract } from './intervals.ts';
import type { NotOpenUnknown, RawState, Service } from './observation.ts';
import type { Profile } from './scope.ts';

/** The state of a port that was looked at; `not open` where the report only says that much. */
export type PortState = RawState | NotOpenUnknown;

/** Whether a host is up, or `not_looked_at` where the scan says nothing about its address. */
export type FactStatus = HostContent['status'] | 'not_looked_at';

/** Ports of one state. */
export interface StatePorts {
  readonly state: PortState;
  readonly ports: PortSet;
}

/**
 * What one scan says about one address, with its scope written out: every port that was looked at has its
 * state, all others have none.
 */
export interface HostFacts {
  readonly status: FactStatus;
  /** Sorted; undefined where names were not looked up. */
  readonly names?: readonly string[];
  readonly mac?: string;
  /** Disjoint, each state once, none empty. */
  readonly ports: readonly StatePorts[];
  readonly services: ReadonlyMap<PortKey, Service>;
}

/** One host as one scan saw it. */
export interface HostSight {
  readonly content: HostContent;
  readonly profile: Profile;
}

/** The facts about an address that a scan did not look at. */
export const notLookedAt: HostFacts = { status: 'not_looked_at', ports: [], services: new Map() };

/** The facts of a sight; `notLookedAt` for none. */
export function factsOf(sight: HostSight | undefined): HostFacts {
  if (sight === undefined) return notLookedAt;
  const { status, names, mac, services } = sight.content;
  return {
    status,
    ...(names === undefined ? {} : { names }),
    ...(mac === undefined ? {} : { mac }),
    ports: statesOf(sight),
    services,
  };
}

/** The ports of all states together, each state once. Their sets must be disjoint. */
export function joinStates(parts: readonly StatePorts[]): StatePorts[] {
  const byState = new Map<PortState, { first: number; last: number }[]>();
  for (const { state, ports } of parts) {
    if (ports.length === 0) continue;
    const known = byState.get(state);
    if (known === undefined) byState.set(state, [...ports]);
    else known.push(...ports);
  }
  return Array.from(byState, ([state, ports]) => ({ state, ports: touching(ports) })).sort((a, b) =>
    a.state < b.state ? -1 : 1,
  );
}

function statesOf({ content, profile }: HostSight): StatePorts[] {
  const parts: StatePorts[] = [{ state: 'open', ports: content.open }];
  let rest: PortSet = subtract(numberLine, profile.ports, content.open);
  for (const { state, ports } of content.shut) {
    parts.push({ state, ports: intersectPorts(ports, rest) });
    rest = subtract(numberLine, rest, ports);
  }
  for (const protocol of protocols) {
    const state = content.usual[protocol];
    const first = portKey(protocol, 0);
    if (state !== undefined)
      parts.push({ state, ports: intersectPorts(rest, [{ first, last: first | 0xffff }]) });
  }
  return joinStates(parts);
}

/** Sorted, with ranges that touch as one. */
function touching(ranges: { first: number; last: number }[]): PortSet {
  ranges.sort((a, b) => a.first - b.first);
  const joined: { first: number; last: number }[] = [];
  for (const { first, last } of ranges) {
    const top = joined.at(-1);
    if (top !== undefined && first === top.last + 1) top.last = last;
    else joined.push({ first, last });
  }
  return joined;
}
