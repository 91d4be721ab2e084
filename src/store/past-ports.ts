import { sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import type { Address } from '../core/address.ts';
import { changeCode } from '../core/change.ts';
import type { PortKey } from '../core/endpoint.ts';
import type { PastFilter } from '../core/history.ts';
import type { Instant } from '../core/observation.ts';
import { openAfter, type PortRow } from '../core/past-ports.ts';
import type { Base } from '../core/timeline.ts';
import { latestBases } from './host-bases.ts';
import { allOf } from './page.ts';
import { type PastScope, scopeOfPast } from './past-ranges.ts';
import type { Session } from './session.ts';
import { instantText, list } from './statement.ts';

type Space = PastScope['spaces'][number];

/**
 * The ports of whole networks that were open as of a moment, as seen by any scanner: by address space, then by
 * address; without services and dates, which would cost many times as much. Throws BadInput.
 */
export async function openPortsAsOf(
  session: Session,
  filter: PastFilter,
  asOf: Instant,
): Promise<Map<number, Map<Address, PortKey[]>>> {
  const scope = await scopeOfPast(session, filter, asOf);
  const spaces = new Map<number, Map<Address, PortKey[]>>();
  for (const space of scope.spaces)
    spaces.set(space.addressSpaceId, await openIn(session, { scope, space, asOf }));
  return spaces;
}

interface Question {
  readonly scope: PastScope;
  readonly space: Space;
  readonly asOf: Instant;
}

async function openIn(session: Session, question: Question): Promise<Map<Address, PortKey[]>> {
  const { space, asOf } = question;
  const scans = await rankScans(session, space, asOf);
  const gone = await retractedPorts(session, question);
  const bases = new Map<string, Base>();
  const condition = sql`host_base.scanner_id = any(${list(space.scannerIds, 'integer')})`;
  for (const { address, scannerId, base } of await latestBases(session, { condition, asOf })) {
    bases.set(`${address} ${scannerId}`, base);
  }
  const open = new Map<Address, PortKey[]>();
  let key = '';
  let rows: PortRow[] = [];
  const settle = () => {
    const ports = key === '' ? [] : openAfter(rows, bases.get(key));
    if (ports.length > 0) join(open, key.slice(0, key.indexOf(' ')), ports);
  };
  for (const line of (await packPortRows(session, question)).split('\n')) {
    const [address = '', scanner = '', kind = '', scan = '', sequence = '', text = ''] = line.split(' ');
    const own = `${address} ${scanner}`;
    if (own !== key) {
      settle();
      key = own;
      rows = [];
    }
    const place = scans.get(Number(scan));
    const base = bases.get(own);
    if (place === undefined || (base !== undefined && place.at <= base.at)) continue;
    const without = gone.get(Number(sequence));
    if (without === 'all') continue;
    const all = text === '' ? [] : text.split(',').map(Number);
    const ports = without === undefined ? all : all.filter((port) => !without.has(port));
    rows.push({ kind: Number(kind), rank: place.rank, ports });
  }
  settle();
  return open;
}

function join(open: Map<Address, PortKey[]>, address: Address, ports: PortKey[]): void {
  const known = open.get(address);
  open.set(address, known === undefined ? ports : [...new Set([...known, ...ports])].sort((a, b) => a - b));
}

/** The rows that decide, as one value: as rows they would take three times as long. */
async function packPortRows(session: Session, { scope, space, asOf }: Question): Promise<string> {
  const { port_opened, port_closed, port_reopened, host_gone, host_returned } = changeCode;
  const kinds = [port_opened, port_closed, port_reopened, host_gone, host_returned];
  const [row] = await session.rows<{ packed: string | null }>(sql`
    /* packPortRows */
    select string_agg(
      host(change.address) || ' ' || change.scanner_id || ' ' || change.kind || ' ' || change.scan_id
        || ' ' || change.sequence || ' ' || coalesce(array_to_string(change.ports, ','), ''),
      e'\n'
      order by change.address, change.scanner_id
    ) as packed
    from change
    where ${allOf([
      sql`change.address_space_id = ${space.addressSpaceId}::integer`,
      sql`change.scanner_id = any(${list(space.scannerIds, 'integer')})`,
      sql`change.kind = any(${list(kinds, 'smallint')})`,
      sql`change.at <= ${instantText(asOf)}::text::timestamptz`,
      sql`change.retracts is null`,
      scope.condition,
    ])}
  `);
  return row?.packed ?? '';
}

/** Where scans stand on their timelines. */
async function rankScans(
  session: Session,
  { scannerIds }: Space,
  asOf: Instant,
): Promise<Map<number, { rank: number; at: Instant }>> {
  const rows = await session.rows<{ id: number; at: string }>(sql`
    /* rankScans */
    select id, at::text as at
    from scan
    where scanner_id = any(${list(scannerIds, 'integer')}) and at <= ${instantText(asOf)}::text::timestamptz
    order by at, digest
    limit 10000000
  `);
  return new Map(rows.map(({ id, at }, rank) => [id, { rank, at: parseInstant(at) }]));
}

/** Which entries of which rows were taken back. */
async function retractedPorts(
  session: Session,
  { space }: Question,
): Promise<Map<number, 'all' | ReadonlySet<PortKey>>> {
  const rows = await session.rows<{ retracts: number; ports: number[] | null }>(sql`
    /* retractedPorts */
    select retracts, ports
    from change
    where retracts is not null and scanner_id = any(${list(space.scannerIds, 'integer')})
    order by sequence
    limit 10000000
  `);
  const gone = new Map<number, 'all' | Set<PortKey>>();
  for (const { retracts, ports } of rows) {
    const known = gone.get(retracts);
    if (ports === null || known === 'all') gone.set(retracts, 'all');
    else gone.set(retracts, new Set([...(known ?? []), ...ports]));
  }
  return gone;
}
