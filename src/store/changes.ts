import { type SQL, sql } from 'drizzle-orm';
import { addressesOfFilter } from '../core/address-filter.ts';
import { countAddresses } from '../core/address-set.ts';
import { changeCode } from '../core/change.ts';
import type { ChangeFilter, ChangePlace, LoggedChange, Page, PageRequest } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import { isInside } from './address-conditions.ts';
import { type EntryPlace, formatEntryPlace, readEntries, readEntryPlace } from './change-entries.ts';
import { placeRows, readEntriesAt, readEntriesNamed } from './change-entries-at.ts';
import { allOf, type CursorFormat, pageOf, stretchOf } from './page.ts';
import { hasPort, isPort } from './port-conditions.ts';
import type { Session } from './session.ts';
import { instantText, list } from './statement.ts';

/** Cursors of entries are their ids, so that a reader of pages can go over to following the log. */
const cursors: CursorFormat<EntryPlace> = { format: formatEntryPlace, read: readEntryPlace };

/**
 * A page of entries, those that were logged last first: by sequence and number in the row, descending. Its first
 * cursor is where following the log continues. Throws BadInput.
 */
export async function pageOfChanges(
  session: Session,
  filter: ChangeFilter,
  request: PageRequest,
): Promise<Page<LoggedChange>> {
  const { after, before, backward, limit } = stretchOf(request, cursors);
  const range = { low: before, high: after, isDescending: !backward, limit, ...changeConditions(filter) };
  const entries = await readEntries(session, range);
  return pageOf(
    entries.map(({ place, change }) => ({ place, node: change })),
    request,
    cursors,
  );
}

/** The hosts of one /24. */
const fewHosts = 256n;

/** How many entries a filter means. Throws BadInput. */
export async function countChanges(session: Session, filter: ChangeFilter): Promise<number> {
  const [row] = await session.rows<{ count: number }>(sql`/* countChanges */ ${countOf(filter)}`);
  return row?.count ?? 0;
}

/**
 * The same page for each of the places, all hosts or all endpoints, in their order; as of a moment, only what makes
 * up the state as of then. Throws BadInput.
 */
export async function pagesOfChangesAt(
  session: Session,
  places: readonly ChangePlace[],
  { request, asOf }: { request: PageRequest; asOf: Instant | undefined },
): Promise<Page<LoggedChange>[]> {
  const { after, before, backward, limit } = stretchOf(request, cursors);
  const meaning = changeConditions(ofPlaces(places, asOf));
  const range = { low: before, high: after, isDescending: !backward, limit, ...meaning };
  const found = await readEntriesAt(session, places, range);
  return found.map((entries) =>
    pageOf(
      entries.map(({ place, change }) => ({ place, node: change })),
      request,
      cursors,
    ),
  );
}

/** How many entries there are about each of the places, all hosts or all endpoints, in their order. */
export async function countChangesAt(
  session: Session,
  places: readonly ChangePlace[],
  asOf: Instant | undefined,
): Promise<number[]> {
  const rows = await session.rows<{ count: number }>(sql`
    /* countChangesAt */
    select counted.count
    from ${placeRows(places)}
    cross join lateral (${countOf(ofPlaces(places, asOf))}) as counted
    order by place.position
  `);
  return rows.map(({ count }) => count);
}

/** Entries by their ids, in the order of the ids; undefined where there is none with the id. */
export async function findChanges(
  session: Session,
  ids: readonly string[],
): Promise<(LoggedChange | undefined)[]> {
  const places = ids.map(readEntryPlace).filter((place) => place !== undefined);
  if (places.length === 0) return ids.map(() => undefined);
  const entries = await readEntriesNamed(session, places);
  const found = new Map(entries.map(({ change }) => [change.id, change]));
  return ids.map((id) => found.get(id));
}

/** A filter that may speak of the row `place` beside `change`. */
interface PlacedFilter extends ChangeFilter {
  readonly place?: { readonly isHost: SQL; readonly port: SQL | undefined };
}

function ofPlaces(places: readonly ChangePlace[], asOf: Instant | undefined): PlacedFilter {
  const isOfPorts = places.some(({ port }) => port !== undefined);
  const isHost = sql`change.address_space_id = place.address_space_id and change.address = place.address`;
  const place = { isHost, port: isOfPorts ? sql`place.port` : undefined };
  return asOf === undefined ? { place } : { place, asOf };
}

function countOf(filter: PlacedFilter): SQL {
  const { ports, asOf, collapsed, place } = filter;
  const isWhole = [ports, asOf, collapsed, place?.port].every((part) => part === undefined);
  const entries = isWhole
    ? sql`coalesce(cardinality(change.ports), 1)`
    : sql`(select count(*) from (${portsMeant(filter)}) as entry)`;
  return sql`
    select coalesce(sum(${entries}), 0)::bigint as count
    from change
    where ${changeConditions(filter).condition}
  `;
}

/** What a filter of entries means, for statements that read from `change`. Throws BadInput. */
export function changeConditions(filter: PlacedFilter): {
  condition: SQL;
  isOfFewHosts: boolean;
  isPort: ((port: SQL) => SQL) | undefined;
} {
  const { addressSpaceIds, kinds, ports, scannerIds, scannerGroupIds, scanIds, baseline, collapsed } = filter;
  const { from, to, retractions, asOf, place } = filter;
  const addresses = addressesOfFilter(filter);
  const codes = kinds?.map((kind) => changeCode[kind]);
  const condition = allOf([
    place?.isHost,
    place?.port && sql`${place.port} = any(change.ports)`,
    addressSpaceIds && sql`change.address_space_id = any(${list(addressSpaceIds, 'bigint')})`,
    isInside(sql`change.address`, addresses),
    codes && sql`change.kind = any(${list(codes, 'smallint')})`,
    ports && sql`change.ports is not null and ${hasPort(sql`change.ports`, ports)}`,
    scannerIds && sql`change.scanner_id = any(${list(scannerIds, 'bigint')})`,
    scannerGroupIds &&
      sql`change.scanner_id in (select id from scanner where group_id = any(${list(scannerGroupIds, 'bigint')}))`,
    scanIds && sql`change.scan_id = any(${list(scanIds, 'bigint')})`,
    baseline === undefined ? undefined : sql`change.baseline = ${baseline}`,
    collapsed === undefined ? undefined : collapsedRow(collapsed),
    from === undefined ? undefined : sql`change.at >= ${instantText(from)}::timestamptz`,
    to === undefined ? undefined : sql`change.at <= ${instantText(to)}::timestamptz`,
    retractions === undefined ? undefined : sql`(change.retracts is not null) = ${retractions}`,
    asOf === undefined ? undefined : sql`change.at <= ${instantText(asOf)}::timestamptz`,
    asOf === undefined ? undefined : sql`change.retracts is null`,
    asOf === undefined ? undefined : sql`exists (${portsMeant(filter)})`,
  ]);
  const isOfFewHosts = addresses !== undefined && countAddresses(addresses) <= fewHosts;
  return { condition, isOfFewHosts, isPort: entryCondition(filter) };
}

/** On the port of an entry of the row that is named `numbered` while entries are cut out of it. */
function entryCondition(filter: PlacedFilter): ((port: SQL) => SQL) | undefined {
  const { ports, asOf, collapsed, place } = filter;
  if ([ports, asOf, collapsed, place?.port].every((part) => part === undefined)) return undefined;
  return (port) =>
    entriesMeant(port, filter, { sequence: sql`numbered.sequence`, collapsed: sql`numbered.collapsed` });
}

function entriesMeant(
  port: SQL,
  { ports, asOf, collapsed, place }: PlacedFilter,
  row: { sequence: SQL; collapsed: SQL },
): SQL {
  const isCollapsed = sql`coalesce(${port} = any(${row.collapsed}), false)`;
  return allOf([
    asOf === undefined ? undefined : isLeft(port, row.sequence),
    place?.port && sql`${port} = ${place.port}`,
    ports && isPort(port, ports),
    collapsed === undefined ? undefined : sql`${isCollapsed} = ${collapsed}`,
  ]);
}

/** Whether a row has an entry that is (not) part of a finding. */
function collapsedRow(collapsed: boolean): SQL {
  if (collapsed) return sql`change.collapsed is not null`;
  return sql`(change.collapsed is null or cardinality(change.collapsed) < cardinality(change.ports))`;
}

/** The ports of the entries of a row that are meant; null for an entry about the host. */
function portsMeant(filter: PlacedFilter): SQL {
  const row = { sequence: sql`change.sequence`, collapsed: sql`change.collapsed` };
  return sql`
    select single.port
    from unnest(coalesce(change.ports, array[null]::integer[])) as single (port)
    where ${entriesMeant(sql`single.port`, filter, row)}
  `;
}

function isLeft(port: SQL, sequence: SQL): SQL {
  return sql`not exists (
    select
    from change as later
    where later.retracts = ${sequence} and (${port} is null or ${port} = any(later.ports))
  )`;
}
