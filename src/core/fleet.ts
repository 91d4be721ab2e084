import { type Address, positionOf } from './address.ts';
import { formatAddressSet, readRange } from './address-set.ts';
import type { Change } from './change.ts';
import { holdsPort, type PortKey, type PortSet } from './endpoint.ts';
import { BadInput } from './errors.ts';
import type { Instant } from './observation.ts';
import type { PlacedChange } from './past-state.ts';
import type { HostState } from './state.ts';
import { comparePositions } from './timeline.ts';

/** A stretch of time: from the first instant to before the last. */
export interface Stretch {
  readonly from: Instant;
  readonly to: Instant;
}

/** When an address had one of the ports open, as one scanner saw it: sorted, disjoint; the last may be endless. */
export function openStretches(entries: readonly PlacedChange[], ports: PortSet, base?: HostState): Stretch[] {
  const known = [...(base?.endpoints ?? [])].filter(([port, { open }]) => open && holdsPort(ports, port));
  const open = new Set<PortKey>(known.map(([port]) => port));
  let isUp = base?.status === 'up';
  let since = isUp && open.size > 0 ? Number.NEGATIVE_INFINITY : undefined;
  const stretches: Stretch[] = [];
  for (const { change } of [...entries].sort(comparePositions)) {
    if (change.port === undefined) isUp = isUpAfter(change, isUp);
    else if (holdsPort(ports, change.port)) applyToOpen(open, change.port, change);
    const isOpen = isUp && open.size > 0;
    if (isOpen) since ??= change.at;
    if (isOpen || since === undefined) continue;
    if (since < change.at) stretches.push({ from: since, to: change.at });
    since = undefined;
  }
  if (since !== undefined) stretches.push({ from: since, to: Number.POSITIVE_INFINITY });
  return stretches;
}

function isUpAfter({ after }: Change, isUp: boolean): boolean {
  return after.state === undefined ? isUp : after.state === 'up';
}

function applyToOpen(open: Set<PortKey>, port: PortKey, { after }: Change): void {
  if (after.state === 'open') open.add(port);
  else if (after.state === 'not_open') open.delete(port);
}

/** How many addresses of one network had a port open in one period. */
export interface FleetCount {
  readonly from: Instant;
  readonly to: Instant;
  /** Undefined where all networks are counted together. */
  readonly network?: string;
  /** Had it open at any moment of the period. */
  readonly addresses: number;
  /** Still had it open at the end of the period. */
  readonly atEnd: number;
}

export type Period = 'day' | 'week' | 'month';

/** The periods that touch a stretch of time, in UTC; weeks begin on Monday. One that begins at its end does not. */
export function periodsOf(period: Period, { from, to }: Stretch): Stretch[] {
  const periods: Stretch[] = [];
  for (let start = startOf(period, from); start < to; ) {
    const end = nextStart(period, start);
    periods.push({ from: start, to: end });
    start = end;
  }
  return periods;
}

const dayMs = 86_400_000;

function startOf(period: Period, at: Instant): Instant {
  if (period === 'month') {
    const date = new Date(at);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  }
  const day = Math.floor(at / dayMs);
  // 1970-01-01 was a Thursday.
  return (period === 'day' ? day : day - ((((day + 3) % 7) + 7) % 7)) * dayMs;
}

function nextStart(period: Period, start: Instant): Instant {
  if (period !== 'month') return start + (period === 'day' ? dayMs : 7 * dayMs);
  const date = new Date(start);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/** Counts addresses by period and network; the stretches of an address may overlap. Networks without any are left out. */
export function countFleet(
  stretches: Iterable<readonly [address: Address, stretches: readonly Stretch[]]>,
  { periods, prefix }: { readonly periods: readonly Stretch[]; readonly prefix?: Prefix | undefined },
): FleetCount[] {
  const counts = new Map<string, { addresses: number; atEnd: number }[]>();
  for (const [address, own] of stretches) {
    const network = prefix === undefined ? '' : networkOf(address, prefix);
    const row = counts.get(network) ?? periods.map(() => ({ addresses: 0, atEnd: 0 }));
    counts.set(network, row);
    for (const [index, period] of periods.entries()) {
      const count = row[index];
      if (count === undefined) continue;
      if (own.some(({ from, to }) => from < period.to && to > period.from)) count.addresses += 1;
      if (own.some(({ from, to }) => from < period.to && to >= period.to)) count.atEnd += 1;
    }
  }
  const networks = [...counts].sort(([a], [b]) => compareNetworks(a, b));
  if (prefix === undefined && networks.length === 0)
    networks.push(['', periods.map(() => ({ addresses: 0, atEnd: 0 }))]);
  return periods.flatMap(({ from, to }, index) =>
    networks.flatMap(([network, row]) => {
      const count = row[index] ?? { addresses: 0, atEnd: 0 };
      if (network !== '' && count.addresses === 0) return [];
      return [{ from, to, ...(network === '' ? {} : { network }), ...count }];
    }),
  );
}

/** The lengths of the prefixes by which addresses are counted. */
export interface Prefix {
  readonly v4: number;
  readonly v6: number;
}

/** Refuses lengths that no address has. Throws BadInput. */
export function checkPrefix({ v4, v6 }: Prefix): void {
  const check = (length: number, last: number, field: string) => {
    if (Number.isInteger(length) && length >= 0 && length <= last) return;
    throw new BadInput(`"${field}" is ${length}: a prefix length is a whole number from 0 to ${last}`, field);
  };
  check(v4, 32, 'prefixV4');
  check(v6, 128, 'prefixV6');
}

/** The network of this prefix length that holds the address. */
export function networkOf(address: Address, { v4, v6 }: Prefix): string {
  const range = readRange(`${address}/${address.includes(':') ? v6 : v4}`);
  if (typeof range === 'string') return address;
  const [text = address] = formatAddressSet([range]);
  return text.includes('/') ? text : `${text}/${address.includes(':') ? 128 : 32}`;
}

function compareNetworks(a: string, b: string): number {
  if (a === '' || b === '') return a.length - b.length;
  const place = (network: string) => positionOf(network.slice(0, network.indexOf('/')));
  return place(a) < place(b) ? -1 : 1;
}
