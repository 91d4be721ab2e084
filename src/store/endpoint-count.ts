import { type SQL, sql } from 'drizzle-orm';
import { holdsPort } from '../core/endpoint.ts';
import type { EndpointFilter } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import { type HostSelection, selectHostsOfEndpoints } from './host-selection.ts';
import { inSpaces } from './hosts.ts';
import { openPortsAsOf } from './past-ports.ts';
import { isPort, portRanges } from './port-conditions.ts';
import type { Session } from './session.ts';

/** How many endpoints a filter means, where the columns of `host_state` tell; else undefined. */
export async function countKeptEndpoints(
  session: Session,
  filter: EndpointFilter,
): Promise<number | undefined> {
  if (filter.service !== undefined || filter.pending !== undefined) return undefined;
  const verdicts = new Set(filter.verdicts ?? ['open', 'not_open', 'unknown']);
  if (verdicts.has('not_open') !== verdicts.has('unknown')) return undefined;
  // Without the verdicts, because their conditions leave out rows by which an endpoint may be open after all.
  const { verdicts: _, ...rest } = filter;
  const selection = await selectHostsOfEndpoints(session, rest);
  const open = () => count(session, { filter, selection, isOpen: true });
  const all = () => count(session, { filter, selection, isOpen: false });
  if (!verdicts.has('unknown')) return verdicts.has('open') ? open() : 0;
  return verdicts.has('open') ? all() : (await all()) - (await open());
}

/** How many open endpoints a filter means as of a moment, where ports alone tell; else undefined. */
export async function countPastEndpoints(
  session: Session,
  filter: EndpointFilter,
  asOf: Instant,
): Promise<number | undefined> {
  const { service, pending, name, verdicts, ports, ...places } = filter;
  const isOpenOnly = verdicts !== undefined && verdicts.length > 0 && verdicts.every((one) => one === 'open');
  if (!isOpenOnly || service !== undefined || pending !== undefined || name !== undefined) return undefined;
  let count = 0;
  for (const hosts of (await openPortsAsOf(session, places, asOf)).values()) {
    for (const open of hosts.values()) {
      count += ports === undefined ? open.length : open.filter((port) => holdsPort(ports, port)).length;
    }
  }
  return count;
}

interface Counting {
  readonly filter: EndpointFilter;
  readonly selection: HostSelection;
  /** Only those that are open; else all that are kept. */
  readonly isOpen: boolean;
}

/** Hosts of which any scanner keeps ranges are counted by ranges; the others by single ports. */
async function count(session: Session, { filter, selection, isOpen }: Counting): Promise<number> {
  const { ports } = filter;
  const [row] = await session.rows<{ count: number }>(sql`
    /* countKeptEndpoints */
    with kept as not materialized (
      select
        host_state.address_space_id,
        host_state.address,
        ${isOpen ? sql`host_state.open` : sql`host_state.open || host_state.shut`} as ports,
        host_state.open_ranges as ranges
      from host_state
      where ${inSpaces(selection)}
        and ${selection.condition}
        and ${isOpen ? sql`host_state.status = 'up'` : sql`true`}
    ), wide as (
      select distinct address_space_id, address
      from kept
      where ranges is not null
    ), narrow_host as (
      select count(distinct single.port) as ports
      from kept
      cross join lateral unnest(kept.ports) as single (port)
      where ${ports === undefined ? sql`true` : isPort(sql`single.port`, ports)}
        and (kept.address_space_id, kept.address) not in (select address_space_id, address from wide)
      group by kept.address_space_id, kept.address
    ), wide_range as (
      select unnest(${within(sql`range_agg(piece.range)`, ports)}) as range
      from kept
      join wide using (address_space_id, address)
      cross join lateral (
        select unnest(kept.ranges) as range
        union all
        select int4range(single.port, single.port + 1) from unnest(kept.ports) as single (port)
      ) as piece
      group by kept.address_space_id, kept.address
    )
    select
      coalesce((select sum(ports) from narrow_host), 0)::bigint
        + coalesce((select sum(upper(range) - lower(range)) from wide_range), 0)::bigint as count
  `);
  return row?.count ?? 0;
}

function within(ranges: SQL, ports: EndpointFilter['ports']): SQL {
  return ports === undefined ? ranges : sql`${ranges} * ${portRanges(ports)}`;
}
