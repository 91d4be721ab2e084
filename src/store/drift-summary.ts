import { type SQL, sql } from 'drizzle-orm';
import type { DriftFilter, DriftGrouping, DriftSummaryRow } from '../core/drift-model.ts';
import { limits } from '../limits.ts';
import { type DriftMoment, driftConditions } from './drift-items.ts';
import { isWaived, itemsAt, momentOf } from './drift-rows.ts';
import type { Session } from './session.ts';

const keys: Readonly<Record<DriftGrouping, SQL>> = {
  subnet: sql`network(set_masklen(item.address, case family(item.address) when 4 then 24 else 64 end))::text`,
  owner: sql`coalesce(item.owner, '')`,
  kind: sql`item.kind`,
  view: sql`(select scanner_group.name from scanner_group where scanner_group.id = item.scanner_group_id)`,
  group: sql`coalesce(member.host_group, '')`,
};

/**
 * Drift items counted by network, owner, kind, view or host group, most first: by host before that, because most keys
 * are the same for all items of a host. Throws BadInput.
 */
export async function summariseDrift(
  session: Session,
  { filter, groupBy, moment }: { filter: DriftFilter; groupBy: DriftGrouping; moment: DriftMoment },
): Promise<DriftSummaryRow[]> {
  const { asOf, now } = moment;
  const at = asOf ?? now;
  const perHost = groupBy === 'subnet' || groupBy === 'view' || groupBy === 'group';
  const hasWaivers = await anyWaiver(session);
  const rows = await session.rows<DriftSummaryRow>(sql`
    /* summariseDrift */
    select
      ${perHost ? keys[groupBy] : sql`item.key`} as key,
      sum(item.open) as open,
      sum(item.missing) as missing,
      sum(item.open - item.missing) as excess,
      sum(item.acknowledged) as acknowledged,
      sum(item.waived) as waived,
      sum(item.unverifiable) as unverifiable,
      count(*) as hosts
    from (
      select
        ${perHost ? sql`` : sql`${keys[groupBy]} as key,`}
        item.address_space_id,
        item.scanner_group_id,
        item.address,
        count(*) as open,
        count(*) filter (where item.side = 'missing') as missing,
        count(*) filter (where item.acknowledged_at is not null) as acknowledged,
        count(*) filter (where ${hasWaivers ? isWaived(momentOf(at)) : sql`false`}) as waived,
        count(*) filter (where item.unverifiable_reason is not null) as unverifiable
      from ${itemsAt(asOf)}
      where ${driftConditions(filter, at)}
      group by ${perHost ? sql`` : sql`1,`} item.address_space_id, item.scanner_group_id, item.address
    ) as item
    ${groupBy === 'group' ? members : sql``}
    group by 1
    order by 2 desc, 1
    limit ${limits.smallTableRowsMax}
  `);
  return rows.map(({ key, ...counts }) => ({
    key,
    open: Number(counts.open),
    missing: Number(counts.missing),
    excess: Number(counts.excess),
    acknowledged: Number(counts.acknowledged),
    waived: Number(counts.waived),
    unverifiable: Number(counts.unverifiable),
    hosts: Number(counts.hosts),
  }));
}

/** Whether it is worth to ask for the waivers of each item. */
async function anyWaiver(session: Session): Promise<boolean> {
  const [row] = await session.rows<{ any: boolean }>(sql`
    /* anyWaiver */
    select exists (select from waiver) as any
  `);
  return row?.any ?? false;
}

const members = sql`
  left join (
    select distinct address_space_id, host_group, address from host_group_member
  ) as member
    on member.address_space_id = item.address_space_id and member.address = item.address
`;
