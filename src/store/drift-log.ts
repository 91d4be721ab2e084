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
import { type ItemRow, itemColumns, toItem } from './drift-rows.ts';
import { changeLog, type Log, type LogItem, type LogStretch } from './log.ts';
import { allOf, type CursorFormat, directionOf, pageOf, stretchOf } from './page.ts';
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
      ${itemColumns(Date.now())}
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
  const { resolvedAt, resolvedBy, unverifiable, ...item } = toItem({ ...row, id: row.id });
  const at = parseInstant(row.eventAt);
  const isResolved = row.eventKind === 'resolved';
  const isOpening = row.eventKind === 'opened' || row.eventKind === 'reopened';
  const doubt = row.eventReason === null ? unverifiable : { reason: row.eventReason, since: at };
  return {
    ...item,
    kind: row.driftKind ?? item.kind,
    episode: row.eventEpisode ?? item.episode,
    state: isResolved ? 'resolved' : 'open',
    ...(isOpening ? { openedAt: at, openedBy: row.cause } : {}),
    ...(isResolved ? { resolvedAt: at, resolvedBy: row.cause } : {}),
    ...(row.eventKind === 'became_unverifiable' && doubt !== undefined ? { unverifiable: doubt } : {}),
  };
}

/** Rows that may be meant; `matcherOf` decides. */
function conditions({ events, causes, addressSpaceIds, kinds }: DriftEventFilter): SQL {
  return allOf([
    events && sql`drift_event.kind = any(${list(events, 'text')})`,
    causes && sql`drift_event.cause = any(${list(causes, 'text')})`,
    addressSpaceIds && sql`drift_event.address_space_id = any(${list(addressSpaceIds, 'integer')})`,
    kinds && sql`(drift_event.drift_kind is null or drift_event.drift_kind = any(${list(kinds, 'text')}))`,
  ]);
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
      (owners === undefined || (item.owner !== undefined && owners.includes(item.owner))) &&
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
  const found: LogItem<DriftEvent>[] = [];
  for (let after = behind.sequence; ; ) {
    const events = await readEvents(session, {
      condition: allOf([
        conditions(filter),
        sql`drift_event.sequence > ${after}`,
        upTo === undefined ? undefined : sql`drift_event.sequence <= ${upTo.sequence}`,
      ]),
      isDescending: false,
      limit,
    });
    for (const event of events) if (matches(event) && found.length < limit) found.push(itemOf(event));
    if (events.length < limit || found.length >= limit) return found;
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
      limit,
    });
    found.push(...events.filter(matches));
    if (events.length < limit || found.length >= limit) break;
    place = events.at(-1)?.sequence;
  }
  const nodes = found.slice(0, limit).map((node) => ({ place: node.sequence, node }));
  return pageOf(nodes, request, cursors);
}

/** How many there are. Throws BadInput. */
export async function countDriftEvents(session: Session, filter: DriftEventFilter): Promise<number> {
  const { addressSpaceIds, causes, events, kinds, ...others } = filter;
  if (Object.values(others).every((value) => value === undefined)) {
    const [row] = await session.rows<{ count: number }>(sql`
      /* countDriftEvents */
      select count(*) as count from drift_event where ${conditions({
        ...(addressSpaceIds && { addressSpaceIds }),
        ...(causes && { causes }),
        ...(events && { events }),
        ...(kinds && { kinds }),
      })}
    `);
    return Number(row?.count ?? 0);
  }
  const all = await readStretch(session, { behind: { sequence: 0, n: 0 }, filter, limit: 1_000_000 });
  return all.length;
}
