import { sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import { changeMatcher } from '../core/change-filter.ts';
import type { ChangeFilter, LoggedChange, ScanEvent, ScanFilter, ScannerEvent } from '../core/model.ts';
import { matchesEvent } from '../core/scan-filter.ts';
import { type EntryPlace, formatEntryPlace, readEntries, readEntryPlace } from './change-entries.ts';
import { changeConditions } from './changes.ts';
import { logFloor } from './prune-writes.ts';
import { type ScanRow, scanColumns, scanConditions, toScan } from './scans.ts';
import type { Session } from './session.ts';

/** One item of a log, its place, and what filters want to know beside it. */
export interface LogItem<Item> {
  readonly place: EntryPlace;
  readonly item: Item;
  readonly scannerGroupId: number;
}

/** One of the logs, for those who follow it. Its order is the order of commits. */
export interface Log<Item, Filter> {
  /** Behind the newest committed item. */
  head(session: Session): Promise<EntryPlace>;
  /** The oldest place behind which nothing is missing. */
  oldest(session: Session): Promise<EntryPlace>;
  /** Items behind a place, in order; with a filter only those that are meant, and up to a place. */
  read(session: Session, stretch: LogStretch<Filter>): Promise<readonly LogItem<Item>[]>;
  /** What a filter means for items at hand. Throws BadInput. */
  matcher(filter: Filter): (item: Item, scannerGroupId: number) => boolean;
  formatCursor(place: EntryPlace): string;
  readCursor(text: string): EntryPlace | undefined;
}

/** Which items are read. */
export interface LogStretch<Filter> {
  readonly behind: EntryPlace;
  readonly upTo?: EntryPlace;
  readonly filter?: Filter;
  readonly limit: number;
}

/** Behind all entries of a row: it has fewer than a million. */
const endOfRow = 999_999;

/** Both logs share their numbers, so one head serves both. */
async function head(session: Session): Promise<EntryPlace> {
  const [row] = await session.rows<{ sequence: number }>(sql`
    /* headOfLogs */
    select greatest(
      (select coalesce(max(sequence), 0) from change),
      (select coalesce(max(sequence), 0) from scan_event),
      (select coalesce(max(sequence), 0) from log_floor)
    ) as sequence
  `);
  return { sequence: row?.sequence ?? 0, n: endOfRow };
}

/** Pruning takes rows of the logs away. */
async function oldest(session: Session): Promise<EntryPlace> {
  const sequence = await logFloor(session);
  return { sequence, n: sequence === 0 ? 0 : endOfRow };
}

/** The change log. */
export const changeLog: Log<LoggedChange, ChangeFilter> = {
  head,
  oldest,
  read: async (session, { behind, upTo, filter, limit }) => {
    const range = { low: behind, high: upTo, isDescending: false, limit };
    const entries = await readEntries(session, { ...range, ...changeConditions(filter ?? {}) });
    return entries.map(({ change, ...rest }) => ({ ...rest, item: change }));
  },
  matcher: changeMatcher,
  formatCursor: formatEntryPlace,
  readCursor: readEntryPlace,
};

interface ScanEventRow extends ScanRow {
  readonly sequence: number;
  readonly kind: ScanEvent['kind'];
  readonly eventAt: string;
  readonly scannerGroupId: number;
}

/** What happened to scans. */
export const scanEventLog: Log<ScanEvent | ScannerEvent, ScanFilter> = {
  head,
  oldest,
  read: readScanEvents,
  matcher: (filter) => (event, scannerGroupId) => matchesEvent(filter, event, scannerGroupId),
  formatCursor: ({ sequence }) => String(sequence),
  readCursor: (text) => (/^\d{1,15}$/.test(text) ? { sequence: Number(text), n: endOfRow } : undefined),
};

async function readScanEvents(
  session: Session,
  stretch: LogStretch<ScanFilter>,
): Promise<LogItem<ScanEvent | ScannerEvent>[]> {
  const { behind, upTo, filter, limit } = stretch;
  const rows = await session.rows<ScanEventRow>(sql`
    /* readScanEvents */
    select
      scan_event.sequence,
      scan_event.kind,
      scan_event.at::text as "eventAt",
      scanner.group_id as "scannerGroupId",
      ${scanColumns}
    from scan_event
    join scan on scan.id = scan_event.scan_id
    join scanner on scanner.id = scan.scanner_id
    where scan_event.sequence > ${behind.sequence}
      and ${upTo === undefined ? sql`true` : sql`scan_event.sequence <= ${upTo.sequence}`}
      and ${scanConditions(filter ?? {})}
    order by scan_event.sequence
    limit ${limit}
  `);
  const ofScans = rows.map(({ sequence, kind, eventAt, scannerGroupId, ...scan }) => ({
    place: { sequence, n: endOfRow },
    scannerGroupId,
    item: { sequence, kind, at: parseInstant(eventAt), scan: toScan(scan) },
  }));
  const ofScanners = await readScannerEvents(session, stretch);
  return [...ofScans, ...ofScanners].sort((a, b) => comparePlaces(a.place, b.place)).slice(0, limit);
}

interface ScannerEventRow extends Omit<ScannerEvent, 'at'> {
  readonly at: string;
  readonly scannerGroupId: number;
}

async function readScannerEvents(
  session: Session,
  { behind, upTo, filter = {}, limit }: LogStretch<ScanFilter>,
): Promise<LogItem<ScannerEvent>[]> {
  const rows = await session.rows<ScannerEventRow>(sql`
    /* readScannerEvents */
    select
      scan_event.sequence,
      scan_event.kind,
      scan_event.at::text as at,
      scan_event.scanner_id as "scannerId",
      scanner_group.address_space_id as "addressSpaceId",
      scanner.group_id as "scannerGroupId",
      (scan_event.details->>'dueAt')::bigint as "dueAt"
    from scan_event
    join scanner on scanner.id = scan_event.scanner_id
    join scanner_group on scanner_group.id = scanner.group_id
    where scan_event.sequence > ${behind.sequence}
      and ${upTo === undefined ? sql`true` : sql`scan_event.sequence <= ${upTo.sequence}`}
      and scan_event.scan_id is null
    order by scan_event.sequence
    limit ${limit}
  `);
  return rows
    .map(({ at, scannerGroupId, ...event }) => ({
      place: { sequence: event.sequence, n: endOfRow },
      scannerGroupId,
      item: { ...event, at: parseInstant(at) },
    }))
    .filter(({ item, scannerGroupId }) => matchesEvent(filter, item, scannerGroupId));
}

/** Orders places as the log does. */
export function comparePlaces(a: EntryPlace, b: EntryPlace): number {
  return a.sequence - b.sequence || a.n - b.n;
}
