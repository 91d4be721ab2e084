import { type SQL, sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import type { AbsentMeaning } from '../core/scope.ts';
import type { Base, Position } from '../core/timeline.ts';
import { latestBases } from './host-bases.ts';
import type { ScannerPlace } from './scan-writes.ts';
import type { Session } from './session.ts';
import { instantText, list } from './statement.ts';

/** Which hosts of a scanner are asked for. */
export type HostSelection =
  | { readonly kind: 'all' }
  | { readonly kind: 'ranges'; readonly ranges: readonly (readonly [first: string, last: string])[] }
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] };

/**
 * What is known of a scanner's hosts under one profile: one line for each host, `address digest record-digest
 * flags open-ports`, `?` where there is no head or no record digest. One value, because rows cost three times as much.
 */
export async function packKnown(
  session: Session,
  scanner: ScannerPlace,
  { profileId, selection }: { profileId: number; selection: HostSelection },
): Promise<string> {
  const [row] = await session.rows<{ known: string | null }>(sql`
    /* packKnown */
    with head as (
      select address, digest, record_digest, up, open_ports, must_fold
      from host_head
      where address_space_id = ${scanner.addressSpaceId}
        and scanner_id = ${scanner.scannerId}
        and profile_id = ${profileId}
        and ${selected(sql`host_head.address`, selection)}
    ), state as (
      select address
      from host_state
      where address_space_id = ${scanner.addressSpaceId}
        and scanner_id = ${scanner.scannerId}
        and ${selected(sql`host_state.address`, selection)}
    )
    select string_agg(
      host(coalesce(head.address, state.address))
        || ' ' || coalesce(head.digest, '?')
        || ' ' || coalesce(nullif(head.record_digest, ''), '?')
        || ' ' || case when state.address is null then '-' else 's' end
        || case when head.must_fold then 'm' else '' end
        || case when head.up then 'u' else '' end
        || ' ' || coalesce(head.open_ports, 0),
      e'\n'
    ) as known
    from head full join state using (address)
  `);
  return row?.known ?? '';
}

/** The addresses of the scanner's hosts that anything is stored about, in order. */
export async function fetchKnownAddresses(
  session: Session,
  scanner: ScannerPlace,
  selection: HostSelection,
): Promise<string[]> {
  const [row] = await session.rows<{ addresses: string | null }>(sql`
    /* fetchKnownAddresses */
    select string_agg(host(known.address), ' ' order by known.address) as addresses
    from (
      select address
      from host_head
      where address_space_id = ${scanner.addressSpaceId}
        and scanner_id = ${scanner.scannerId}
        and ${selected(sql`host_head.address`, selection)}
      union
      select address
      from host_state
      where address_space_id = ${scanner.addressSpaceId}
        and scanner_id = ${scanner.scannerId}
        and ${selected(sql`host_state.address`, selection)}
    ) as known
  `);
  return row?.addresses?.split(' ') ?? [];
}

function selected(address: SQL, selection: HostSelection): SQL {
  switch (selection.kind) {
    case 'all':
      return sql`true`;
    case 'addresses':
      return sql`${address} in (select unnest(${list(selection.addresses, 'inet')}))`;
    case 'ranges':
      return inRanges(address, selection.ranges);
  }
}

/** Few ranges are compared one by one, so that the primary key serves; many are joined. */
function inRanges(address: SQL, ranges: readonly (readonly [string, string])[]): SQL {
  const [only, second] = ranges;
  if (only === undefined) return sql`false`;
  if (second === undefined) return sql`${address} between ${only[0]}::text::inet and ${only[1]}::text::inet`;
  return sql`exists (
    select from unnest(
      ${list(
        ranges.map(([first]) => first),
        'inet',
      )},
      ${list(
        ranges.map(([, last]) => last),
        'inet',
      )}
    ) as range (first, last)
    where ${address} between range.first and range.last
  )`;
}

/**
 * The encoded states of these hosts; hosts without one are missing. Each is looked up by itself: a join of a
 * batch reads the whole table where the planner knows little of it, 90 ms instead of 5 for the /16.
 */
export function fetchStates(
  session: Session,
  scanner: ScannerPlace,
  addresses: readonly string[],
): Promise<{ address: string; state: string }[]> {
  return session.rows(sql`
    /* fetchStates */
    select host(wanted.address) as address, found.state
    from unnest(${list(addresses, 'inet')}) as wanted (address)
    cross join lateral (
      select host_state.state
      from host_state
      where host_state.address_space_id = ${scanner.addressSpaceId}
        and host_state.address = wanted.address
        and host_state.scanner_id = ${scanner.scannerId}
      limit 1
    ) as found
  `);
}

/** What complete applied scans of the scanner covered: each pair of profile and address set once. */
export function fetchCoverage(
  session: Session,
  scannerId: number,
): Promise<{ ranges: string; ports: string; status: boolean }[]> {
  return session.rows(sql`
    /* fetchCoverage */
    select address_set.ranges, profile.ports, profile.status
    from (
      select distinct look.profile_id, look.address_set_id
      from look join scan on scan.id = look.scan_id
      where look.scanner_id = ${scannerId} and scan.status = 'applied'
    ) as covered
    join profile on profile.id = covered.profile_id and profile.complete
    join address_set on address_set.id = covered.address_set_id
    order by profile.id, address_set.id
    limit 100000
  `);
}

/** A look of a scanner's timeline. */
export interface TimelineRow {
  readonly scan: number;
  readonly at: number;
  readonly digest: string;
  readonly applied: boolean;
  readonly profile: number;
  readonly addressSet: number;
}

/** All looks of a scanner, with the profiles and address sets that they refer to. */
export async function fetchTimeline(session: Session, scannerId: number) {
  const lookRows = session.rows<{ looks: string | null }>(sql`
    /* packTimelineLooks */
    select string_agg(
      scan.id || ' ' || (extract(epoch from scan.at) * 1000)::bigint || ' ' || scan.digest
        || ' ' || (scan.status = 'applied')::integer || ' ' || look.profile_id || ' ' || look.address_set_id,
      e'\n'
      order by scan.at, scan.digest
    ) as looks
    from look join scan on scan.id = look.scan_id
    where look.scanner_id = ${scannerId}
  `);
  const profileRows = session.rows<{
    id: number;
    ports: string;
    names: boolean;
    status: boolean;
    complete: boolean;
    absent: AbsentMeaning;
  }>(sql`
    /* fetchTimelineProfiles */
    select id, ports, names, status, complete, absent
    from profile
    where id in (select profile_id from look where scanner_id = ${scannerId})
    order by id
    limit 100000
  `);
  const addressSetRows = session.rows<{ id: number; ranges: string }>(sql`
    /* fetchTimelineAddressSets */
    select id, ranges
    from address_set
    where id in (select address_set_id from look where scanner_id = ${scannerId})
    order by id
    limit 10000000
  `);
  const [[packed], profiles, addressSets] = await Promise.all([lookRows, profileRows, addressSetRows]);
  return { looks: unpackLooks(packed?.looks ?? ''), profiles, addressSets };
}

function unpackLooks(text: string): TimelineRow[] {
  if (text === '') return [];
  return text.split('\n').map((line) => {
    const [scan, at, digest = '', applied, profile, addressSet] = line.split(' ');
    return {
      scan: Number(scan),
      at: Number(at),
      digest,
      applied: applied === '1',
      profile: Number(profile),
      addressSet: Number(addressSet),
    };
  });
}

/** Whether the scanner has a scan at or behind this time, and the scan with this digest. */
export async function findPlace(
  session: Session,
  scannerId: number,
  { at }: Pick<Position, 'at'>,
): Promise<{ isNewest: boolean; isShared: boolean }> {
  const [row] = await session.rows<{ later: boolean; shared: boolean }>(sql`
    /* findPlace */
    select
      exists (select from scan where scanner_id = ${scannerId} and at > ${instantText(at)}::text::timestamptz) as later,
      exists (select from scan where scanner_id = ${scannerId} and at = ${instantText(at)}::text::timestamptz) as shared
  `);
  return { isNewest: !row?.later && !row?.shared, isShared: row?.shared === true };
}

/** Everything stored about these hosts of one scanner, runs and log. */
export async function fetchHistories(session: Session, scanner: ScannerPlace, addresses: readonly string[]) {
  const runRows = session.rows<{
    address: string;
    profile: number;
    scan: number;
    at: string;
    digest: string;
    observedAt: string | null;
    content: string;
  }>(sql`
    /* fetchRuns */
    select host(host_run.address) as address, host_run.profile_id as profile, host_run.scan_id as scan,
      host_run.at, scan.digest, host_run.observed_at as "observedAt", host_run.content
    from unnest(${list(addresses, 'inet')}) as wanted (address)
    join host_run
      on host_run.address_space_id = ${scanner.addressSpaceId}
      and host_run.address = wanted.address
      and host_run.scanner_id = ${scanner.scannerId}
    join scan on scan.id = host_run.scan_id
    order by host_run.address, host_run.at, scan.digest
    limit 10000000
  `);
  const entryRows = session.rows<{
    address: string;
    sequence: number;
    scan: number;
    kind: number;
    ports: number[] | null;
    baseline: boolean;
    confirmations: number;
    facts: string | null;
    at: string;
    observedAt: string | null;
    retracts: number | null;
  }>(sql`
    /* fetchEntries */
    select host(change.address) as address, change.sequence, change.scan_id as scan, change.kind, change.ports,
      change.baseline, change.confirmations, change.facts, change.at, change.observed_at as "observedAt", change.retracts
    from unnest(${list(addresses, 'inet')}) as wanted (address)
    join change
      on change.address_space_id = ${scanner.addressSpaceId}
      and change.address = wanted.address
    where change.scanner_id = ${scanner.scannerId}
    order by change.address, change.sequence
    limit 10000000
  `);
  const baseRows = latestBases(session, {
    condition: sql`(
      host_base.address_space_id = ${scanner.addressSpaceId}
      and host_base.scanner_id = ${scanner.scannerId}
      and host_base.address in (select unnest(${list(addresses, 'inet')}))
    )`,
  });
  const [runs, entries, bases] = await Promise.all([runRows, entryRows, baseRows]);
  const baseOf = new Map(bases.map(({ address, base }) => [address, base]));
  const histories = joinHistories(addresses, runs.map(withInstants), entries.map(withInstants));
  return histories.map((history): typeof history & { readonly base?: Base } => {
    const base = baseOf.get(history.address);
    return base === undefined ? history : { ...history, base };
  });
}

function withInstants<R extends { at: string; observedAt: string | null }>(row: R) {
  return {
    ...row,
    at: parseInstant(row.at),
    observedAt: row.observedAt === null ? null : parseInstant(row.observedAt),
  };
}

function joinHistories<R extends { address: string }, E extends { address: string }>(
  addresses: readonly string[],
  runs: readonly R[],
  entries: readonly E[],
): { address: string; runs: R[]; entries: E[] }[] {
  const histories = new Map(
    addresses.map((address) => [address, { address, runs: [] as R[], entries: [] as E[] }]),
  );
  for (const run of runs) histories.get(run.address)?.runs.push(run);
  for (const entry of entries) histories.get(entry.address)?.entries.push(entry);
  return [...histories.values()];
}
