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

/** Drift items counted by network, owner, kind, view or host group, most first. Throws BadInput. */
export async function summariseDrift(
  session: Session,
  { filter, groupBy, moment }: { filter: DriftFilter; groupBy: DriftGrouping; moment: DriftMoment },
): Promise<DriftSummaryRow[]> {
  const { asOf, now } = moment;
  const at = asOf ?? now;
  const rows = await session.rows<DriftSummaryRow>(sql`
    /* summariseDrift */
    select
      counted.key,
      count(*) as open,
      count(*) filter (where counted.side = 'missing') as missing,
      count(*) filter (where counted.side = 'excess') as excess,
      count(*) filter (where counted.acknowledged) as acknowledged,
      count(*) filter (where counted.waived) as waived,
      count(*) filter (where counted.unverifiable) as unverifiable,
      count(distinct (counted.scanner_group_id, counted.address)) as hosts
    from (
      select
        ${keys[groupBy]} as key,
        item.side,
        item.scanner_group_id,
        item.address,
        item.acknowledged_at is not null as acknowledged,
        ${isWaived(momentOf(at))} as waived,
        item.unverifiable_reason is not null as unverifiable
      from ${itemsAt(asOf)}
      ${groupBy === 'group' ? members : sql``}
      where ${driftConditions(filter, at)}
    ) as counted
    group by counted.key
    order by 2 desc, counted.key
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

const members = sql`
  left join (
    select distinct address_space_id, host_group, address from host_group_member
  ) as member
    on member.address_space_id = item.address_space_id and member.address = item.address
`;
