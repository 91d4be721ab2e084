import { type SQL, sql } from 'drizzle-orm';
import { type Address, parseAddress } from '../core/address.ts';
import { addressesOfFilter } from '../core/address-filter.ts';
import type { DriftFilter, DriftItem } from '../core/drift-model.ts';
import type { Page, PageRequest } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import { inet, isInside } from './address-conditions.ts';
import { type ItemRow, isFlapping, isWaived, itemColumns, itemsAt, momentOf, toItem } from './drift-rows.ts';
import {
  allOf,
  type CursorFormat,
  directionOf,
  packFields,
  pageOf,
  stretchOf,
  unpackFields,
} from './page.ts';
import { isPort } from './port-conditions.ts';
import type { Session } from './session.ts';
import { list } from './statement.ts';

/** The moment for which waivers count, and the past moment that is asked for. */
export interface DriftMoment {
  readonly now: Instant;
  readonly asOf?: Instant | undefined;
}

interface Place {
  readonly groupId: number;
  readonly address: Address;
  readonly port: number;
  readonly side: string;
}

const cursors: CursorFormat<Place> = {
  format: ({ groupId, address, port, side }) => packFields([String(groupId), address, String(port), side]),
  read: (text) => {
    const patterns = [/^\d{1,9}$/, /^[\d.:a-f]{2,45}$/, /^-?\d{1,6}$/, /^(missing|excess)$/];
    const [group, address, port, side = ''] = unpackFields(text, patterns) ?? [];
    const canonical = address === undefined ? undefined : parseAddress(address);
    return canonical === undefined
      ? undefined
      : { groupId: Number(group), address: canonical, port: Number(port), side };
  },
};

/** Drift items by view, address, port and side. Throws BadInput. */
export async function pageOfDriftItems(
  session: Session,
  { filter, request, moment }: { filter: DriftFilter; request: PageRequest; moment: DriftMoment },
): Promise<Page<DriftItem>> {
  const { after, before, backward, limit } = stretchOf(request, cursors);
  const { asOf, now } = moment;
  const direction = directionOf(backward);
  const rows = await session.rows<ItemRow>(sql`
    /* pageOfDriftItems */
    select ${itemColumns(momentOf(asOf ?? now))}
    from ${itemsAt(asOf)}
    where ${allOf([
      driftConditions(filter, asOf ?? now),
      after && sql`${place} > ${placeOf(after)}`,
      before && sql`${place} < ${placeOf(before)}`,
    ])}
    order by
      item.scanner_group_id ${direction},
      item.address ${direction},
      item.port ${direction},
      item.side ${direction}
    limit ${limit}
  `);
  const found = rows.map((row) => ({
    place: { groupId: row.scannerGroupId, address: row.address, port: row.port, side: row.side },
    node: toItem(row, asOf),
  }));
  return pageOf(found, request, cursors);
}

const place = sql`(item.scanner_group_id, item.address, item.port, item.side)`;

function placeOf({ groupId, address, port, side }: Place): SQL {
  return sql`(${groupId}::integer, ${inet(address)}, ${port}::integer, ${side}::text)`;
}

/** How many there are. Throws BadInput. */
export async function countDriftItems(
  session: Session,
  filter: DriftFilter,
  { asOf, now }: DriftMoment,
): Promise<number> {
  const [row] = await session.rows<{ count: number }>(sql`
    /* countDriftItems */
    select count(*) as count from ${itemsAt(asOf)} where ${driftConditions(filter, asOf ?? now)}
  `);
  return Number(row?.count ?? 0);
}

/** Drift items by their numbers, in any order. */
export async function findDriftItems(
  session: Session,
  ids: readonly number[],
  now: Instant,
): Promise<DriftItem[]> {
  if (ids.length === 0) return [];
  const rows = await session.rows<ItemRow>(sql`
    /* findDriftItems */
    select ${itemColumns(momentOf(now))}
    from drift_item as item
    where item.id = any(${list(ids, 'bigint')})
    order by item.id
    limit ${ids.length}
  `);
  return rows.map((row) => toItem(row));
}

/** Whether a view ever had drift, open or resolved. */
export async function hasDriftItems(session: Session, scannerGroupId: number): Promise<boolean> {
  const [row] = await session.rows<{ has: boolean }>(sql`
    /* hasDriftItems */
    select exists (select from drift_item where scanner_group_id = ${scannerGroupId}) as has
  `);
  return row?.has ?? false;
}

/** What `item` must meet; waivers count as of a moment. Throws BadInput. */
export function driftConditions(filter: DriftFilter, at: Instant): SQL {
  const { states = ['open'], addressSpaceIds, scannerGroupIds, ports, kinds, sides, owners, causes } = filter;
  const { openedAfter, openedBefore, acknowledged, waived, unverifiable, flapping } = filter;
  return allOf([
    states.length === 1 ? sql`item.state = ${states[0]}` : sql`item.state = any(${list(states, 'text')})`,
    addressSpaceIds && sql`item.address_space_id = any(${list(addressSpaceIds, 'integer')})`,
    scannerGroupIds && sql`item.scanner_group_id = any(${list(scannerGroupIds, 'integer')})`,
    isInside(sql`item.address`, addressesOfFilter(filter)),
    ports && isPort(sql`item.port`, ports),
    kinds && sql`item.kind = any(${list(kinds, 'text')})`,
    sides && sql`item.side = any(${list(sides, 'text')})`,
    owners && sql`coalesce(item.owner, '') = any(${list(owners, 'text')})`,
    causes && sql`item.opened_by = any(${list(causes, 'text')})`,
    openedAfter === undefined ? undefined : sql`item.opened_at > ${momentOf(openedAfter)}`,
    openedBefore === undefined ? undefined : sql`item.opened_at < ${momentOf(openedBefore)}`,
    acknowledged === undefined ? undefined : sql`(item.acknowledged_at is not null) = ${acknowledged}`,
    waived === undefined ? undefined : sql`${isWaived(momentOf(at))} = ${waived}`,
    unverifiable === undefined ? undefined : sql`(item.unverifiable_reason is not null) = ${unverifiable}`,
    flapping === undefined ? undefined : sql`${isFlapping(momentOf(at))} = ${flapping}`,
  ]);
}
