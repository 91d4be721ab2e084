import { type SQL, sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import { type Address, addressAt } from '../core/address.ts';
import type { AddressSet } from '../core/address-set.ts';
import type { Instant } from '../core/observation.ts';
import { decodeBareState, decodeState, type HostState } from '../core/state.ts';
import { inet, isInside } from './address-conditions.ts';
import type { ViewPlace } from './drift-writes.ts';
import type { StoredHost } from './host-walk.ts';
import { allOf } from './page.ts';
import type { CopyTarget, Session } from './session.ts';
import { copyLine, instantText, list } from './statement.ts';

/** The scanners of one view. */
export interface ViewScanners extends ViewPlace {
  readonly scannerIds: readonly number[];
}

/**
 * Hosts with what the view's scanners keep of them, services only where they are asked for; also those of which none
 * keeps anything.
 */
export async function readViewHosts(
  session: Session,
  { addressSpaceId, scannerIds, withServices }: ViewScanners & { readonly withServices: boolean },
  addresses: readonly Address[],
): Promise<StoredHost[]> {
  const decode = withServices ? (text: string) => decodeState(text) : decodeBareState;
  const rows = await session.rows<{ address: Address; scannerId: number; state: string }>(sql`
    /* readViewHosts */
    select host(host_state.address) as address, host_state.scanner_id as "scannerId", host_state.state
    from unnest(${list(addresses, 'inet')}) as host (address)
    join host_state
      on host_state.address_space_id = ${addressSpaceId}
      and host_state.address = host.address
    where host_state.scanner_id = any(${list(scannerIds, 'integer')})
    order by host_state.address, host_state.scanner_id
    limit 10000000
  `);
  const states = new Map<Address, { scannerId: number; state: HostState }[]>();
  for (const { address, scannerId, state: text } of rows) {
    const state = { scannerId, state: decode(text) };
    const own = states.get(address);
    if (own === undefined) states.set(address, [state]);
    else own.push(state);
  }
  return addresses.map((address) => ({ addressSpaceId, address, states: states.get(address) ?? [] }));
}

/** A stretch of the line of addresses. */
interface Range {
  readonly first: Address;
  readonly last: Address;
}

/**
 * Addresses inside a set of which the view knows something, or that wait to be assessed, or that have open drift;
 * without a set, everywhere. At most `limit`, behind one address, ascending.
 */
export async function viewAddresses(
  session: Session,
  { addressSpaceId, scannerGroupId, scannerIds }: ViewScanners,
  { within, after, limit }: { within: AddressSet | undefined; after: Address | undefined; limit: number },
): Promise<Address[]> {
  const ranges = rangesOf(within);
  const rows = await session.rows<{ address: Address }>(sql`
    /* viewAddresses */
    select host(found.address) as address
    from (
      ${inEach(
        ranges,
        sql`
          select host_state.address
          from host_state
          where host_state.address_space_id = ${addressSpaceId}
            and host_state.address between range.first and range.last
            and host_state.scanner_id = any(${list(scannerIds, 'integer')})
        `,
      )}
      union
      ${watchedInEach(ranges, { addressSpaceId, scannerGroupId }, sql`true`)}
      union
      ${inEach(
        ranges,
        sql`
          select drift_item.address
          from drift_item
          where drift_item.scanner_group_id = ${scannerGroupId}
            and drift_item.address between range.first and range.last
            and drift_item.state = 'open'
        `,
      )}
    ) as found
    where ${after === undefined ? sql`true` : sql`found.address > ${after}::text::inet`}
    order by found.address
    limit ${limit}
  `);
  return rows.map(({ address }) => address);
}

/**
 * The addresses that a statement finds in each of the ranges, each through its index (`offset 0` keeps it so): without
 * statistics, as after a first import, the planner would read a whole table for each range.
 */
function inEach(ranges: readonly Range[], inner: SQL): SQL {
  return sql`
    select inside.address
    from ${unnested(ranges)} as range (first, last)
    cross join lateral (${inner} offset 0) as inside
  `;
}

function watchedInEach(
  ranges: readonly Range[],
  { addressSpaceId, scannerGroupId }: ViewPlace,
  condition: SQL,
): SQL {
  return inEach(
    ranges,
    sql`
      select drift_watch.address
      from drift_watch
      where drift_watch.address_space_id = ${addressSpaceId}
        and drift_watch.scanner_group_id = ${scannerGroupId}
        and drift_watch.address between range.first and range.last
        and ${condition}
    `,
  );
}

function rangesOf(set: AddressSet | undefined): readonly Range[] {
  if (set === undefined) {
    const everything = [
      { first: '0.0.0.0', last: '255.255.255.255' },
      { first: '::', last: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' },
    ];
    return everything;
  }
  return set.map(({ first, last }) => ({ first: addressAt(first), last: addressAt(last) }));
}

function unnested(ranges: readonly Range[]) {
  const firsts = list(
    ranges.map(({ first }) => first),
    'inet',
  );
  const lasts = list(
    ranges.map(({ last }) => last),
    'inet',
  );
  return sql`unnest(${firsts}, ${lasts})`;
}

/** Why a host must be assessed again although nothing new is known of it. */
export interface Watch {
  readonly unknown: boolean;
  readonly contested: boolean;
  readonly dueAt: Instant | undefined;
}

/** The watches of some hosts. */
export async function watchesOf(
  session: Session,
  { addressSpaceId, scannerGroupId }: ViewPlace,
  addresses: readonly Address[],
): Promise<ReadonlyMap<Address, Watch>> {
  const rows = await session.rows<{
    address: Address;
    unknown: boolean;
    contested: boolean;
    dueAt: string | null;
  }>(sql`
    /* watchesOf */
    select
      host(drift_watch.address) as address,
      drift_watch.unknown,
      drift_watch.contested,
      drift_watch.due_at::text as "dueAt"
    from unnest(${list(addresses, 'inet')}) as host (address)
    join drift_watch
      on drift_watch.address_space_id = ${addressSpaceId}
      and drift_watch.scanner_group_id = ${scannerGroupId}
      and drift_watch.address = host.address
    order by drift_watch.address
    limit 10000000
  `);
  return new Map(
    rows.map(({ address, unknown, contested, dueAt }) => [
      address,
      { unknown, contested, dueAt: dueAt === null ? undefined : parseInstant(dueAt) },
    ]),
  );
}

const watchTarget: CopyTarget = {
  table: 'drift_watch',
  columns: ['address_space_id', 'scanner_group_id', 'address', 'unknown', 'contested', 'due_at'],
};

/** Writes watches anew; undefined takes one away. */
export async function writeWatches(
  session: Session,
  { addressSpaceId, scannerGroupId }: ViewPlace,
  watches: ReadonlyMap<Address, Watch | undefined>,
): Promise<void> {
  if (watches.size === 0) return;
  await session.rows(sql`
    /* deleteWatches */
    delete from drift_watch
    using unnest(${list([...watches.keys()], 'inet')}) as gone (address)
    where drift_watch.address_space_id = ${addressSpaceId}
      and drift_watch.scanner_group_id = ${scannerGroupId}
      and drift_watch.address = gone.address
  `);
  const lines = Array.from(watches, ([address, watch]) => {
    if (watch === undefined) return '';
    const { unknown, contested, dueAt } = watch;
    const due = dueAt === undefined ? null : instantText(dueAt);
    const fields = [addressSpaceId, scannerGroupId, address, unknown, contested, due];
    return copyLine(fields);
  });
  const text = lines.join('');
  if (text !== '') await session.copy(watchTarget, text);
}

/** Hosts inside a set that a scan may tell more about, by why. */
export async function watchedIn(
  session: Session,
  place: ViewPlace,
  { within, reasons }: { within: AddressSet; reasons: readonly ('unknown' | 'contested')[] },
): Promise<Address[]> {
  const rows = await session.rows<{ address: Address }>(sql`
    /* watchedIn */
    select distinct host(watched.address) as address
    from (${watchedInEach(
      rangesOf(within),
      place,
      sql`(
        (${reasons.includes('unknown')} and drift_watch.unknown)
        or (${reasons.includes('contested')} and drift_watch.contested)
      )`,
    )}) as watched
    order by address
    limit 10000000
  `);
  return rows.map(({ address }) => address);
}

/** Whether a host is to be assessed again because time went on, or a waiver ended of which nobody told. */
export async function isAnythingDue(session: Session, now: Instant): Promise<boolean> {
  const at = sql`${instantText(now)}::text::timestamptz`;
  const [row] = await session.rows<{ due: boolean }>(sql`
    /* isAnythingDue */
    select
      exists (select from drift_watch where due_at <= ${at})
      or exists (select from waiver where not ended and revoked_at is null and expires_at <= ${at})
      as due
  `);
  return row?.due ?? false;
}

/** A host whose time has come. */
export interface DueHost extends ViewPlace {
  readonly address: Address;
}

/** Hosts that must be assessed again because time went on; the log must be locked. */
export function dueHosts(session: Session, now: Instant, limit: number): Promise<DueHost[]> {
  return session.rows<DueHost>(sql`
    /* dueHosts */
    select
      address_space_id as "addressSpaceId",
      scanner_group_id as "scannerGroupId",
      host(address) as address
    from drift_watch
    where due_at <= ${instantText(now)}::text::timestamptz
    order by due_at, address_space_id, scanner_group_id, address
    limit ${limit}
  `);
}

/** Takes all watches of a view away: it no longer looks. */
export async function dropWatches(
  session: Session,
  { addressSpaceId, scannerGroupId }: ViewPlace,
): Promise<void> {
  await session.rows(sql`
    /* dropWatches */
    delete from drift_watch
    where address_space_id = ${addressSpaceId} and scanner_group_id = ${scannerGroupId}
  `);
}

/** When the scanner looked so before: the same addresses under the same profile, in a scan that counts. */
export async function earlierLooks(
  session: Session,
  scanId: number,
): Promise<{ readonly isNew: boolean; readonly previousAt: Instant | undefined }[]> {
  const rows = await session.rows<{ previousAt: string | null }>(sql`
    /* earlierLooks */
    select (
      select scan.at::text
      from look as earlier
      join scan on scan.id = earlier.scan_id
      where earlier.scanner_id = look.scanner_id
        and earlier.scan_id <> look.scan_id
        and earlier.profile_id = look.profile_id
        and earlier.address_set_id = look.address_set_id
        and scan.status = 'applied'
      order by scan.at desc
      limit 1
    ) as "previousAt"
    from look
    where look.scan_id = ${scanId}
    order by look.profile_id, look.address_set_id
    limit 100000
  `);
  return rows.map(({ previousAt }) =>
    previousAt === null
      ? { isNew: true, previousAt: undefined }
      : { isNew: false, previousAt: parseInstant(previousAt) },
  );
}

/** Hosts of which something is unknown, ascending. */
export async function watchedPage(
  session: Session,
  { addressSpaceId, scannerGroupId }: ViewPlace,
  {
    within,
    low,
    limit,
  }: {
    within: AddressSet | undefined;
    low: { readonly address: Address; readonly isIncluded: boolean } | undefined;
    limit: number;
  },
): Promise<Address[]> {
  const bound =
    low === undefined
      ? undefined
      : low.isIncluded
        ? sql`drift_watch.address >= ${inet(low.address)}`
        : sql`drift_watch.address > ${inet(low.address)}`;
  const rows = await session.rows<{ address: Address }>(sql`
    /* watchedPage */
    select host(drift_watch.address) as address
    from drift_watch
    where ${allOf([
      sql`drift_watch.address_space_id = ${addressSpaceId}`,
      sql`drift_watch.scanner_group_id = ${scannerGroupId}`,
      sql`drift_watch.unknown`,
      isInside(sql`drift_watch.address`, within),
      bound,
    ])}
    order by drift_watch.address
    limit ${limit}
  `);
  return rows.map(({ address }) => address);
}
