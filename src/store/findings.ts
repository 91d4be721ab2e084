import { sql } from 'drizzle-orm';
import { changeCode } from '../core/change.ts';
import { bogusAddressesMin, bogusNetworkPrefix, type Finding } from '../core/scan-event.ts';
import type { ScanId } from '../core/state.ts';
import type { Session } from './session.ts';
import { list } from './statement.ts';

/**
 * Marks entries of a scan that are told as one finding each: those of a host with very many new open ports, and
 * those of one port on most of a network. To be called in the transaction that wrote them, while the log is locked.
 */
export async function collapseFindings(
  session: Session,
  { scan, bogusPorts }: { scan: ScanId; bogusPorts: number },
): Promise<Finding[]> {
  const hosts = await collapseHosts(session, scan, bogusPorts);
  const ports = await collapsePorts(session, scan);
  return [...hosts, ...ports];
}

const opened = list([changeCode.port_opened, changeCode.port_reopened], 'smallint');

async function collapseHosts(session: Session, scan: ScanId, bogusPorts: number): Promise<Finding[]> {
  const rows = await session.rows<{ address: string; ports: number }>(sql`
    /* bogusHosts */
    select host(address) as address, sum(cardinality(ports)) as ports
    from change
    where scan_id = ${scan} and kind = any(${opened}) and not baseline and retracts is null
    group by address
    having sum(cardinality(ports)) > ${bogusPorts}
    order by change.address
    limit 100000
  `);
  if (rows.length === 0) return [];
  await session.rows(sql`
    /* collapseHosts */
    update change set collapsed = ports
    where scan_id = ${scan}
      and kind = any(${opened})
      and not baseline
      and retracts is null
      and address in (select unnest(${list(
        rows.map(({ address }) => address),
        'inet',
      )}))
  `);
  return rows.map(({ address, ports }) => ({ kind: 'host', address, ports: Number(ports) }));
}

async function collapsePorts(session: Session, scan: ScanId): Promise<Finding[]> {
  const rows = await session.rows<{ network: string; port: number; addresses: number }>(sql`
    /* bogusPorts */
    select found.network::text as network, found.port, count(distinct found.address) as addresses
    from (
      select network(set_masklen(change.address, ${bogusNetworkPrefix})) as network, single.port, change.address
      from change cross join lateral unnest(change.ports) as single (port)
      where change.scan_id = ${scan}
        and change.kind = any(${opened})
        and not change.baseline
        and change.retracts is null
        and change.collapsed is null
        and family(change.address) = 4
    ) as found
    group by found.network, found.port
    having count(distinct found.address) > ${bogusAddressesMin}
    order by found.network, found.port
    limit 100000
  `);
  for (const { network, port } of rows) {
    await session.rows(sql`
      /* collapsePort */
      update change set collapsed = array_append(coalesce(collapsed, '{}'), ${port}::integer)
      where scan_id = ${scan}
        and kind = any(${opened})
        and not baseline
        and retracts is null
        and address <<= ${network}::text::inet
        and ports @> array[${port}::integer]
    `);
  }
  return rows.map(({ network, port, addresses }) => ({
    kind: 'port',
    network,
    port,
    addresses: Number(addresses),
  }));
}

/** What was told as one is taken back as one: marks the entries that take back marked ones of a scan. */
export async function collapseRetractions(session: Session, scan: ScanId): Promise<void> {
  await session.rows(sql`
    /* collapseRetractions */
    update change set collapsed = (
      select array_agg(single.port order by single.port)
      from unnest(change.ports) as single (port)
      where single.port = any(earlier.collapsed)
    )
    from change as earlier
    where earlier.scan_id = ${scan}
      and earlier.collapsed is not null
      and change.retracts = earlier.sequence
      and change.collapsed is null
  `);
}
