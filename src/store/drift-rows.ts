import { type SQL, sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import type { Address } from '../core/address.ts';
import type { DriftKind, DriftSide, UnverifiableReason } from '../core/drift.ts';
import type { DriftCause, DriftItem } from '../core/drift-model.ts';
import { flappingWindowMs } from '../core/drift-step.ts';
import type { Instant } from '../core/observation.ts';
import { instantText } from './statement.ts';

/** A row of `item`, as `itemsAt` names it, with what holds for it. */
export interface ItemRow {
  readonly id: number;
  readonly addressSpaceId: number;
  readonly scannerGroupId: number;
  readonly address: Address;
  readonly port: number;
  readonly side: DriftSide;
  readonly kind: DriftKind;
  readonly state: DriftItem['state'];
  readonly episode: number;
  readonly firstOpenedAt: string;
  readonly openedAt: string;
  readonly openedBy: DriftCause;
  readonly resolvedAt: string | null;
  readonly resolvedBy: DriftCause | null;
  readonly scanId: number | null;
  readonly statementId: number | null;
  readonly owner: string | null;
  readonly ticket: string | null;
  readonly acknowledgedAt: string | null;
  readonly acknowledgedBy: string | null;
  readonly note: string | null;
  readonly unverifiableReason: UnverifiableReason | null;
  readonly unverifiableSince: string | null;
  readonly flapping: boolean;
  readonly waiverId: number | null;
}

/** The columns of `item` that are the item's own. */
export const ownColumns = sql`
  item.id,
  item.address_space_id as "addressSpaceId",
  item.scanner_group_id as "scannerGroupId",
  host(item.address) as address,
  item.port,
  item.side,
  item.kind,
  item.state,
  item.episode,
  item.first_opened_at::text as "firstOpenedAt",
  item.opened_at::text as "openedAt",
  item.opened_by as "openedBy",
  item.resolved_at::text as "resolvedAt",
  item.resolved_by as "resolvedBy",
  item.scan_id as "scanId",
  item.statement_id as "statementId",
  item.owner,
  item.ticket,
  item.acknowledged_at::text as "acknowledgedAt",
  item.acknowledged_by as "acknowledgedBy",
  item.note,
  item.unverifiable_reason as "unverifiableReason",
  item.unverifiable_since::text as "unverifiableSince"
`;

/** All columns of `item`, with what holds for it at a moment: whether it flaps, and the waiver that ends last. */
export function itemColumns(moment: SQL): SQL {
  return sql`
    ${ownColumns},
    ${isFlapping(moment)} as flapping,
    (
      select waiver.id from waiver where ${holdsFor(moment)} order by waiver.expires_at desc, waiver.id limit 1
    ) as "waiverId"
  `;
}

/** A moment in SQL. */
export function momentOf(at: Instant): SQL {
  return sql`${instantText(at)}::text::timestamptz`;
}

/** Whether `item` flaps at a moment: what did not open for the length of the window is quiet again. */
export function isFlapping(moment: SQL): SQL {
  return sql`(item.flapping and item.opened_at > ${moment} - ${`${flappingWindowMs} ms`}::text::interval)`;
}

/** Whether `item` is waived at a moment. */
export function isWaived(moment: SQL): SQL {
  return sql`exists (select from waiver where ${holdsFor(moment)})`;
}

/** Whether `waiver` holds for `item` at a moment. */
function holdsFor(moment: SQL): SQL {
  return sql`
    ${fits}
    and waiver.created_at <= ${moment}
    and waiver.expires_at > ${moment}
    and (waiver.revoked_at is null or waiver.revoked_at > ${moment})
  `;
}

/** Whether `waiver` is about `item`, whenever it holds. */
export const fits = sql`
  waiver.address_space_id = item.address_space_id
  and (waiver.scanner_group_id is null or waiver.scanner_group_id = item.scanner_group_id)
  and item.address <<= waiver.network
  and (waiver.port_ranges is null or waiver.port_ranges::int4multirange @> item.port)
  and (waiver.side is null or waiver.side = item.side)
  and (waiver.kind is null or waiver.kind = item.kind)
`;

/** A drift item as the API knows it. */
export function toItem(row: ItemRow, asOf?: Instant): DriftItem {
  const { port, resolvedBy, scanId, statementId, owner, ticket, waiverId } = row;
  return {
    id: Number(row.id),
    addressSpaceId: row.addressSpaceId,
    scannerGroupId: row.scannerGroupId,
    address: row.address,
    side: row.side,
    kind: row.kind,
    state: row.state,
    episode: row.episode,
    firstOpenedAt: parseInstant(row.firstOpenedAt),
    openedAt: parseInstant(row.openedAt),
    openedBy: row.openedBy,
    flapping: row.flapping,
    ...(port < 0 ? {} : { port }),
    ...(row.resolvedAt === null ? {} : { resolvedAt: parseInstant(row.resolvedAt) }),
    ...(resolvedBy === null ? {} : { resolvedBy }),
    ...(scanId === null ? {} : { scanId: Number(scanId) }),
    ...(statementId === null ? {} : { statementId: Number(statementId) }),
    ...(owner === null ? {} : { owner }),
    ...(ticket === null ? {} : { ticket }),
    ...(waiverId === null ? {} : { waiverId }),
    ...acknowledgement(row),
    ...doubt(row),
    ...(asOf === undefined ? {} : { asOf }),
  };
}

function acknowledgement({ acknowledgedAt, acknowledgedBy, note }: ItemRow): Pick<DriftItem, 'acknowledged'> {
  if (acknowledgedAt === null) return {};
  return { acknowledged: { at: parseInstant(acknowledgedAt), by: acknowledgedBy ?? '', note: note ?? '' } };
}

function doubt({ unverifiableReason, unverifiableSince }: ItemRow): Pick<DriftItem, 'unverifiable'> {
  if (unverifiableReason === null || unverifiableSince === null) return {};
  return { unverifiable: { reason: unverifiableReason, since: parseInstant(unverifiableSince) } };
}

/** The items, or those of a past moment as the log tells of them, under the name `item`. */
export function itemsAt(asOf: Instant | undefined): SQL {
  if (asOf === undefined) return sql`drift_item as item`;
  const at = momentOf(asOf);
  return sql`(
    select
      drift_item.id,
      drift_item.address_space_id,
      drift_item.scanner_group_id,
      drift_item.address,
      drift_item.port,
      drift_item.side,
      newest.drift_kind as kind,
      case when latest.kind = 'resolved' then 'resolved' else 'open' end as state,
      latest.episode,
      drift_item.first_opened_at,
      coalesce(opening.at, drift_item.first_opened_at) as opened_at,
      coalesce(opening.cause, drift_item.opened_by) as opened_by,
      case when latest.kind = 'resolved' then latest.at end as resolved_at,
      case when latest.kind = 'resolved' then latest.cause end as resolved_by,
      latest.scan_id,
      drift_item.statement_id,
      drift_item.owner,
      drift_item.ticket,
      acknowledged.at as acknowledged_at,
      case when same_episode.yes then drift_item.acknowledged_by end as acknowledged_by,
      case when same_episode.yes then drift_item.note end as note,
      case
        when doubt.kind = 'verifiable_again' then null
        when drift_item.unverifiable_since = doubt.at then drift_item.unverifiable_reason
        else doubt.reason
      end as unverifiable_reason,
      case when doubt.kind = 'became_unverifiable' then doubt.at end as unverifiable_since,
      drift_item.flapping
    from (
      select distinct on (drift_event.item_id) drift_event.*
      from drift_event
      where drift_event.at <= ${at} and drift_event.kind in ('opened', 'reopened', 'resolved')
      order by drift_event.item_id, drift_event.sequence desc
    ) as latest
    join drift_item on drift_item.id = latest.item_id
    cross join lateral (
      select latest.kind <> 'resolved' and drift_item.episode = latest.episode as yes
    ) as same_episode
    cross join lateral (
      select told.drift_kind
      from drift_event as told
      where told.item_id = latest.item_id and told.at <= ${at}
      order by told.sequence desc
      limit 1
    ) as newest
    left join lateral (
      select told.kind, told.reason, told.at
      from drift_event as told
      where told.item_id = latest.item_id
        and told.sequence > latest.sequence
        and told.at <= ${at}
        and told.kind in ('became_unverifiable', 'verifiable_again')
      order by told.sequence desc
      limit 1
    ) as doubt on true
    left join lateral (
      select told.at
      from drift_event as told
      where told.item_id = latest.item_id
        and told.episode = latest.episode
        and told.at <= ${at}
        and told.kind = 'acknowledged'
      order by told.sequence desc
      limit 1
    ) as acknowledged on true
    left join lateral (
      select opened.at, opened.cause
      from drift_event as opened
      where opened.item_id = latest.item_id
        and opened.sequence <= latest.sequence
        and opened.kind in ('opened', 'reopened')
      order by opened.sequence desc
      limit 1
    ) as opening on true
  ) as item`;
}
