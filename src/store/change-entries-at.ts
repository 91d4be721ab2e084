import { type SQL, sql } from 'drizzle-orm';
import { cutInto, groupBy } from '../core/group.ts';
import type { ChangePlace } from '../core/model.ts';
import {
  type EntryPlace,
  type EntryRange,
  type EntryRow,
  entriesOfRow,
  entryColumns,
  entryRows,
  type LogEntry,
  withRetractions,
} from './change-entries.ts';
import { directionOf } from './page.ts';
import type { Session } from './session.ts';
import { list } from './statement.ts';

/** The places as rows `place (address_space_id, address, port, position)`. */
export function placeRows(places: readonly ChangePlace[]): SQL {
  return sql`unnest(
    ${list(
      places.map(({ addressSpaceId }) => addressSpaceId),
      'integer',
    )},
    ${list(
      places.map(({ address }) => address),
      'inet',
    )},
    ${list(
      places.map(({ port }) => port ?? null),
      'integer',
    )}
  ) with ordinality as place (address_space_id, address, port, position)`;
}

/** The same range of entries for each place, in the order of the places; its conditions may speak of `place`. */
export async function readEntriesAt(
  session: Session,
  places: readonly ChangePlace[],
  range: EntryRange,
): Promise<LogEntry[][]> {
  const { isDescending, limit } = range;
  const rows = await session.rows<EntryRow & { position: number }>(sql`
    /* readEntriesAt */
    select place.position, entry.*
    from ${placeRows(places)}
    cross join lateral (${entryRows({ ...range, isOfFewHosts: true })}) as entry
    order by place.position, entry.sequence ${directionOf(isDescending)}
  `);
  const byPlace = groupBy(rows, ({ position }) => position);
  const entries = places.map((_, i) => (byPlace.get(i + 1) ?? []).flatMap(entriesOfRow).slice(0, limit));
  return cutInto(await withRetractions(session, entries.flat()), entries);
}

/** The entries at these places of the log, in no order. */
export async function readEntriesNamed(session: Session, places: readonly EntryPlace[]): Promise<LogEntry[]> {
  const rows = await session.rows<EntryRow>(sql`
    /* readEntriesNamed */
    select ${entryColumns(sql`change`)}
    from (
      select
        named.sequence,
        array_agg(named.n order by named.n) as places,
        array_agg(change.ports[named.n + 1] order by named.n) as ports
      from unnest(
        ${list(
          places.map(({ sequence }) => sequence),
          'bigint',
        )},
        ${list(
          places.map(({ n }) => n),
          'integer',
        )}
      ) as named (sequence, n)
      join change using (sequence)
      where named.n < coalesce(cardinality(change.ports), 1)
      group by named.sequence
    ) as entry
    join change using (sequence)
    join scanner on scanner.id = change.scanner_id
  `);
  return withRetractions(session, rows.flatMap(entriesOfRow));
}
