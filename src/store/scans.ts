import { type SQL, sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import type { Page, PageRequest, Receipt, Scan, ScanFilter, ScanStatus } from '../core/model.ts';
import type { ScanId } from '../core/state.ts';
import {
  allOf,
  type CursorFormat,
  directionOf,
  packFields,
  pageOf,
  stretchOf,
  unpackFields,
} from './page.ts';
import type { Session } from './session.ts';
import { instantText, list } from './statement.ts';

interface ScanPlace {
  /** The database's own text. */
  readonly at: string;
  readonly id: string;
}

const cursors: CursorFormat<ScanPlace> = {
  format: ({ at, id }) => packFields([at, id]),
  read: (text) => {
    const [at, id] =
      unpackFields(text, [/^\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?\+00$/, /^\d{1,15}$/]) ?? [];
    return at === undefined || id === undefined || Number.isNaN(parseInstant(at)) ? undefined : { at, id };
  },
};

/** A page of scans, newest observation first. Throws BadInput. */
export async function pageOfScans(
  session: Session,
  filter: ScanFilter,
  request: PageRequest,
): Promise<Page<Scan>> {
  const { after, before, backward, limit } = stretchOf(request, cursors);
  const rows = await session.rows<ScanRow>(sql`
    /* pageOfScans */
    select ${scanColumns}
    from scan
    where ${scanConditions(filter)}
      and ${after === undefined ? sql`true` : sql`(scan.at, scan.id) < ${placeOf(after)}`}
      and ${before === undefined ? sql`true` : sql`(scan.at, scan.id) > ${placeOf(before)}`}
    order by scan.at ${directionOf(!backward)}, scan.id ${directionOf(!backward)}
    limit ${limit}
  `);
  const found = rows.map((row) => ({ place: { at: row.at, id: String(row.id) }, node: toScan(row) }));
  return pageOf(found, request, cursors);
}

/** How many scans there are. */
export async function countScans(session: Session, filter: ScanFilter): Promise<number> {
  const [row] = await session.rows<{ count: number }>(sql`
    /* countScans */
    select count(*) as count
    from scan
    where ${scanConditions(filter)}
  `);
  return row?.count ?? 0;
}

/** Those of the scans that exist, by id. */
export async function findScans(session: Session, ids: readonly ScanId[]): Promise<Scan[]> {
  const rows = await session.rows<ScanRow>(sql`
    /* findScans */
    select ${scanColumns}
    from scan
    where id = any(${list(ids, 'bigint')})
    order by id
    limit ${ids.length}
  `);
  return rows.map(toScan);
}

/** What a filter of scans means, for statements that read from `scan`. */
export function scanConditions(filter: ScanFilter): SQL {
  const { addressSpaceIds, scannerIds, scannerGroupIds, statuses, complete, from, to } = filter;
  return allOf([
    addressSpaceIds && sql`scan.address_space_id = any(${list(addressSpaceIds, 'bigint')})`,
    scannerIds && sql`scan.scanner_id = any(${list(scannerIds, 'bigint')})`,
    scannerGroupIds &&
      sql`scan.scanner_id in (select id from scanner where group_id = any(${list(scannerGroupIds, 'bigint')}))`,
    statuses && sql`scan.status = any(${list(statuses, 'text')})`,
    complete === undefined ? undefined : sql`scan.complete = ${complete}`,
    from === undefined ? undefined : sql`scan.at >= ${instantText(from)}::timestamptz`,
    to === undefined ? undefined : sql`scan.at <= ${instantText(to)}::timestamptz`,
  ]);
}

/** The columns that `toScan` wants. */
export const scanColumns = sql`
  scan.id,
  scan.address_space_id as "addressSpaceId",
  scan.scanner_id as "scannerId",
  scan.digest,
  scan.status,
  scan.at::text as at,
  scan.received_at::text as "receivedAt",
  scan.complete,
  scan.receipt
`;

/** One row of `scanColumns`. */
export interface ScanRow {
  readonly id: number;
  readonly addressSpaceId: number;
  readonly scannerId: number;
  readonly digest: string;
  readonly status: ScanStatus;
  readonly at: string;
  readonly receivedAt: string;
  readonly complete: boolean;
  readonly receipt: Receipt;
}

/** The scan of a row. */
export function toScan({ at, receivedAt, ...rest }: ScanRow): Scan {
  return { ...rest, at: parseInstant(at), receivedAt: parseInstant(receivedAt) };
}

function placeOf({ at, id }: ScanPlace): SQL {
  return sql`(${at}::text::timestamptz, ${id}::text::bigint)`;
}
