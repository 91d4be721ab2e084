import { type SQL, sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import { addressesOfFilter } from '../core/address-filter.ts';
import { holdsAddress } from '../core/address-set.ts';
import type { DriftKind, UnverifiableReason } from '../core/drift.ts';
import type {
  DriftCause,
  DriftEvent,
  DriftEventFilter,
  DriftEventKind,
  DriftItem,
} from '../core/drift-model.ts';
import { holdsPort } from '../core/endpoint.ts';
import type { Page, PageRequest } from '../core/model.ts';
import { limits } from '../limits.ts';
import { isInside } from './address-conditions.ts';
import { type ItemRow, itemColumns, toItem } from './drift-rows.ts';
import { changeLog, type Log, type LogItem, type LogStretch } from './log.ts';
import { allOf, type CursorFormat, directionOf, pageOf, stretchOf } from './page.ts';
import { isPort } from './port-conditions.ts';
import type { Session } from './session.ts';
import { list } from './statement.ts';

interface EventRow extends Omit<ItemRow, 'id' | 'scanId'> {
  readonly id: number | null;
  readonly sequence: number;
  readonly eventKind: DriftEventKind;
  readonly eventAt: string;
  readonly cause: DriftCause;
  readonly eventSpace: number;
  readonly driftKind: DriftKind | null;
  readonly eventEpisode: number | null;
  readonly eventReason: UnverifiableReason | null;
  readonly eventScan: number | null;
  readonly scanId: number | null;
  readonly sourceId: number | null;
  readonly revision: number | null;
  readonly counts: { readonly opened: number; readonly resolved: number } | null;
}

interface EventQuestion {
  readonly condition: SQL;
  readonly isDescending: boolean;
  readonly limit: number;
}

async function readEvents(session: Session, question: EventQuestion): Promise<DriftEvent[]> {
  const { condition, isDescending, limit } = question;
  const rows = await session.rows<EventRow>(sql`
    /* readDriftEvents */
    select
      drift_event.sequence,
      drift_event.kind as "eventKind",
      drift_event.at::text as "eventAt",
      drift_event.cause,
      drift_event.address_space_id as "eventSpace",
      drift_event.drift_kind as "driftKind",
      drift_event.episode as "eventEpisode",
      drift_event.reason as "eventReason",
      drift_event.scan_id as "eventScan",
      drift_event.source_id as "sourceId",
      drift_event.revision,
      drift_event.counts,
      ${itemColumns(sql`drift_event.at`)}
    from drift_event
    left join drift_item as item on item.id = drift_event.item_id
    where ${condition}
    order by drift_event.sequence ${directionOf(isDescending)}
    limit ${limit}
  `);
  return rows.map(toEvent);
}

function toEvent(row: EventRow): DriftEvent {
  const { eventKind, cause, eventScan, sourceId, revision, counts } = row;
  const item = itemThen(row);
  return {
    sequence: Number(row.sequence),
    kind: eventKind,
    at: parseInstant(row.eventAt),
    cause,
    addressSpaceId: row.eventSpace,
    ...(item === undefined ? {} : { item }),
    ...(eventScan === null ? {} : { scanId: Number(eventScan) }),
    ...(sourceId === null ? {} : { sourceId }),
    ...(revision === null ? {} : { revision }),
    ...(counts === null ? {} : { counts }),
  };
}

/** The item as it was then, as far as its identity, kind, state and episode go. */
function itemThen(row: EventRow): DriftItem | undefined {
  if (row.id === null) return undefined;
  const { resolvedAt, resolvedBy, unverifiable, acknowledged, ...item } = toItem({ ...row, id: row.id });
  const at = parseInstant(row.eventAt);
  const isSeen = acknowledged !== undefined && acknowledged.at <= at;
  const isResolved = row.eventKind === 'resolved';
  const isOpening = row.eventKind === 'opened' || row.eventKind === 'reopened';
  const doubt = row.eventReason === null ? unverifiable : { reason: row.eventReason, since: at };
  return {
    ...item,
    kind: row.driftKind ?? item.kind,
    episode: row.eventEpisode ?? item.episode,
    state: isResolved ? 'resolved' : 'open',
    ...(isSeen ? { acknowledged } : {}),
    ...(isOpening ? { openedAt: at, openedBy: row.cause } : {}),
    ...(isResolved ? { resolvedAt: at, resolvedBy: row.cause } : {}),
    ...(row.eventKind === 'became_unverifiable' && doubt !== undefined ? { unverifiable: doubt } : {}),
  };
}

/** The same as `matcherOf`, but for `flags`. Throws BadInput. */
function conditions(filter: DriftEventFilter): SQL {
  const { events, causes, addressSpaceIds, kinds, scannerGroupIds, sides, owners, ports } = filter;
  const aboutItems = [
    kinds && sql`drift_event.drift_kind = any(${list(kinds, 'text')})`,
    scannerGroupIds && sql`item.scanner_group_id = any(${list(scannerGroupIds, 'integer')})`,
    sides && sql`item.side = any(${list(sides, 'text')})`,
    owners && sql`coalesce(item.owner, '') = any(${list(owners, 'text')})`,
    ports && isPort(sql`item.port`, ports),
    isInside(sql`item.address`, addressesOfFilter(filter)),
  ];
  return allOf([
    events && sql`drift_event.kind = any(${list(events, 'text')})`,
    causes && sql`drift_event.cause = any(${list(causes, 'text')})`,
    addressSpaceIds && sql`drift_event.address_space_id = any(${list(addressSpaceIds, 'integer')})`,
    sql`(drift_event.item_id is null or ${allOf(aboutItems)})`,
  ]);
}

/** What a filter asks that only the whole event can answer. */
const flags = ['acknowledged', 'waived', 'unverifiable', 'flapping'] as const;

/** Rows that are read at once where some of them may not be meant. */
function rowsFor(filter: DriftEventFilter, limit: number): number {
  return flags.some((flag) => filter[flag] !== undefined)
    ? Math.max(limit, limits.followPageEntriesMax)
    : limit;
}

/** Whether a filter means an event; those without an item are about everything. Throws BadInput. */
function matcherOf(filter: DriftEventFilter): (event: DriftEvent) => boolean {
  const { events, causes, addressSpaceIds, scannerGroupIds, ports, kinds, sides, owners } = filter;
  const { acknowledged, waived, unverifiable, flapping } = filter;
  const addresses = addressesOfFilter(filter);
  const holds = <T>(wanted: readonly T[] | undefined, value: T) => wanted?.includes(value) ?? true;
  const isOptional = (wanted: boolean | undefined, value: unknown) =>
    wanted === undefined || wanted === (value !== undefined && value !== false);
  return ({ kind, cause, addressSpaceId, item }) => {
    if (!holds(events, kind) || !holds(causes, cause) || !holds(addressSpaceIds, addressSpaceId))
      return false;
    if (item === undefined) return true;
    return (
      holds(scannerGroupIds, item.scannerGroupId) &&
      holds(kinds, item.kind) &&
      holds(sides, item.side) &&
      holds(owners, item.owner ?? '') &&
      (addresses === undefined || holdsAddress(addresses, item.address)) &&
      (ports === undefined || (item.port !== undefined && holdsPort(ports, item.port))) &&
      isOptional(acknowledged, item.acknowledged) &&
      isOptional(waived, item.waiverId) &&
      isOptional(unverifiable, item.unverifiable) &&
      isOptional(flapping, item.flapping)
    );
  };
}

const endOfRow = 999_999;

/** The drift log, for those who follow it; it shares its numbers with the other logs. */
export const driftLog: Log<DriftEvent, DriftEventFilter> = {
  head: async (session) => {
    const [row] = await session.rows<{ sequence: number }>(sql`
      /* headOfDriftLog */
      select coalesce(max(sequence), 0) as sequence from drift_event
    `);
    const { sequence, n } = await changeLog.head(session);
    return { sequence: Math.max(sequence, Number(row?.sequence ?? 0)), n };
  },
  oldest: async () => ({ sequence: 0, n: 0 }),
  read: readStretch,
  matcher: matcherOf,
  formatCursor: ({ sequence }) => String(sequence),
  readCursor: (text) => (/^\d{1,15}$/.test(text) ? { sequence: Number(text), n: endOfRow } : undefined),
};

async function readStretch(
  session: Session,
  { behind, upTo, filter = {}, limit }: LogStretch<DriftEventFilter>,
): Promise<LogItem<DriftEvent>[]> {
  const matches = matcherOf(filter);
  const rows = rowsFor(filter, limit);
  const found: LogItem<DriftEvent>[] = [];
  for (let after = behind.sequence; ; ) {
    const events = await readEvents(session, {
      condition: allOf([
        conditions(filter),
        sql`drift_event.sequence > ${after}`,
        upTo === undefined ? undefined : sql`drift_event.sequence <= ${upTo.sequence}`,
      ]),
      isDescending: false,
      limit: rows,
    });
    for (const event of events) if (matches(event) && found.length < limit) found.push(itemOf(event));
    if (events.length < rows || found.length >= limit) return found;
    after = events.at(-1)?.sequence ?? after;
  }
}

function itemOf(event: DriftEvent): LogItem<DriftEvent> {
  return {
    place: { sequence: event.sequence, n: endOfRow },
    item: event,
    scannerGroupId: event.item?.scannerGroupId ?? 0,
  };
}

const cursors: CursorFormat<number> = {
  format: (sequence) => String(sequence),
  read: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined),
};

/** Drift events, newest first. Throws BadInput. */
export async function pageOfDriftEvents(
  session: Session,
  filter: DriftEventFilter,
  request: PageRequest,
): Promise<Page<DriftEvent>> {
  const { after, before, backward, limit } = stretchOf(request, cursors);
  const matches = matcherOf(filter);
  const rows = rowsFor(filter, limit);
  const found: DriftEvent[] = [];
  let place = backward ? before : after;
  for (;;) {
    const events = await readEvents(session, {
      condition: allOf([
        conditions(filter),
        place === undefined
          ? undefined
          : backward
            ? sql`drift_event.sequence > ${place}`
            : sql`drift_event.sequence < ${place}`,
        backward && after !== undefined ? sql`drift_event.sequence < ${after}` : undefined,
        !backward && before !== undefined ? sql`drift_event.sequence > ${before}` : undefined,
      ]),
      isDescending: !backward,
      limit: rows,
    });
    found.push(...events.filter(matches));
    if (events.length < rows || found.length >= limit) break;
    place = events.at(-1)?.sequence;
  }
  const nodes = found.slice(0, limit).map((node) => ({ place: node.sequence, node }));
  return pageOf(nodes, request, cursors);
}

/** How many there are. Throws BadInput. */
export async function countDriftEvents(session: Session, filter: DriftEventFilter): Promise<number> {
  if (flags.some((flag) => filter[flag] !== undefined)) return countOneByOne(session, filter);
  const [row] = await session.rows<{ count: number }>(sql`
    /* countDriftEvents */
    select count(*) as count
    from drift_event
    left join drift_item as item on item.id = drift_event.item_id
    where ${conditions(filter)}
  `);
  return Number(row?.count ?? 0);
}

async function countOneByOne(session: Session, filter: DriftEventFilter): Promise<number> {
  const limit = limits.followPageEntriesMax;
  let count = 0;
  for (let behind = { sequence: 0, n: 0 }; ; ) {
    const found = await readStretch(session, { behind, filter, limit });
    const last = found.at(-1);
    count += found.length;
    if (last === undefined || found.length < limit) return count;
    behind = last.place;
  }
}
