import { sql } from 'drizzle-orm';
import { formatPortSet } from '../core/endpoint.ts';
import type { Receipt, Scan, ScanStatus } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import type { Profile } from '../core/scope.ts';
import type { ScanId } from '../core/state.ts';
import { digestOfText } from './digest.ts';
import { type ScanRow, scanColumns, toScan } from './scans.ts';
import type { Session } from './session.ts';
import { instantText, list, storableText } from './statement.ts';

/** From here on until the commit, nobody else writes to the logs: their order is the order of commits. */
export async function lockLog(session: Session): Promise<void> {
  await session.rows(sql`/* lockLog */ select pg_advisory_xact_lock(${logLock})`);
}

/** Any number that no other program on the database uses: "drpl" in ASCII. */
const logLock = 0x6472706c;

/** The scan of this scanner whose report has the digest. */
export async function findScanByDigest(
  session: Session,
  scannerId: number,
  digest: string,
): Promise<Scan | undefined> {
  const [row] = await session.rows<ScanRow>(sql`
    /* findScanByDigest */
    select ${scanColumns} from scan where scan.scanner_id = ${scannerId} and scan.digest = ${digest}
  `);
  return row === undefined ? undefined : toScan(row);
}

/** A number for a scan whose row is written at the end. */
export async function nextScanId(session: Session): Promise<ScanId> {
  const [row] = await session.rows<{ id: number }>(sql`
    /* nextScanId */
    select nextval(pg_get_serial_sequence('scan', 'id')) as id
  `);
  return Number(row?.id);
}

/** The number of a profile; equal profiles have one. */
export async function profileId(session: Session, profile: Profile): Promise<number> {
  const { ports, names, status, complete, absent } = profile;
  const text = formatPortSet(ports);
  const digest = digestOfText(JSON.stringify([text, names, status, complete, absent]));
  const [row] = await session.rows<{ id: number }>(sql`
    /* profileId */
    with added as (
      insert into profile (digest, ports, names, status, complete, absent)
      select ${digest}, ${text}, ${names}, ${status}, ${complete}, ${absent}
      where not exists (select from profile where digest = ${digest})
      on conflict (digest) do update set digest = excluded.digest
      returning id
    )
    select id from added union all select id from profile where digest = ${digest} limit 1
  `);
  return Number(row?.id);
}

/** The number of a set of addresses; equal sets have one. */
async function addressSetId(session: Session, ranges: readonly string[]): Promise<number> {
  const text = ranges.join(',');
  const digest = digestOfText(text);
  const [row] = await session.rows<{ id: number }>(sql`
    /* addressSetId */
    with added as (
      insert into address_set (digest, ranges)
      select ${digest}, ${text}
      where not exists (select from address_set where digest = ${digest})
      on conflict (digest) do update set digest = excluded.digest
      returning id
    )
    select id from added union all select id from address_set where digest = ${digest} limit 1
  `);
  return Number(row?.id);
}

/** A scan as it is written, with what it looked at. */
export interface NewScan {
  readonly id: ScanId;
  readonly addressSpaceId: number;
  readonly scannerId: number;
  readonly digest: string;
  readonly status: ScanStatus;
  readonly at: Instant;
  readonly receivedAt: Instant;
  readonly complete: boolean;
  readonly receipt: Receipt;
  readonly looks: readonly { readonly profileId: number; readonly addresses: readonly string[] }[];
}

/** Writes the row of a scan and what it looked at. */
export async function insertScan(session: Session, scan: NewScan): Promise<void> {
  await session.rows(sql`
    /* insertScan */
    insert into scan (id, address_space_id, scanner_id, digest, status, at, received_at, complete, receipt)
    overriding system value
    values (
      ${scan.id}, ${scan.addressSpaceId}, ${scan.scannerId}, ${scan.digest}, ${scan.status},
      ${instantText(scan.at)}::text::timestamptz, ${instantText(scan.receivedAt)}::text::timestamptz,
      ${scan.complete}, ${jsonText(scan.receipt)}::text::jsonb
    )
  `);
  for (const { profileId: profile, addresses } of scan.looks) {
    const set = await addressSetId(session, addresses);
    await session.rows(sql`
      /* insertLook */
      insert into look (scan_id, scanner_id, profile_id, address_set_id)
      values (${scan.id}, ${scan.scannerId}, ${profile}, ${set})
    `);
  }
}

/** Changes whether a scan counts. */
export async function setScanStatus(session: Session, id: ScanId, status: ScanStatus): Promise<void> {
  await session.rows(sql`/* setScanStatus */ update scan set status = ${status} where id = ${id}`);
}

/** The addresses that a scan looked at, as networks and ranges. */
export async function fetchScanRanges(session: Session, id: ScanId): Promise<string[]> {
  const rows = await session.rows<{ ranges: string }>(sql`
    /* fetchScanRanges */
    select address_set.ranges
    from look join address_set on address_set.id = look.address_set_id
    where look.scan_id = ${id}
    order by address_set.id
    limit 100000
  `);
  return rows.flatMap(({ ranges }) => (ranges === '' ? [] : ranges.split(',')));
}

/** Appends what happened to a scan to the log. The log must be locked. */
export async function appendScanEvent(
  session: Session,
  event: { scan: ScanId; kind: string; at: Instant; details?: object },
): Promise<void> {
  await session.rows(sql`
    /* appendScanEvent */
    insert into scan_event (scan_id, kind, at, details)
    values (
      ${event.scan}, ${event.kind}, ${instantText(event.at)}::text::timestamptz,
      ${event.details === undefined ? null : jsonText(event.details)}::text::jsonb
    )
  `);
}

/** Takes away the states of hosts that are about to be written anew. */
export async function deleteStates(
  session: Session,
  scanner: ScannerPlace,
  addresses: readonly string[],
): Promise<void> {
  if (addresses.length === 0) return;
  await session.rows(sql`
    /* deleteStates */
    delete from host_state using unnest(${list(addresses, 'inet')}) as gone (address)
    where host_state.address_space_id = ${scanner.addressSpaceId}
      and host_state.address = gone.address
      and host_state.scanner_id = ${scanner.scannerId}
  `);
}

/** Takes away the heads of hosts that are about to be written anew. */
export async function deleteHeads(
  session: Session,
  scanner: ScannerPlace,
  { profileId: profile, addresses }: { profileId: number; addresses: readonly string[] },
): Promise<void> {
  await session.rows(sql`
    /* deleteHeads */
    delete from host_head using unnest(${list(addresses, 'inet')}) as gone (address)
    where host_head.address_space_id = ${scanner.addressSpaceId}
      and host_head.scanner_id = ${scanner.scannerId}
      and host_head.profile_id = ${profile}
      and host_head.address = gone.address
  `);
}

/** The profiles under which the scanner looked so far. */
export async function fetchLookProfiles(session: Session, scannerId: number): Promise<number[]> {
  const rows = await session.rows<{ id: number }>(sql`
    /* fetchLookProfiles */
    select distinct profile_id as id from look where scanner_id = ${scannerId} order by profile_id limit 100000
  `);
  return rows.map(({ id }) => id);
}

/** What these profiles said last of these hosts must be folded again: their state changed meanwhile. */
export async function unsettleHeads(
  session: Session,
  scanner: ScannerPlace,
  { profileIds, addresses }: { profileIds: readonly number[]; addresses: readonly string[] },
): Promise<void> {
  if (profileIds.length === 0 || addresses.length === 0) return;
  await session.rows(sql`
    /* unsettleHeads */
    update host_head set must_fold = true
    from unnest(${list(addresses, 'inet')}) as host (address)
    where host_head.address_space_id = ${scanner.addressSpaceId}
      and host_head.scanner_id = ${scanner.scannerId}
      and host_head.profile_id in (select unnest(${list(profileIds, 'integer')}))
      and host_head.address = host.address
      and not host_head.must_fold
  `);
}

/** Whose rows are meant. */
export interface ScannerPlace {
  readonly addressSpaceId: number;
  readonly scannerId: number;
}

/** JSON for jsonb, which holds neither NUL nor half a surrogate pair: they become U+FFFD. */
function jsonText(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'string' ? storableText(inner) : inner,
  );
}
