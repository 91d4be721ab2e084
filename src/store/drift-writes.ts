import { sql } from 'drizzle-orm';
import type { Address } from '../core/address.ts';
import type { DriftCause, DriftEventKind } from '../core/drift-model.ts';
import { flappingEpisodes, flappingWindowMs, type ItemState, type ItemStep } from '../core/drift-step.ts';
import type { Instant } from '../core/observation.ts';
import { type ItemRow, ownColumns, toItem } from './drift-rows.ts';
import type { CopyTarget, Session } from './session.ts';
import { copyLine, instantText, list } from './statement.ts';

/** One view of one address space. */
export interface ViewPlace {
  readonly addressSpaceId: number;
  readonly scannerGroupId: number;
}

/** A stored item as assessing its host needs it, with what stays as it is. */
export interface StoredItem extends ItemState {
  readonly id: number;
  readonly address: Address;
  readonly acknowledged: { readonly at: Instant; readonly by: string; readonly note: string } | undefined;
}

/** All items of some hosts as seen from one view, also resolved ones, by address. */
export async function itemsOfHosts(
  session: Session,
  place: ViewPlace,
  addresses: readonly Address[],
): Promise<Map<Address, StoredItem[]>> {
  const rows = await session.rows<Omit<ItemRow, 'waiverId'>>(sql`
    /* itemsOfHosts */
    select ${ownColumns}, item.flapping
    from unnest(${list(addresses, 'inet')}) as host (address)
    join drift_item as item
      on item.address_space_id = ${place.addressSpaceId}
      and item.scanner_group_id = ${place.scannerGroupId}
      and item.address = host.address
    order by item.id
    limit 10000000
  `);
  const items = new Map<Address, StoredItem[]>();
  for (const row of rows) {
    const item = toItem({ ...row, waiverId: null });
    const stored: StoredItem = {
      ...item,
      port: item.port,
      resolvedAt: item.resolvedAt,
      resolvedBy: item.resolvedBy,
      scanId: item.scanId,
      statementId: item.statementId,
      owner: item.owner,
      ticket: item.ticket,
      unverifiable: item.unverifiable,
      acknowledged: item.acknowledged,
    };
    const own = items.get(row.address);
    if (own === undefined) items.set(row.address, [stored]);
    else own.push(stored);
  }
  return items;
}

/** One step of one host's items. */
export interface HostStep {
  readonly address: Address;
  readonly step: ItemStep<StoredItem>;
}

/** Where an entry of the drift log comes from. */
export interface EventOrigin {
  readonly at: Instant;
  readonly cause: DriftCause;
  readonly scanId?: number;
  readonly sourceId?: number;
  readonly revision?: number;
}

const itemTarget: CopyTarget = {
  table: 'drift_item',
  columns: [
    'id',
    'address_space_id',
    'scanner_group_id',
    'address',
    'port',
    'side',
    'kind',
    'state',
    'episode',
    'first_opened_at',
    'opened_at',
    'opened_by',
    'resolved_at',
    'resolved_by',
    'scan_id',
    'statement_id',
    'owner',
    'ticket',
    'acknowledged_at',
    'acknowledged_by',
    'note',
    'unverifiable_reason',
    'unverifiable_since',
    'flapping',
  ],
};

const eventTarget: CopyTarget = {
  table: 'drift_event',
  columns: [
    'kind',
    'at',
    'cause',
    'address_space_id',
    'item_id',
    'drift_kind',
    'episode',
    'reason',
    'scan_id',
    'source_id',
    'revision',
  ],
};

/** Writes what became of items, and tells of it. The log must be locked. */
export async function writeSteps(
  session: Session,
  place: ViewPlace,
  { steps, origin }: { steps: readonly HostStep[]; origin: EventOrigin },
): Promise<void> {
  if (steps.length === 0) return;
  const flapping = await flappingItems(session, steps, origin.at);
  const known = steps.flatMap(({ step: { before } }) => (before === undefined ? [] : [before.id]));
  await deleteItems(session, known);
  const ids = await newItemIds(session, steps.length - known.length);
  const items: string[] = [];
  const events: string[] = [];
  for (const { address, step } of steps) {
    const { before, after, event } = step;
    const id = before?.id ?? (ids.pop() as number);
    const isFlapping = flapping.has(id);
    items.push(itemLine(place, { id, address, item: after, before, isFlapping }));
    const about = { id, kind: after.kind, episode: after.episode, reason: after.unverifiable?.reason };
    if (event !== undefined) events.push(eventLine(place, { kind: event, about, origin }));
    if (isFlapping && !(before?.flapping ?? false)) {
      events.push(eventLine(place, { kind: 'flapping', about, origin }));
    }
  }
  await session.copy(itemTarget, items.join(''));
  if (events.length > 0) await session.copy(eventTarget, events.join(''));
}

/** Those of the items that reopen so often that only their flapping is worth a word. */
async function flappingItems(
  session: Session,
  steps: readonly HostStep[],
  now: Instant,
): Promise<ReadonlySet<number>> {
  const ids = steps.flatMap(({ step: { before, event } }) =>
    before === undefined || (event !== 'reopened' && !before.flapping) ? [] : [before.id],
  );
  if (ids.length === 0) return new Set();
  const rows = await session.rows<{ id: number; opened: number }>(sql`
    /* flappingItems */
    select item_id as id, count(*) as opened
    from drift_event
    where item_id = any(${list(ids, 'bigint')})
      and kind in ('opened', 'reopened')
      and at > ${instantText(now - flappingWindowMs)}::text::timestamptz
    group by item_id
    having count(*) >= ${flappingEpisodes}
    order by item_id
    limit ${ids.length}
  `);
  return new Set(rows.map(({ id }) => Number(id)));
}

async function deleteItems(session: Session, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await session.rows(sql`
    /* deleteDriftItems */
    delete from drift_item using unnest(${list(ids, 'bigint')}) as gone (id) where drift_item.id = gone.id
  `);
}

async function newItemIds(session: Session, count: number): Promise<number[]> {
  if (count === 0) return [];
  const rows = await session.rows<{ id: number }>(sql`
    /* newItemIds */
    select nextval(pg_get_serial_sequence('drift_item', 'id')) as id from generate_series(1, ${count}::integer)
  `);
  return rows.map(({ id }) => Number(id)).reverse();
}

function itemLine(
  { addressSpaceId, scannerGroupId }: ViewPlace,
  {
    id,
    address,
    item,
    before,
    isFlapping,
  }: {
    id: number;
    address: Address;
    item: ItemState;
    before: StoredItem | undefined;
    isFlapping: boolean;
  },
): string {
  const acknowledged = before?.episode === item.episode ? before.acknowledged : undefined;
  return copyLine([
    id,
    addressSpaceId,
    scannerGroupId,
    address,
    item.port ?? -1,
    item.side,
    item.kind,
    item.state,
    item.episode,
    instantText(item.firstOpenedAt),
    instantText(item.openedAt),
    item.openedBy,
    momentOf(item.resolvedAt),
    item.resolvedBy ?? null,
    item.scanId ?? null,
    item.statementId ?? null,
    item.owner ?? null,
    item.ticket ?? null,
    momentOf(acknowledged?.at),
    acknowledged?.by ?? null,
    acknowledged?.note ?? null,
    item.unverifiable?.reason ?? null,
    momentOf(item.unverifiable?.since),
    isFlapping,
  ]);
}

function eventLine(
  { addressSpaceId }: { readonly addressSpaceId: number },
  {
    kind,
    about,
    origin,
  }: {
    kind: DriftEventKind;
    about: { id: number; kind: string; episode: number; reason: string | undefined };
    origin: EventOrigin;
  },
): string {
  return copyLine([
    kind,
    instantText(origin.at),
    origin.cause,
    addressSpaceId,
    about.id,
    about.kind,
    about.episode,
    about.reason ?? null,
    origin.scanId ?? null,
    origin.sourceId ?? null,
    origin.revision ?? null,
  ]);
}

function momentOf(at: Instant | undefined): string | null {
  return at === undefined ? null : instantText(at);
}

/** Tells of an import as a whole. The log must be locked. */
export async function appendImport(
  session: Session,
  addressSpaceId: number,
  { origin, counts }: { origin: EventOrigin; counts: { opened: number; resolved: number } },
): Promise<void> {
  await session.rows(sql`
    /* appendImport */
    insert into drift_event (kind, at, cause, address_space_id, source_id, revision, counts)
    values (
      'imported', ${instantText(origin.at)}::text::timestamptz, ${origin.cause}, ${addressSpaceId},
      ${origin.sourceId ?? null}, ${origin.revision ?? null}, ${JSON.stringify(counts)}::text::jsonb
    )
  `);
}
