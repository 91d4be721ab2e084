import { sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import type { DriftKind, DriftSide } from '../core/drift.ts';
import type { DriftCause, Waiver } from '../core/drift-model.ts';
import { formatPortSet, type PortSet } from '../core/endpoint.ts';
import { NotFound } from '../core/errors.ts';
import type { Instant } from '../core/observation.ts';
import { limits } from '../limits.ts';
import { fits, isWaived, momentOf } from './drift-rows.ts';
import { brokenRule } from './refusals.ts';
import type { Session } from './session.ts';

const columns = sql`
  waiver.id,
  waiver.address_space_id as "addressSpaceId",
  waiver.scanner_group_id as "scannerGroupId",
  waiver.network::text as network,
  waiver.ports,
  waiver.kind,
  waiver.reason,
  waiver.owner,
  waiver.ticket,
  waiver.created_at::text as "createdAt",
  waiver.expires_at::text as "expiresAt",
  waiver.revoked_at::text as "revokedAt"
`;

interface WaiverRow {
  readonly id: number;
  readonly addressSpaceId: number;
  readonly scannerGroupId: number | null;
  readonly network: string;
  readonly ports: string | null;
  readonly kind: DriftKind | null;
  readonly reason: string;
  readonly owner: string;
  readonly ticket: string | null;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly revokedAt: string | null;
}

function toWaiver(row: WaiverRow): Waiver {
  const { id, addressSpaceId, scannerGroupId, network, ports, kind, reason, owner, ticket, revokedAt } = row;
  return {
    id,
    addressSpaceId,
    network: network.replace(/\/(32|128)$/, (mask) =>
      network.includes(':') === (mask === '/128') ? '' : mask,
    ),
    reason,
    owner,
    createdAt: parseInstant(row.createdAt),
    expiresAt: parseInstant(row.expiresAt),
    ...(scannerGroupId === null ? {} : { scannerGroupId }),
    ...(ports === null ? {} : { ports: ports === '' ? 'host' : ports }),
    ...(kind === null ? {} : { kind }),
    ...(ticket === null ? {} : { ticket }),
    ...(revokedAt === null ? {} : { revokedAt: parseInstant(revokedAt) }),
  };
}

/** All waivers, also those that ended, by id. */
export async function allWaivers(session: Session, addressSpaceId?: number): Promise<Waiver[]> {
  const rows = await session.rows<WaiverRow>(sql`
    /* allWaivers */
    select ${columns}
    from waiver
    where ${addressSpaceId === undefined ? sql`true` : sql`address_space_id = ${addressSpaceId}`}
    order by id
    limit ${limits.smallTableRowsMax}
  `);
  return rows.map(toWaiver);
}

/** One waiver. */
export async function findWaiver(session: Session, id: number): Promise<Waiver | undefined> {
  const [row] = await session.rows<WaiverRow>(sql`
    /* findWaiver */
    select ${columns} from waiver where id = ${id}::bigint limit 1
  `);
  return row === undefined ? undefined : toWaiver(row);
}

/** A waiver with everything checked. */
export interface NewWaiver {
  readonly addressSpaceId: number;
  readonly scannerGroupId: number | undefined;
  readonly network: string;
  /** Undefined for every port and the host; empty for the host alone. */
  readonly ports: PortSet | undefined;
  readonly side: DriftSide | undefined;
  readonly kind: DriftKind | undefined;
  readonly reason: string;
  readonly owner: string;
  readonly ticket: string | undefined;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
}

/** Adds a waiver. Throws NotFound. */
export async function insertWaiver(session: Session, waiver: NewWaiver): Promise<Waiver> {
  const { ports } = waiver;
  const [row] = await session
    .rows<WaiverRow>(sql`
      /* insertWaiver */
      insert into waiver (
        address_space_id, scanner_group_id, network, ports, port_ranges, side, kind, reason, owner, ticket,
        created_at, expires_at
      )
      values (
        ${waiver.addressSpaceId}, ${waiver.scannerGroupId ?? null}::integer, ${waiver.network}::text::cidr,
        ${ports === undefined ? null : formatPortSet(ports)}, ${ports === undefined ? null : rangesText(ports)},
        ${waiver.side ?? null}, ${waiver.kind ?? null}, ${waiver.reason}, ${waiver.owner},
        ${waiver.ticket ?? null}, ${momentOf(waiver.createdAt)}, ${momentOf(waiver.expiresAt)}
      )
      returning ${columns}
    `)
    .catch((error: unknown) => {
      if (brokenRule(error) !== 'reference') throw error;
      throw new NotFound('There is no such address space or scanner group');
    });
  if (row === undefined) throw new NotFound('The waiver could not be written');
  return toWaiver(row);
}

/** The host itself has the port -1. */
function rangesText(ports: PortSet): string {
  const ranges = ports.length === 0 ? [{ first: -1, last: -1 }] : ports;
  return `{${ranges.map(({ first, last }) => `[${first},${last + 1})`).join(',')}}`;
}

/** Changes when a waiver ends; says whether its end was told already. The log must be locked. */
export async function extendWaiver(session: Session, id: number, expiresAt: Instant): Promise<boolean> {
  const [row] = await session.rows<{ ended: boolean }>(sql`
    /* extendWaiver */
    update waiver
    set expires_at = ${momentOf(expiresAt)}, ended = false
    from waiver as before
    where waiver.id = ${id} and before.id = waiver.id
    returning before.ended
  `);
  return row?.ended ?? false;
}

/** Ends a waiver now; says whether its end was told already. The log must be locked. */
export async function revokeWaiver(session: Session, id: number, now: Instant): Promise<boolean> {
  const [row] = await session.rows<{ ended: boolean }>(sql`
    /* revokeWaiver */
    update waiver
    set revoked_at = ${momentOf(now)}, ended = true
    from waiver as before
    where waiver.id = ${id} and before.id = waiver.id and waiver.revoked_at is null
    returning before.ended
  `);
  return row?.ended ?? true;
}

/** What is told of a waiver, and why. */
export interface WaiverNews {
  readonly waiverId: number;
  readonly kind: 'waived' | 'waiver_expired';
  readonly cause: DriftCause;
  readonly at: Instant;
}

/**
 * Tells of every open item that a waiver is about; of its end only where no other waiver goes on. The log must be
 * locked.
 */
export async function appendWaiverEvents(
  session: Session,
  { waiverId, kind, cause, at }: WaiverNews,
): Promise<void> {
  const isNews = kind === 'waived' ? sql`true` : sql`not ${isWaived(momentOf(at))}`;
  await session.rows(sql`
    /* appendWaiverEvents */
    insert into drift_event (kind, at, cause, address_space_id, item_id, drift_kind, episode)
    select ${kind}, ${momentOf(at)}, ${cause}, item.address_space_id, item.id, item.kind, item.episode
    from waiver
    join drift_item as item on ${fits}
    where waiver.id = ${waiverId} and item.state = 'open' and ${isNews}
    order by item.id
  `);
}

/** Marks the waivers whose end came as told, and gives them. The log must be locked. */
export async function takeEndedWaivers(session: Session, now: Instant): Promise<number[]> {
  const rows = await session.rows<{ id: number }>(sql`
    /* takeEndedWaivers */
    update waiver
    set ended = true
    where id in (
      select id from waiver where not ended and revoked_at is null and expires_at <= ${momentOf(now)}
      order by id
      limit 1000
    )
    returning id
  `);
  return rows.map(({ id }) => id);
}

/** Acknowledges open items; gives how many. The log must be locked. */
export async function acknowledgeItems(
  session: Session,
  { ids, actor, note, now }: { ids: readonly number[]; actor: string; note: string; now: Instant },
): Promise<number> {
  const rows = await session.rows<{ id: number }>(sql`
    /* acknowledgeItems */
    with acknowledged as (
      update drift_item
      set acknowledged_at = ${momentOf(now)}, acknowledged_by = ${actor}, note = ${note}
      where id = any(${sql`${`{${ids.join(',')}}`}::text::bigint[]`}) and state = 'open'
      returning id, address_space_id, kind, episode
    )
    insert into drift_event (kind, at, cause, address_space_id, item_id, drift_kind, episode)
    select 'acknowledged', ${momentOf(now)}, 'policy_change', address_space_id, id, kind, episode
    from acknowledged
    order by id
    returning item_id as id
  `);
  return rows.length;
}
