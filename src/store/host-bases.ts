import { type SQL, sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import type { Address } from '../core/address.ts';
import type { AddressSet } from '../core/address-set.ts';
import { assert } from '../core/assert.ts';
import { formatPortSet, readPortSet } from '../core/endpoint.ts';
import { BadInput } from '../core/errors.ts';
import type { Instant } from '../core/observation.ts';
import { decodeState, encodeState } from '../core/state.ts';
import type { Base } from '../core/timeline.ts';
import { isInside } from './address-conditions.ts';
import { allOf } from './page.ts';
import type { ScannerPlace } from './scan-writes.ts';
import type { Session } from './session.ts';
import { instantText, list } from './statement.ts';

/** Why a history begins anew. */
export type BaseReason = 'pruned' | 'forgotten';

/** A base, and whose. */
export interface StoredBase {
  readonly addressSpaceId: number;
  readonly address: Address;
  readonly scannerId: number;
  readonly reason: BaseReason;
  readonly base: Base;
}

/** The latest base up to a moment of each host and scanner that meets the condition on `host_base`. */
export async function latestBases(
  session: Session,
  { condition, asOf }: { condition: SQL; asOf?: Instant | undefined },
): Promise<StoredBase[]> {
  const rows = await session.rows<{
    addressSpaceId: number;
    address: string;
    scannerId: number;
    at: string;
    reason: BaseReason;
    state: string;
    host: boolean;
    ports: string;
  }>(sql`
    /* latestBases */
    select distinct on (host_base.address_space_id, host_base.address, host_base.scanner_id)
      host_base.address_space_id as "addressSpaceId",
      host(host_base.address) as address,
      host_base.scanner_id as "scannerId",
      host_base.at::text as at,
      host_base.reason,
      host_base.state,
      host_base.covered_host as host,
      host_base.covered_ports as ports
    from host_base
    where ${allOf([
      condition,
      asOf === undefined ? undefined : sql`host_base.at <= ${instantText(asOf)}::text::timestamptz`,
    ])}
    order by host_base.address_space_id, host_base.address, host_base.scanner_id, host_base.at desc
    limit 10000000
  `);
  return rows.map(({ at, state, host, ports, ...rest }) => {
    const reading = ports === '' ? { ok: true as const, ports: [] } : readPortSet(ports);
    assert(reading.ok, 'the ports of a stored base can be read');
    const before = { host, ports: reading.ports };
    return { ...rest, base: { at: parseInstant(at), state: decodeState(state), before } };
  });
}

/** Writes where the histories of hosts begin from now on. */
export async function writeBases(
  session: Session,
  scanner: ScannerPlace,
  {
    reason,
    bases,
  }: { reason: BaseReason; bases: readonly { readonly address: string; readonly base: Base }[] },
): Promise<void> {
  await session.rows(sql`
    /* writeBases */
    insert into host_base (
      address_space_id, address, scanner_id, at, reason, state, covered_host, covered_ports
    )
    select ${scanner.addressSpaceId}::integer, base.address, ${scanner.scannerId}::integer, base.at, ${reason}::text,
      base.state, base.covered_host, base.covered_ports
    from unnest(
      ${list(
        bases.map(({ address }) => address),
        'inet',
      )},
      ${list(
        bases.map(({ base }) => instantText(base.at)),
        'instant',
      )},
      ${list(
        bases.map(({ base }) => encodeState(base.state)),
        'text',
      )},
      ${list(
        bases.map(({ base }) => base.before.host),
        'boolean',
      )},
      ${list(
        bases.map(({ base }) => formatPortSet(base.before.ports)),
        'text',
      )}
    ) as base (address, at, state, covered_host, covered_ports)
    on conflict (address_space_id, address, scanner_id, at) do update set
      reason = excluded.reason,
      state = excluded.state,
      covered_host = excluded.covered_host,
      covered_ports = excluded.covered_ports
  `);
}

/** Drops the bases of hosts that lie before a moment: their part of the history is gone. */
export async function deleteBasesBefore(
  session: Session,
  scanner: ScannerPlace,
  { addresses, at }: { addresses: readonly string[]; at: Instant },
): Promise<void> {
  await session.rows(sql`
    /* deleteBasesBefore */
    delete from host_base using unnest(${list(addresses, 'inet')}) as host (address)
    where host_base.address_space_id = ${scanner.addressSpaceId}
      and host_base.scanner_id = ${scanner.scannerId}
      and host_base.address = host.address
      and host_base.at < ${instantText(at)}::text::timestamptz
  `);
}

/** The latest moment until which the history of one of the hosts was pruned. */
export async function prunedUntil(
  session: Session,
  { scannerIds, addresses }: { scannerIds: readonly number[]; addresses: AddressSet | undefined },
): Promise<Instant | undefined> {
  const [row] = await session.rows<{ until: string | null }>(sql`
    /* prunedUntil */
    select max(host_base.at)::text as until
    from host_base
    where ${allOf([
      sql`host_base.scanner_id = any(${list(scannerIds, 'integer')})`,
      sql`host_base.reason = 'pruned'`,
      isInside(sql`host_base.address`, addresses),
    ])}
  `);
  return row?.until == null ? undefined : parseInstant(row.until);
}

/** Throws BadInput where the history of one of the hosts at that moment was pruned: what is left would mislead. */
export async function refusePruned(
  session: Session,
  { at, ...hosts }: { scannerIds: readonly number[]; addresses: AddressSet | undefined; at: Instant },
): Promise<void> {
  const until = await prunedUntil(session, hosts);
  if (until === undefined || at >= until) return;
  const said = `The history until ${new Date(until).toISOString()} was pruned`;
  throw new BadInput(`${said}: ask for a later moment`, 'asOf');
}
