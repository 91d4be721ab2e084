import { sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import type { Address } from '../core/address.ts';
import { type AddressSet, holdsAddress } from '../core/address-set.ts';
import { holdsPort, type PortKey, type PortSet, parsePortSet } from '../core/endpoint.ts';
import type { Instant } from '../core/observation.ts';
import { parseSet } from './coverage.ts';
import type { Session } from './session.ts';
import { list } from './statement.ts';

/** A host, or one of its ports. */
interface Place {
  readonly address: Address;
  readonly port?: PortKey | undefined;
}

/** When scanners looked at each of the places: by scanner, ends of complete applied scans, in order. */
export async function looksAtPlaces(
  session: Session,
  { scannerIds, places }: { scannerIds: readonly number[]; places: readonly Place[] },
): Promise<Map<number, Instant[]>[]> {
  const kinds = await lookKinds(session, scannerIds);
  const covering = places.map((place) => kinds.filter((kind) => covers(kind, place)));
  const times = await timesOf(session, [...new Set(covering.flat())]);
  return covering.map((own) => {
    const looks = new Map<number, Instant[]>(scannerIds.map((id) => [id, []]));
    for (const kind of own) looks.get(kind.scannerId)?.push(...(times.get(keyOf(kind)) ?? []));
    for (const moments of looks.values()) moments.sort((x, y) => x - y);
    return looks;
  });
}

async function timesOf(session: Session, kinds: readonly LookKind[]): Promise<Map<string, Instant[]>> {
  const rows = await session.rows<
    Pick<LookKind, 'scannerId' | 'profileId' | 'addressSetId'> & { at: string }
  >(sql`
    /* looksOfKinds */
    select
      look.scanner_id as "scannerId",
      look.profile_id as "profileId",
      look.address_set_id as "addressSetId",
      scan.at::text as at
    from unnest(
      ${list(
        kinds.map(({ scannerId }) => scannerId),
        'integer',
      )},
      ${list(
        kinds.map(({ profileId }) => profileId),
        'integer',
      )},
      ${list(
        kinds.map(({ addressSetId }) => addressSetId),
        'integer',
      )}
    ) as kind (scanner_id, profile_id, address_set_id)
    join look using (scanner_id, profile_id, address_set_id)
    join scan on scan.id = look.scan_id and scan.status = 'applied'
    order by look.scanner_id, scan.at
    limit 10000000
  `);
  const times = new Map<string, Instant[]>();
  for (const row of rows) {
    const own = times.get(keyOf(row));
    if (own === undefined) times.set(keyOf(row), [parseInstant(row.at)]);
    else own.push(parseInstant(row.at));
  }
  return times;
}

function keyOf({
  scannerId,
  profileId,
  addressSetId,
}: Pick<LookKind, 'scannerId' | 'profileId' | 'addressSetId'>): string {
  return `${scannerId} ${profileId} ${addressSetId}`;
}

/** A set of addresses that a scanner looked at in one way. */
interface LookKind {
  readonly scannerId: number;
  readonly profileId: number;
  readonly addressSetId: number;
  readonly ports: PortSet;
  readonly status: boolean;
  readonly addresses: AddressSet;
}

async function lookKinds(session: Session, scannerIds: readonly number[]): Promise<LookKind[]> {
  const rows = await session.rows<
    Omit<LookKind, 'ports' | 'addresses'> & { ports: string; ranges: string }
  >(sql`
    /* lookKinds */
    select
      kind.scanner_id as "scannerId",
      kind.profile_id as "profileId",
      kind.address_set_id as "addressSetId",
      profile.ports,
      profile.status,
      address_set.ranges
    from (
      select distinct scanner_id, profile_id, address_set_id
      from look
      where scanner_id = any(${list(scannerIds, 'integer')})
    ) as kind
    join profile on profile.id = kind.profile_id and profile.complete
    join address_set on address_set.id = kind.address_set_id
    order by kind.scanner_id, kind.profile_id, kind.address_set_id
    limit 1000000
  `);
  return rows.map(({ ports, ranges, ...kind }) => {
    return { ...kind, ports: parsePortSet(ports), addresses: parseSet(ranges) };
  });
}

function covers({ ports, status, addresses }: LookKind, { address, port }: Place): boolean {
  if (!holdsAddress(addresses, address)) return false;
  if (port === undefined) return status || ports.length > 0;
  return holdsPort(ports, port);
}
