import { sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import { type Address, addressAt } from '../core/address.ts';
import { type AddressSet, countAddresses, holdsAddress, readAddressSet } from '../core/address-set.ts';
import { assert } from '../core/assert.ts';
import { readPortSet } from '../core/endpoint.ts';
import type { Instant } from '../core/observation.ts';
import type { AbsentMeaning, Profile } from '../core/scope.ts';
import type { ScanId } from '../core/state.ts';
import { comparePositions, type Position } from '../core/timeline.ts';
import type { LatestLook } from '../core/views.ts';
import { limits } from '../limits.ts';
import { type Cache, createCache } from './least-recent.ts';
import type { Session } from './session.ts';
import { instantText, list } from './statement.ts';

/** What scanners looked at. Cached: scopes are immutable, and the log tells which scans came or went. */
export interface Coverage {
  /** The latest applied looks of scanners at addresses, one for each profile: by scanner, then by address. */
  looksAt(
    session: Session,
    wanted: ReadonlyMap<number, readonly Address[]>,
  ): Promise<ReadonlyMap<number, ReadonlyMap<Address, readonly LatestLook[]>>>;
}

/** One set of addresses under one profile, and the latest scan that looked so. */
interface Covered extends Position {
  readonly scan: ScanId;
  readonly profileId: number;
  readonly addressSetId: number;
}

/** What one scanner looked at: small sets by their addresses; others by profile, latest first. */
interface ScannerCoverage {
  readonly pairs: Map<string, Covered>;
  readonly points: Map<Address, Set<string>>;
  readonly areas: Map<number, Covered[]>;
}

interface Caches {
  readonly scanners: Map<number, ScannerCoverage>;
  readonly addressSets: Cache<number, AddressSet>;
  readonly profiles: Cache<number, Profile>;
  /** The log is known up to here. */
  asOf: number;
  /** Scans after this moment are left out. */
  readonly pastAt: Instant | undefined;
}

/** The coverage of one database; of a past moment, as far as scans up to then go. */
export function createCoverage(pastAt?: Instant): Coverage {
  const caches: Caches = {
    scanners: new Map(),
    addressSets: createCache({ entriesMax: limits.scopeCacheEntriesMax }),
    profiles: createCache({ entriesMax: limits.scopeCacheEntriesMax }),
    asOf: 0,
    pastAt,
  };
  return {
    looksAt: async (session, wanted) => {
      if (pastAt === undefined) await refresh(session, caches); // What tells of the past is asked once.
      const found = new Map<number, ReadonlyMap<Address, readonly LatestLook[]>>();
      for (const [scannerId, addresses] of wanted) {
        const known = caches.scanners.get(scannerId) ?? (await loadInto(caches, session, scannerId));
        found.set(scannerId, await findLooks(session, { caches, known, addresses }));
      }
      return found;
    },
  };
}

/** Forgets the scanners whose scans came or went since the last time. */
async function refresh(session: Session, caches: Caches): Promise<void> {
  const rows = await session.rows<{ scannerId: number; sequence: number }>(sql`
    /* scannersWithNewScans */
    select scan.scanner_id as "scannerId", max(scan_event.sequence) as sequence
    from scan_event
    join scan on scan.id = scan_event.scan_id
    where scan_event.sequence > ${caches.asOf}
    group by scan.scanner_id
    order by scan.scanner_id
    limit ${limits.smallTableRowsMax}
  `);
  for (const { scannerId } of rows) caches.scanners.delete(scannerId);
  for (const { sequence } of rows) caches.asOf = Math.max(caches.asOf, sequence);
}

/** Keeps what it read only where the log did not go on meanwhile: it may lack the newest scan. */
async function loadInto(caches: Caches, session: Session, scannerId: number): Promise<ScannerCoverage> {
  const { asOf } = caches;
  const known = await load(session, scannerId, caches.pastAt);
  if (caches.asOf === asOf) caches.scanners.set(scannerId, known);
  return known;
}

interface CoveredRow {
  readonly profileId: number;
  readonly addressSetId: number;
  readonly scan: ScanId;
  readonly at: string;
  readonly digest: string;
  readonly ranges: string | null;
}

async function load(
  session: Session,
  scannerId: number,
  pastAt: Instant | undefined,
): Promise<ScannerCoverage> {
  const rows = await session.rows<CoveredRow>(sql`
    /* coverageOfScanner */
    select
      latest."profileId",
      latest."addressSetId",
      latest.scan,
      latest.at,
      latest.digest,
      case when length(address_set.ranges) <= 400 then address_set.ranges end as ranges
    from (
      select distinct on (look.profile_id, look.address_set_id)
        look.profile_id as "profileId",
        look.address_set_id as "addressSetId",
        scan.id as scan,
        scan.at::text as at,
        scan.digest
      from look
      join scan on scan.id = look.scan_id
      where look.scanner_id = ${scannerId}
        and scan.status = 'applied'
        and ${pastAt === undefined ? sql`true` : sql`scan.at <= ${instantText(pastAt)}::text::timestamptz`}
      order by look.profile_id, look.address_set_id, scan.at desc, scan.digest desc
    ) as latest
    join address_set on address_set.id = latest."addressSetId"
    order by latest.at desc, latest.digest desc, latest."profileId", latest."addressSetId"
    limit 1000000
  `);
  const known: ScannerCoverage = { pairs: new Map(), points: new Map(), areas: new Map() };
  for (const row of rows) file(known, row);
  for (const areas of known.areas.values()) areas.sort((a, b) => comparePositions(b, a));
  return known;
}

function file(known: ScannerCoverage, { ranges, at, ...rest }: CoveredRow): void {
  const covered: Covered = { ...rest, at: parseInstant(at) };
  const key = `${covered.profileId} ${covered.addressSetId}`;
  known.pairs.set(key, covered);
  const addresses = ranges === null ? undefined : parseSet(ranges);
  if (addresses === undefined || countAddresses(addresses) > BigInt(limits.smallScopeAddressesMax)) {
    const areas = known.areas.get(covered.profileId);
    if (areas === undefined) known.areas.set(covered.profileId, [covered]);
    else areas.push(covered);
    return;
  }
  for (const { first, last } of addresses) {
    for (let position = first; position <= last; position += 1n) {
      const address = addressAt(position);
      known.points.set(address, (known.points.get(address) ?? new Set()).add(key));
    }
  }
}

interface Search {
  readonly caches: Caches;
  readonly known: ScannerCoverage;
  readonly addresses: readonly Address[];
}

async function findLooks(
  session: Session,
  search: Search,
): Promise<ReadonlyMap<Address, readonly LatestLook[]>> {
  const { known, addresses, caches } = search;
  const found = new Map(addresses.map((address) => [address, new Map<number, Covered>()]));
  for (const [address, byProfile] of found) {
    for (const key of known.points.get(address) ?? []) keepLatest(byProfile, known.pairs.get(key));
  }
  for (const areas of known.areas.values()) await searchAreas(session, { ...search, areas, found });
  const profiles = await loadProfiles(
    session,
    caches,
    new Set([...found.values()].flatMap((f) => [...f.keys()])),
  );
  return new Map(
    Array.from(found, ([address, byProfile]) => [
      address,
      Array.from(byProfile.values(), (covered): LatestLook => {
        const profile = profiles.get(covered.profileId);
        assert(profile !== undefined, 'a profile that is referred to exists');
        return { ...covered, profile };
      }),
    ]),
  );
}

function keepLatest(byProfile: Map<number, Covered>, covered: Covered | undefined): void {
  if (covered === undefined) return;
  const known = byProfile.get(covered.profileId);
  if (known === undefined || comparePositions(covered, known) > 0) byProfile.set(covered.profileId, covered);
}

/** Latest first, a few sets at a time, until every address has its look: mostly the first set holds them all. */
async function searchAreas(
  session: Session,
  { caches, areas, found }: Search & { areas: readonly Covered[]; found: Map<Address, Map<number, Covered>> },
): Promise<void> {
  let missing = [...found.keys()];
  for (let start = 0; start < areas.length && missing.length > 0; start += 8) {
    const batch = areas.slice(start, start + 8);
    const sets = await loadSets(session, caches, batch);
    for (const covered of batch) {
      const set = sets.get(covered.addressSetId);
      assert(set !== undefined, 'an address set that is referred to exists');
      missing = missing.filter((address) => {
        if (!holdsAddress(set, address)) return true;
        keepLatest(found.get(address) ?? new Map(), covered);
        return false;
      });
    }
  }
}

async function loadSets(
  session: Session,
  { addressSets }: Caches,
  wanted: readonly Covered[],
): Promise<ReadonlyMap<number, AddressSet>> {
  const sets = new Map<number, AddressSet>();
  const missing: number[] = [];
  for (const { addressSetId } of wanted) {
    const set = addressSets.get(addressSetId);
    if (set === undefined) missing.push(addressSetId);
    else sets.set(addressSetId, set);
  }
  if (missing.length === 0) return sets;
  const rows = await session.rows<{ id: number; ranges: string }>(sql`
    /* addressSetsById */
    select id, ranges
    from address_set
    where id = any(${list(missing, 'integer')})
    order by id
    limit ${missing.length}
  `);
  for (const { id, ranges } of rows) {
    const set = parseSet(ranges);
    addressSets.set(id, set);
    sets.set(id, set);
  }
  return sets;
}

async function loadProfiles(
  session: Session,
  { profiles }: Caches,
  ids: ReadonlySet<number>,
): Promise<ReadonlyMap<number, Profile>> {
  const found = new Map<number, Profile>();
  const missing: number[] = [];
  for (const id of ids) {
    const profile = profiles.get(id);
    if (profile === undefined) missing.push(id);
    else found.set(id, profile);
  }
  if (missing.length === 0) return found;
  const rows = await session.rows<ProfileRow>(sql`
    /* profilesById */
    select id, ports, names, status, complete, absent
    from profile
    where id = any(${list(missing, 'integer')})
    order by id
    limit ${missing.length}
  `);
  for (const row of rows) {
    const profile = toProfile(row);
    profiles.set(row.id, profile);
    found.set(row.id, profile);
  }
  return found;
}

export interface ProfileRow {
  readonly id: number;
  readonly ports: string;
  readonly names: boolean;
  readonly status: boolean;
  readonly complete: boolean;
  readonly absent: AbsentMeaning;
}

/** A stored profile. */
export function toProfile({ id: _, ports, ...rest }: ProfileRow): Profile {
  const reading = ports === '' ? { ok: true as const, ports: [] } : readPortSet(ports);
  assert(reading.ok, 'the ports of a stored profile can be read');
  return { ...rest, ports: reading.ports };
}

/** A stored address set. */
export function parseSet(ranges: string): AddressSet {
  const reading = readAddressSet(ranges === '' ? [] : ranges.split(','));
  assert(reading.ok, 'a stored address set can be read');
  return reading.addresses;
}
