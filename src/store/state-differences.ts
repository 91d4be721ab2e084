import { type SQL, sql } from 'drizzle-orm';
import { type Address, parseAddress } from '../core/address.ts';
import { holdsPort } from '../core/endpoint.ts';
import { BadInput } from '../core/errors.ts';
import type { DifferenceCounts, DifferenceFilter, LocatedDifference } from '../core/history.ts';
import type { Page, PageRequest } from '../core/model.ts';
import type { StateComparison } from '../core/questions.ts';
import { differenceFacts, differencesOf } from '../core/state-difference.ts';
import { limits } from '../limits.ts';
import { inet } from './address-conditions.ts';
import { compareHosts } from './host-walk.ts';
import {
  allOf,
  type CursorFormat,
  directionOf,
  packFields,
  pageOf,
  type Stretch,
  stretchOf,
  unpackFields,
} from './page.ts';
import type { PastHost } from './past-hosts.ts';
import { type PastScope, readBetween, scopeOfPast } from './past-ranges.ts';
import type { Session } from './session.ts';
import { instantText, list } from './statement.ts';

interface DifferencePlace {
  readonly addressSpaceId: number;
  readonly address: Address;
  readonly scannerId: number;
  /** The place of the fact in `differenceFacts`. */
  readonly fact: number;
  /** -1 where it is about the host. */
  readonly port: number;
}

const cursors: CursorFormat<DifferencePlace> = {
  format: ({ addressSpaceId, address, scannerId, fact, port }) =>
    packFields([String(addressSpaceId), address, String(scannerId), String(fact), String(port)]),
  read: (text) => {
    const patterns = [/^\d{1,9}$/, /^[\d.:a-f]{2,45}$/, /^\d{1,9}$/, /^\d$/, /^-?\d{1,6}$/];
    const [space, address, scannerId, fact, port] = unpackFields(text, patterns) ?? [];
    const canonical = address === undefined ? undefined : parseAddress(address);
    if (canonical === undefined) return undefined;
    return {
      addressSpaceId: Number(space),
      address: canonical,
      scannerId: Number(scannerId),
      fact: Number(fact),
      port: Number(port),
    };
  },
};

/** A page of what differs between two moments, in the order of addresses, scanners and ports. Throws BadInput. */
export async function pageOfDifferences(
  session: Session,
  comparison: StateComparison,
  request: PageRequest,
): Promise<Page<LocatedDifference>> {
  const stretch = stretchOf(request, cursors);
  const scope = await scopeOf(session, comparison);
  const found: LocatedDifference[] = [];
  for await (const differences of walkDifferences(session, { comparison, scope, stretch })) {
    found.push(...differences);
    if (found.length >= stretch.limit) break;
  }
  return pageOf(
    found.slice(0, stretch.limit).map((node) => ({ place: placeOf(node), node })),
    request,
    cursors,
  );
}

/** How many facts differ between two moments. Throws BadInput. */
export async function countDifferences(
  session: Session,
  comparison: StateComparison,
): Promise<DifferenceCounts> {
  const scope = await scopeOf(session, comparison);
  const counts = { host: 0, names: 0, port: 0, service: 0, baseline: 0 };
  for (const space of scope.spaces) {
    const hosts = await readBetween(session, space, { ...comparison, condition: scope.condition });
    for (const host of hosts) {
      for (const { fact, baseline } of differencesIn(host, comparison)) {
        counts[fact] += 1;
        if (baseline) counts.baseline += 1;
      }
    }
  }
  return counts;
}

async function scopeOf(session: Session, comparison: StateComparison): Promise<PastScope> {
  if (comparison.from > comparison.to) {
    throw new BadInput('The first moment is after the second: exchange them', 'from');
  }
  return scopeOfPast(session, comparison, comparison.from);
}

interface Search {
  readonly comparison: StateComparison;
  readonly scope: PastScope;
  readonly stretch: Stretch<DifferencePlace>;
}

async function* walkDifferences(session: Session, search: Search): AsyncGenerator<LocatedDifference[]> {
  const { scope, stretch } = search;
  const { backward, after, before } = stretch;
  const spaces = backward ? scope.spaces.toReversed() : scope.spaces;
  for (const space of spaces) {
    const id = space.addressSpaceId;
    if (id < (after?.addressSpaceId ?? id) || id > (before?.addressSpaceId ?? id)) continue;
    let low = after?.addressSpaceId === id ? after.address : undefined;
    let high = before?.addressSpaceId === id ? before.address : undefined;
    for (let excluded: Address | undefined; ; ) {
      const addresses = await changedAddresses(session, { search, space, bounds: { low, high, excluded } });
      const differences = await differencesAt(session, { search, space, addresses });
      yield backward ? differences.reverse() : differences;
      if (addresses.length < limits.hostBatchMax) break;
      excluded = addresses.at(-1);
      if (backward) high = excluded;
      else low = excluded;
    }
  }
}

interface Step {
  readonly search: Search;
  readonly space: PastScope['spaces'][number];
}

async function changedAddresses(
  session: Session,
  {
    search,
    space,
    bounds,
  }: Step & { bounds: Readonly<Record<'low' | 'high' | 'excluded', Address | undefined>> },
): Promise<Address[]> {
  const { comparison, scope, stretch } = search;
  const { low, high, excluded } = bounds;
  const direction = directionOf(stretch.backward);
  const rows = await session.rows<{ address: Address }>(sql`
    /* changedAddresses */
    select host(changed.address) as address
    from (
      select distinct change.address
      from change
      where ${allOf([
        sql`change.address_space_id = ${space.addressSpaceId}`,
        sql`change.scanner_id = any(${list(space.scannerIds, 'integer')})`,
        sql`change.at > ${instantText(comparison.from)}::text::timestamptz`,
        sql`change.at <= ${instantText(comparison.to)}::text::timestamptz`,
        low === undefined ? undefined : sql`change.address >= ${inet(low)}`,
        high === undefined ? undefined : sql`change.address <= ${inet(high)}`,
        excluded === undefined ? undefined : sql`change.address <> ${inet(excluded)}`,
        scope.condition,
      ])}
      order by change.address ${direction}
      limit ${limits.hostBatchMax}
    ) as changed
    order by changed.address ${direction}
  `);
  return rows.map(({ address }) => address);
}

async function differencesAt(
  session: Session,
  { search, space, addresses }: Step & { addresses: readonly Address[] },
): Promise<LocatedDifference[]> {
  if (addresses.length === 0) return [];
  const { comparison, stretch } = search;
  const condition: SQL = sql`change.address = any(${list(addresses, 'inet')})`;
  const hosts = await readBetween(session, space, { ...comparison, condition });
  return hosts
    .flatMap((host) => differencesIn(host, comparison))
    .filter((difference) => isBetween(placeOf(difference), stretch));
}

function differencesIn(host: PastHost, { facts, ports, baseline }: DifferenceFilter): LocatedDifference[] {
  const { addressSpaceId, address, scannerId, entries } = host;
  return differencesOf(entries)
    .filter(({ fact }) => facts?.includes(fact) ?? true)
    .filter(({ port }) => ports === undefined || (port !== undefined && holdsPort(ports, port)))
    .filter((difference) => baseline === undefined || difference.baseline === baseline)
    .map((difference) => ({ ...difference, addressSpaceId, address, scannerId }));
}

function placeOf({ addressSpaceId, address, scannerId, fact, port }: LocatedDifference): DifferencePlace {
  return { addressSpaceId, address, scannerId, fact: differenceFacts.indexOf(fact), port: port ?? -1 };
}

function isBetween(place: DifferencePlace, { after, before }: Stretch<DifferencePlace>): boolean {
  if (after !== undefined && comparePlaces(place, after) <= 0) return false;
  return before === undefined || comparePlaces(place, before) < 0;
}

function comparePlaces(a: DifferencePlace, b: DifferencePlace): number {
  return compareHosts(a, b) || a.scannerId - b.scannerId || a.port - b.port || a.fact - b.fact;
}
