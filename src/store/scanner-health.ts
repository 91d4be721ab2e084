import { sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import type { Scanner } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import { dueAt, type Finding, type ScannerHealth } from '../core/scan-event.ts';
import { limits } from '../limits.ts';
import type { Session } from './session.ts';
import { instantText, list } from './statement.ts';

interface HealthRow {
  readonly scannerId: number;
  readonly lastScanAt: string | null;
  readonly lastReceivedAt: string | null;
  readonly heldScans: number;
  readonly findings: readonly Finding[] | null;
  readonly clockSkewMs: number | null;
}

/** How scanners are, in their order. */
export async function healthOfScanners(
  session: Session,
  scanners: readonly Scanner[],
  now: Instant,
): Promise<ScannerHealth[]> {
  const rows = await session.rows<HealthRow>(sql`
    /* healthOfScanners */
    select
      wanted.scanner_id as "scannerId",
      latest.at::text as "lastScanAt",
      (
        select max(scan.received_at)::text
        from scan
        where scan.scanner_id = wanted.scanner_id
      ) as "lastReceivedAt",
      (
        select count(*) from scan where scan.scanner_id = wanted.scanner_id and scan.status = 'held'
      ) as "heldScans",
      latest.receipt->'findings' as findings,
      (latest.receipt->>'clockSkewMs')::bigint as "clockSkewMs"
    from unnest(${list(
      scanners.map(({ id }) => id),
      'integer',
    )}) as wanted (scanner_id)
    left join lateral (
      select scan.at, scan.receipt
      from scan
      where scan.scanner_id = wanted.scanner_id and scan.status = 'applied'
      order by scan.at desc, scan.digest desc
      limit 1
    ) as latest on true
    order by wanted.scanner_id
    limit ${limits.smallTableRowsMax}
  `);
  const byId = new Map(rows.map((row) => [row.scannerId, row]));
  return scanners.map((scanner) => toHealth(scanner, byId.get(scanner.id), now));
}

function toHealth(scanner: Scanner, row: HealthRow | undefined, now: Instant): ScannerHealth {
  const last = (text: string | null | undefined) => (text == null ? undefined : parseInstant(text));
  const lastScanAt = last(row?.lastScanAt);
  const lastReceivedAt = last(row?.lastReceivedAt);
  const due = dueAt({ ...scanner, lastReceivedAt });
  return {
    scannerId: scanner.id,
    ...(lastScanAt === undefined ? {} : { lastScanAt }),
    ...(lastReceivedAt === undefined ? {} : { lastReceivedAt }),
    ...(due === undefined ? {} : { dueAt: due }),
    overdue: scanner.retiredAt === undefined && due !== undefined && due <= now,
    heldScans: row?.heldScans ?? 0,
    findings: row?.findings ?? [],
    ...(row?.clockSkewMs == null ? {} : { clockSkewMs: row.clockSkewMs }),
  };
}

/** Remembers that these scanners are overdue since then; gives those of which nobody was told yet. */
export async function markOverdue(
  session: Session,
  due: readonly { readonly scannerId: number; readonly dueAt: Instant }[],
): Promise<{ scannerId: number; dueAt: Instant }[]> {
  if (due.length === 0) return [];
  const rows = await session.rows<{ scannerId: number; dueAt: string }>(sql`
    /* markOverdue */
    update scanner set overdue_at = due.at
    from unnest(
      ${list(
        due.map(({ scannerId }) => scannerId),
        'integer',
      )},
      ${list(
        due.map(({ dueAt: at }) => instantText(at)),
        'instant',
      )}
    ) as due (scanner_id, at)
    where scanner.id = due.scanner_id and scanner.overdue_at is distinct from due.at
    returning scanner.id as "scannerId", due.at::text as "dueAt"
  `);
  return rows.map(({ scannerId, dueAt: at }) => ({ scannerId, dueAt: parseInstant(at) }));
}

/** Appends what happened to scanners to the log. The log must be locked. */
export async function appendOverdue(
  session: Session,
  overdue: readonly { readonly scannerId: number; readonly dueAt: Instant }[],
  now: Instant,
): Promise<void> {
  await session.rows(sql`
    /* appendOverdue */
    insert into scan_event (scanner_id, kind, at, details)
    select overdue.scanner_id, 'scanner_overdue', ${instantText(now)}::text::timestamptz, overdue.details::jsonb
    from unnest(
      ${list(
        overdue.map(({ scannerId }) => scannerId),
        'integer',
      )},
      ${list(
        overdue.map(({ dueAt: at }) => JSON.stringify({ dueAt: at })),
        'text',
      )}
    ) as overdue (scanner_id, details)
    order by overdue.scanner_id
  `);
}
