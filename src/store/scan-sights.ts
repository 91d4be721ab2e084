import { type SQL, sql } from 'drizzle-orm';
import type { Address } from '../core/address.ts';
import { holdsAddress } from '../core/address-set.ts';
import type { Look } from '../core/scope.ts';
import type { ScanId } from '../core/state.ts';
import { type ProfileRow, parseSet, toProfile } from './coverage.ts';
import { allOf, anyOf, directionOf } from './page.ts';
import type { Session } from './session.ts';
import { list } from './statement.ts';

/** A stored scan, and what it looked at. */
export interface StoredScan {
  readonly id: ScanId;
  readonly addressSpaceId: number;
  readonly scannerId: number;
  /** The database's own text. */
  readonly at: string;
  readonly digest: string;
  readonly looks: readonly Look[];
  readonly profileIds: readonly number[];
  /** Names the looks: scans with equal names looked at the same addresses in the same ways. */
  readonly lookNames: string;
}

/** One scan with its looks; undefined where there is none. */
export async function findStoredScan(session: Session, id: ScanId): Promise<StoredScan | undefined> {
  const rows = await session.rows<LookRow | ScanRow>(sql`
    /* looksOfScan */
    select
      scanner_group.address_space_id as "addressSpaceId",
      scan.scanner_id as "scannerId",
      scan.at::text as at,
      scan.digest,
      look.address_set_id as "addressSetId",
      address_set.ranges,
      profile.id, profile.ports, profile.names, profile.status, profile.complete, profile.absent
    from scan
    join scanner on scanner.id = scan.scanner_id
    join scanner_group on scanner_group.id = scanner.group_id
    left join look on look.scan_id = scan.id
    left join profile on profile.id = look.profile_id
    left join address_set on address_set.id = look.address_set_id
    where scan.id = ${id}
    order by look.profile_id, look.address_set_id
    limit 100000
  `);
  const [first] = rows;
  if (first === undefined) return undefined;
  const { addressSpaceId, scannerId, at, digest } = first;
  const looks = rows.filter((row): row is LookRow => row.id !== null);
  return {
    id,
    addressSpaceId,
    scannerId,
    at,
    digest,
    looks: looks.map((row) => ({ addresses: parseSet(row.ranges), profile: toProfile(row) })),
    profileIds: looks.map((row) => row.id),
    lookNames: looks.map((row) => `${row.id} ${row.addressSetId}`).join(','),
  };
}

/** A scan without any look: nothing of it is kept, or it looked at nothing. */
interface ScanRow extends Pick<StoredScan, 'addressSpaceId' | 'scannerId' | 'at' | 'digest'> {
  readonly id: null;
}

interface LookRow extends ProfileRow, Omit<ScanRow, 'id'> {
  readonly addressSetId: number;
  readonly ranges: string;
}

/** Hosts of which one of the scans may say otherwise than the other, in order. */
export async function differingHosts(
  session: Session,
  [a, b]: readonly [StoredScan, StoredScan],
  { condition, isDescending, limit }: { condition: SQL; isDescending: boolean; limit: number },
): Promise<Address[]> {
  // Where one scanner looked twice in one way, only what was written down in between can differ.
  const isSameLook = a.scannerId === b.scannerId && a.lookNames === b.lookNames;
  const rows = await session.rows<{ address: Address }>(sql`
    /* differingHosts */
    select host(found.address) as address
    from (
      select distinct host_run.address
      from host_run
      join scan on scan.id = host_run.scan_id
      where host_run.address_space_id = ${a.addressSpaceId}
        and ${isSameLook ? isBetween(a, b) : anyOf([isOf(a), isOf(b)])}
        and ${condition}
      order by host_run.address ${directionOf(isDescending)}
      limit ${limit}
    ) as found
    order by found.address ${directionOf(isDescending)}
  `);
  return rows.map(({ address }) => address);
}

function isOf(scan: StoredScan): SQL {
  return allOf([
    sql`host_run.scanner_id = ${scan.scannerId}`,
    sql`host_run.profile_id = any(${list(scan.profileIds, 'integer')})`,
    isUpTo(scan),
  ]);
}

function isBetween(a: StoredScan, b: StoredScan): SQL {
  const isInOrder = a.at < b.at || (a.at === b.at && a.digest <= b.digest);
  const [first, last] = isInOrder ? [a, b] : [b, a];
  return sql`(${isOf(last)} and not ${isUpTo(first)})`;
}

function isUpTo({ at, digest }: StoredScan): SQL {
  return sql`(host_run.at, scan.digest) <= (${at}::text::timestamptz, ${digest}::text)`;
}

/** What the scan says about each of these hosts, as `encodeContent` writes it; not where it does not list one. */
export async function contentsIn(
  session: Session,
  scan: StoredScan,
  addresses: readonly Address[],
): Promise<Map<Address, string>> {
  const rows = await session.rows<{ address: Address; profileId: number; content: string }>(sql`
    /* contentsInScan */
    select host(wanted.address) as address, wanted_profile.id as "profileId", said.content
    from unnest(${list(addresses, 'inet')}) as wanted (address)
    cross join unnest(${list(scan.profileIds, 'integer')}) as wanted_profile (id)
    cross join lateral (
      select host_run.content
      from host_run
      join scan on scan.id = host_run.scan_id
      where host_run.address_space_id = ${scan.addressSpaceId}
        and host_run.address = wanted.address
        and host_run.scanner_id = ${scan.scannerId}
        and host_run.profile_id = wanted_profile.id
        and ${isUpTo(scan)}
      order by host_run.at desc, scan.digest desc
      limit 1
    ) as said
    where said.content <> ''
    order by wanted.address
  `);
  // Another scan may have looked at the host in the way in which this one looked at others.
  const own = rows.filter(({ address, profileId }) => profileAt(scan, address) === profileId);
  return new Map(own.map(({ address, content }) => [address, content]));
}

function profileAt({ looks, profileIds }: StoredScan, address: Address): number | undefined {
  return profileIds[looks.findIndex(({ addresses }) => holdsAddress(addresses, address))];
}
