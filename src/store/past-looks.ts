import { sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import type { Address } from '../core/address.ts';
import { holdsAddress, readAddressSet } from '../core/address-set.ts';
import { assert } from '../core/assert.ts';
import { holdsPort, type PortKey, readPortSet } from '../core/endpoint.ts';
import type { Instant } from '../core/observation.ts';
import type { Session } from './session.ts';
import { list } from './statement.ts';

/** When a scanner looked at a host, or at one of its ports: ends of complete applied scans, in order. */
export async function looksAtPlace(
  session: Session,
  {
    scannerIds,
    address,
    port,
  }: { scannerIds: readonly number[]; address: Address; port?: PortKey | undefined },
): Promise<Map<number, Instant[]>> {
  const kinds = await lookKinds(session, scannerIds);
  const covering = kinds.filter((kind) => covers(kind, address, port));
  const rows = await session.rows<{ scannerId: number; at: string }>(sql`
    /* looksOfKinds */
    select look.scanner_id as "scannerId", scan.at::text as at
    from unnest(
      ${list(
        covering.map(({ scannerId }) => scannerId),
        'integer',
      )},
      ${list(
        covering.map(({ profileId }) => profileId),
        'integer',
      )},
      ${list(
        covering.map(({ addressSetId }) => addressSetId),
        'integer',
      )}
    ) as kind (scanner_id, profile_id, address_set_id)
    join look using (scanner_id, profile_id, address_set_id)
    join scan on scan.id = look.scan_id and scan.status = 'applied'
    order by look.scanner_id, scan.at
    limit 10000000
  `);
  const looks = new Map<number, Instant[]>(scannerIds.map((id) => [id, []]));
  for (const { scannerId, at } of rows) looks.get(scannerId)?.push(parseInstant(at));
  return looks;
}

/** A set of addresses that a scanner looked at in one way. */
interface LookKind {
  readonly scannerId: number;
  readonly profileId: number;
  readonly addressSetId: number;
  readonly ports: string;
  readonly status: boolean;
  readonly ranges: string;
}

function lookKinds(session: Session, scannerIds: readonly number[]): Promise<LookKind[]> {
  return session.rows<LookKind>(sql`
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
}

function covers({ ports, status, ranges }: LookKind, address: Address, port: PortKey | undefined): boolean {
  const set = readAddressSet(ranges === '' ? [] : ranges.split(','));
  assert(set.ok, 'a stored address set can be read');
  if (!holdsAddress(set.addresses, address)) return false;
  if (port === undefined) return status || ports !== '';
  const reading = ports === '' ? undefined : readPortSet(ports);
  return reading?.ok === true && holdsPort(reading.ports, port);
}
