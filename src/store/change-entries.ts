import { type SQL, sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import { type ChangeRow, changesOfRow } from '../core/entry.ts';
import type { LoggedChange, RetractionReason } from '../core/model.ts';
import { directionOf } from './page.ts';
import type { Session } from './session.ts';
import { list } from './statement.ts';

/** The place of an entry in the log: its row, and its number in the row. */
export interface EntryPlace {
  readonly sequence: number;
  readonly n: number;
}

/** An entry and what filters want to know beside it. */
export interface LogEntry {
  readonly place: EntryPlace;
  readonly change: LoggedChange;
  readonly scannerGroupId: number;
}

/** Which entries are read: those between two places, both excluded, that meet the conditions. */
export interface EntryRange {
  readonly low?: EntryPlace | undefined;
  readonly high?: EntryPlace | undefined;
  readonly isDescending: boolean;
  readonly limit: number;
  /** On the row. */
  readonly condition: SQL;
  /** Few hosts are meant: their rows are found by their addresses and then sorted, else the log is read in order. */
  readonly isOfFewHosts?: boolean;
  /** On the port of an entry; without it all ports of a row are meant. */
  readonly isPort?: ((port: SQL) => SQL) | undefined;
}

/** Entries in the order of the log or against it; rows with very many ports are cut in the database. */
export async function readEntries(session: Session, range: EntryRange): Promise<LogEntry[]> {
  const rows = await session.rows<EntryRow>(sql`/* readEntries */ ${entryRows(range)}`);
  const entries = rows.flatMap(entriesOfRow).slice(0, range.limit);
  return withRetractions(session, entries);
}

/** The rows of a range, each with those of its entries that are wanted. */
export function entryRows(range: EntryRange): SQL {
  const { low, high, isDescending, limit, condition } = range;
  const direction = directionOf(isDescending);
  return sql`
    with matching as (
      select
        change.*,
        ${low === undefined ? sql`1` : sql`case when sequence = ${low.sequence} then ${low.n + 2}::integer else 1 end`} as low,
        ${
          high === undefined
            ? sql`coalesce(cardinality(ports), 1)`
            : sql`case when sequence = ${high.sequence} then ${high.n}::integer else coalesce(cardinality(ports), 1) end`
        } as high
      from change
      where ${low === undefined ? sql`true` : sql`sequence >= ${low.sequence}`}
        and ${high === undefined ? sql`true` : sql`sequence <= ${high.sequence}`}
        and ${condition}
      order by ${range.isOfFewHosts ? sql`sequence + 0` : sql`sequence`} ${direction}
      limit ${limit + 2}
    ), numbered as (
      select *, sum(${entriesAtLeast(range)}) over (order by sequence ${direction}) - ${entriesAtLeast(range)} as earlier
      from matching
    )
    select ${entryColumns(sql`numbered`)}
    from numbered
    join scanner on scanner.id = numbered.scanner_id
    cross join lateral (${slice(range)}) as entry
    where numbered.earlier < ${limit} and entry.places is not null
    order by numbered.sequence ${direction}
  `;
}

/** What is read of a row of the log, which goes by some name, beside the rows `scanner` and `entry (places, ports)`. */
export function entryColumns(row: SQL): SQL {
  return sql`
    ${row}.sequence,
    ${row}.address_space_id as "addressSpaceId",
    host(${row}.address) as address,
    ${row}.scanner_id as "scannerId",
    scanner.group_id as "scannerGroupId",
    ${row}.scan_id as "scanId",
    ${row}.kind,
    ${row}.ports is null as "isOfHost",
    entry.places,
    entry.ports,
    ${row}.baseline,
    ${row}.confirmations,
    ${row}.facts,
    ${row}.at::text as at,
    ${row}.observed_at::text as "observedAt",
    ${row}.retracts,
    ${row}.collapsed,
    ${row}.reason,
    ${row}.logged_at::text as "loggedAt"
  `;
}

/** How many entries a row has that are surely wanted: enough rows for a page are kept, wide ones beyond it are not. */
function entriesAtLeast({ low, high, isPort }: EntryRange): SQL {
  const ends = [low?.sequence ?? -1, high?.sequence ?? -1];
  const inside = isPort === undefined ? sql`coalesce(cardinality(ports), 1)` : sql`1`;
  return sql`case when sequence = any(${list(ends, 'bigint')}) then 0 else ${inside} end`;
}

/** The wanted entries of one row: places from 0, and ports. */
function slice({ isDescending, limit, isPort }: EntryRange): SQL {
  const low = isDescending && isPort === undefined ? sql`greatest(low, high - ${limit - 1})` : sql`low`;
  const high = isDescending || isPort !== undefined ? sql`high` : sql`least(high, low + ${limit - 1})`;
  const direction = directionOf(isDescending);
  return sql`
    select
      array_agg(single.place order by single.place ${direction}) as places,
      array_agg(single.port order by single.place ${direction}) as ports
    from (
      select listed.port, (${low} + listed.position - 2)::integer as place
      from unnest((coalesce(numbered.ports, array[null]::integer[]))[${low}:${high}])
        with ordinality as listed (port, position)
      where ${isPort === undefined ? sql`true` : isPort(sql`listed.port`)}
      order by listed.position ${direction}
      limit ${limit}
    ) as single
  `;
}

/** A row of the log, and which of its entries are wanted. */
export interface EntryRow {
  readonly sequence: number;
  readonly addressSpaceId: number;
  readonly address: string;
  readonly scannerId: number;
  readonly scannerGroupId: number;
  readonly scanId: number;
  readonly kind: number;
  readonly isOfHost: boolean;
  readonly places: readonly number[];
  readonly ports: readonly number[];
  readonly baseline: boolean;
  readonly confirmations: number;
  readonly facts: string | null;
  readonly at: string;
  readonly observedAt: string | null;
  readonly retracts: number | null;
  readonly collapsed: readonly number[] | null;
  readonly reason: RetractionReason | null;
  readonly loggedAt: string;
}

/** An entry that does not know yet what becomes of it. */
export interface UnlinkedEntry extends LogEntry {
  /** The row that the entry takes back. */
  readonly retracts: number | null;
}

/** The wanted entries of a row. */
export function entriesOfRow(row: EntryRow): UnlinkedEntry[] {
  const { sequence, addressSpaceId, address, scannerId, scannerGroupId, scanId, retracts, reason } = row;
  const changeRow: ChangeRow = {
    kind: row.kind,
    ports: row.isOfHost ? null : row.ports,
    baseline: row.baseline,
    confirmations: row.confirmations,
    facts: row.facts,
    at: parseInstant(row.at),
    observedAt: row.observedAt === null ? null : parseInstant(row.observedAt),
  };
  const shared = {
    sequence,
    addressSpaceId,
    address,
    scannerId,
    scanId,
    loggedAt: parseInstant(row.loggedAt),
  };
  return changesOfRow(changeRow).map((change, i) => {
    const n = row.places[i] ?? 0;
    return {
      place: { sequence, n },
      scannerGroupId,
      retracts,
      change: {
        ...change,
        ...shared,
        id: formatEntryPlace({ sequence, n }),
        ...(reason === null ? {} : { reason }),
        collapsed: change.port !== undefined && (row.collapsed?.includes(change.port) ?? false),
        retracted: false,
      },
    };
  });
}

/** Says of each entry which one it takes back, and whether it is taken back itself. */
export async function withRetractions(
  session: Session,
  entries: readonly UnlinkedEntry[],
): Promise<LogEntry[]> {
  if (entries.length === 0) return [];
  const rows = await session.rows<{ retracted: boolean; retracts: number | null }>(sql`
    /* retractionsOfEntries */
    select
      exists (
        select
        from change as later
        where later.retracts = entry.sequence and (entry.port is null or entry.port = any(later.ports))
      ) as retracted,
      (
        select coalesce(array_position(earlier.ports, entry.port) - 1, 0)
        from change as earlier
        where earlier.sequence = entry.retracts
        limit 1
      ) as retracts
    from unnest(
      ${list(
        entries.map(({ place }) => place.sequence),
        'bigint',
      )},
      ${list(
        entries.map(({ change }) => change.port ?? null),
        'integer',
      )},
      ${list(
        entries.map(({ retracts }) => retracts),
        'bigint',
      )}
    ) with ordinality as entry (sequence, port, retracts, position)
    order by entry.position
  `);
  return entries.map(({ retracts, ...entry }, i) => {
    const found = rows[i];
    const link =
      retracts === null
        ? {}
        : { retracts: formatEntryPlace({ sequence: retracts, n: found?.retracts ?? 0 }) };
    return { ...entry, change: { ...entry.change, ...link, retracted: found?.retracted ?? false } };
  });
}

/** The id and cursor of an entry. */
export function formatEntryPlace({ sequence, n }: EntryPlace): string {
  return `${sequence}.${n}`;
}

/** Reads the id or cursor of an entry; undefined where the text is none. */
export function readEntryPlace(text: string): EntryPlace | undefined {
  const match = /^(\d{1,15})\.(\d{1,6})$/.exec(text);
  return match === null ? undefined : { sequence: Number(match[1]), n: Number(match[2]) };
}
