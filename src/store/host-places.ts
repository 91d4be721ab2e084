import { sql } from 'drizzle-orm';
import type { Address } from '../core/address.ts';
import { setOfAddresses } from '../core/address-set.ts';
import { groupBy } from '../core/group.ts';
import type { HostPlace } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import { refusePruned } from './host-bases.ts';
import { groupHosts, type StoredHost } from './host-walk.ts';
import { statesAsOf } from './past-hosts.ts';
import { allScanners } from './scanners.ts';
import type { Session } from './session.ts';
import { list } from './statement.ts';

/** Names a host. */
export function hostKey({ addressSpaceId, address }: HostPlace): string {
  return `${addressSpaceId} ${address}`;
}

/**
 * The hosts that scanners in service know, by `hostKey`, with what each keeps about them, or kept as of a moment.
 * Throws BadInput for moments that were pruned.
 */
export async function readHostsAt(
  session: Session,
  places: readonly HostPlace[],
  asOf?: Instant,
): Promise<ReadonlyMap<string, StoredHost>> {
  const hosts = new Map<string, StoredHost>();
  const unique = new Map(places.map((place) => [hostKey(place), place]));
  for (const [addressSpaceId, own] of groupBy(unique.values(), (place) => place.addressSpaceId)) {
    const addresses = own.map(({ address }) => address);
    const reading = { addressSpaceId, addresses };
    const found =
      asOf === undefined ? await readPresent(session, reading) : await readPast(session, reading, asOf);
    for (const host of found) hosts.set(hostKey(host), host);
  }
  return hosts;
}

interface Reading {
  readonly addressSpaceId: number;
  readonly addresses: readonly Address[];
}

async function readPresent(
  session: Session,
  { addressSpaceId, addresses }: Reading,
): Promise<readonly StoredHost[]> {
  const rows = await session.rows<{ address: string; scannerId: number; state: string }>(sql`
    /* readHostsAt */
    select host(host_state.address) as address, host_state.scanner_id as "scannerId", host_state.state
    from unnest(${list(addresses, 'inet')}) as wanted (address)
    join host_state
      on host_state.address_space_id = ${addressSpaceId}::integer
      and host_state.address = wanted.address
    join scanner on scanner.id = host_state.scanner_id and scanner.retired_at is null
    order by host_state.address, host_state.scanner_id
  `);
  return groupHosts(addressSpaceId, rows);
}

async function readPast(
  session: Session,
  { addressSpaceId, addresses }: Reading,
  asOf: Instant,
): Promise<readonly StoredHost[]> {
  const scanners = await allScanners(session);
  const scannerIds = scanners.filter(({ retiredAt }) => retiredAt === undefined).map(({ id }) => id);
  await refusePruned(session, { scannerIds, addresses: setOfAddresses(addresses), at: asOf });
  const hosts = await statesAsOf(session, { addressSpaceId, addresses, scannerIds, asOf });
  return Array.from(hosts, ([address, states]) => ({
    addressSpaceId,
    address,
    states: Array.from(states, ([scannerId, state]) => ({ scannerId, state })),
  }));
}
