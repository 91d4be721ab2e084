import { sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import type { Address } from '../core/address.ts';
import { changeCode } from '../core/change.ts';
import type { Instant } from '../core/observation.ts';
import type { ScanId } from '../core/state.ts';
import type { ScannerPlace } from './scan-writes.ts';
import type { Session } from './session.ts';
import { instantText, list } from './statement.ts';

/** The time of a scanner's latest scan up to a moment; undefined where it has none. */
export async function latestScanUpTo(
  session: Session,
  scannerId: number,
  before: Instant = Date.UTC(9999, 11, 31),
): Promise<Instant | undefined> {
  const [row] = await session.rows<{ at: string | null }>(sql`
    /* latestScanUpTo */
    select max(scan.at)::text as at
    from scan
    where scan.scanner_id = ${scannerId} and scan.at <= ${instantText(before)}::text::timestamptz
  `);
  return row?.at == null ? undefined : parseInstant(row.at);
}

/** Takes away rows of the log. */
export async function deleteLogRows(
  session: Session,
  scanner: ScannerPlace,
  rows: readonly { readonly address: Address; readonly sequence: number }[],
): Promise<void> {
  if (rows.length === 0) return;
  await session.rows(sql`
    /* deleteLogRows */
    delete from change using unnest(
      ${list(
        rows.map(({ address }) => address),
        'inet',
      )},
      ${list(
        rows.map(({ sequence }) => sequence),
        'bigint',
      )}
    ) as gone (address, sequence)
    where change.address_space_id = ${scanner.addressSpaceId}
      and change.address = gone.address
      and change.sequence = gone.sequence
  `);
}

/** Takes away raw content that no look needs any more. */
export async function deleteRuns(
  session: Session,
  scanner: ScannerPlace,
  runs: readonly { readonly address: Address; readonly profile: number; readonly scan: ScanId }[],
): Promise<void> {
  if (runs.length === 0) return;
  await session.rows(sql`
    /* deleteRuns */
    delete from host_run using unnest(
      ${list(
        runs.map(({ address }) => address),
        'inet',
      )},
      ${list(
        runs.map(({ profile }) => profile),
        'integer',
      )},
      ${list(
        runs.map(({ scan }) => scan),
        'bigint',
      )}
    ) as gone (address, profile_id, scan_id)
    where host_run.address_space_id = ${scanner.addressSpaceId}
      and host_run.scanner_id = ${scanner.scannerId}
      and host_run.address = gone.address
      and host_run.profile_id = gone.profile_id
      and host_run.scan_id = gone.scan_id
  `);
}

/** Takes away everything that is kept of some hosts besides the log. */
export async function deleteHosts(
  session: Session,
  scanner: ScannerPlace,
  addresses: readonly Address[],
): Promise<void> {
  for (const table of [sql`host_state`, sql`host_head`, sql`host_run`]) {
    await session.rows(sql`
      /* deleteHosts */
      delete from ${table} as kept using unnest(${list(addresses, 'inet')}) as gone (address)
      where kept.address_space_id = ${scanner.addressSpaceId}
        and kept.scanner_id = ${scanner.scannerId}
        and kept.address = gone.address
    `);
  }
}

/** Remembers that rows of the logs up to a sequence may be missing. */
export async function raiseLogFloor(session: Session, sequence: number): Promise<void> {
  await session.rows(sql`
    /* raiseLogFloor */
    insert into log_floor (sequence)
    select ${sequence}::bigint
    where not exists (select from log_floor where log_floor.sequence >= ${sequence}::bigint)
    on conflict (sequence) do nothing
  `);
}

/** Behind which sequence nothing is missing from the logs; 0 where nothing was ever pruned. */
export async function logFloor(session: Session): Promise<number> {
  const [row] = await session.rows<{ sequence: number }>(sql`
    /* logFloor */
    select coalesce(max(sequence), 0) as sequence from log_floor
  `);
  return row?.sequence ?? 0;
}

/**
 * Takes away the scans of a scanner up to the cut that nothing refers to: no content, no entry, no state; and what
 * they looked at, but for the latest look of each kind, by which is known what was covered.
 */
export async function deleteScans(
  session: Session,
  scanner: ScannerPlace,
  { cut, named }: { cut: Instant; named: readonly ScanId[] },
): Promise<{ scans: number; events: number }> {
  await session.rows(sql`
    /* deleteOldLooks */
    delete from look using scan
    where scan.id = look.scan_id
      and look.scanner_id = ${scanner.scannerId}
      and scan.status <> 'held'
      and scan.at <= ${instantText(cut)}::text::timestamptz
      and (
        scan.status = 'discarded'
        or exists (
          select
          from look as later_look join scan as later on later.id = later_look.scan_id
          where later_look.scanner_id = look.scanner_id
            and later_look.profile_id = look.profile_id
            and later_look.address_set_id = look.address_set_id
            and later.status = 'applied'
            and later.at <= ${instantText(cut)}::text::timestamptz
            and (later.at, later.digest) > (scan.at, scan.digest)
        )
      )
  `);
  const gone = await session.rows<{ id: number }>(sql`
    /* unneededScans */
    select scan.id
    from scan
    where scan.scanner_id = ${scanner.scannerId}
      and scan.status <> 'held'
      and scan.at <= ${instantText(cut)}::text::timestamptz
      and not exists (select from look where look.scan_id = scan.id)
      and not exists (select from change where change.scan_id = scan.id)
      and scan.id not in (
        select host_run.scan_id
        from host_run
        where host_run.address_space_id = ${scanner.addressSpaceId} and host_run.scanner_id = ${scanner.scannerId}
      )
      and not scan.id = any(${list(named, 'bigint')})
    order by scan.id
    limit 10000000
  `);
  const ids = gone.map(({ id }) => id);
  const events = await session.rows<{ sequence: number }>(sql`
    /* deleteScanEvents */
    delete from scan_event where scan_id = any(${list(ids, 'bigint')}) returning sequence
  `);
  await session.rows(sql`/* deleteScans */ delete from scan where id = any(${list(ids, 'bigint')})`);
  await raiseLogFloor(session, Math.max(0, ...events.map(({ sequence }) => sequence)));
  return { scans: ids.length, events: events.length };
}

/** Tells that a host is gone because a person said so. The log must be locked. */
export async function appendForgotten(
  session: Session,
  scanner: ScannerPlace,
  entry: { address: Address; scan: ScanId; at: Instant; loggedAt: Instant },
): Promise<void> {
  await session.rows(sql`
    /* appendForgotten */
    insert into change (
      address_space_id, address, scanner_id, scan_id, kind, baseline, confirmations, at, reason, logged_at
    )
    values (
      ${scanner.addressSpaceId}, ${entry.address}::text::inet, ${scanner.scannerId}, ${entry.scan},
      ${changeCode.host_gone}, false, 0, ${instantText(entry.at)}::text::timestamptz, 'host_forgotten',
      ${instantText(entry.loggedAt)}::text::timestamptz
    )
  `);
}
