import { sql } from 'drizzle-orm';
import type { Address } from '../core/address.ts';
import type { HostState } from '../core/state.ts';
import { inet } from './address-conditions.ts';
import type { HostSelection, PastSelection } from './host-selection.ts';
import { allOf, directionOf } from './page.ts';
import { statesAsOf } from './past-hosts.ts';
import type { Session } from './session.ts';

/** Which candidates are read next. */
export interface PastBatch {
  readonly selection: HostSelection;
  readonly past: PastSelection;
  readonly addressSpaceId: number;
  /** Both ends belong to it. */
  readonly bounds: Readonly<Record<'low' | 'high' | 'excluded', Address | undefined>>;
  readonly isDescending: boolean;
  readonly limit: number;
}

/** The hosts among the next candidates that fit as of the past moment, and where the candidates end. */
export async function readPastBatch(session: Session, batch: PastBatch) {
  const { selection, past, addressSpaceId, bounds, isDescending, limit } = batch;
  const { low, high, excluded } = bounds;
  const direction = directionOf(isDescending);
  const rows = await session.rows<{ address: Address }>(sql`
    /* pastCandidates */
    select host(candidate.address) as address
    from (
      select distinct change.address
      from change
      where ${allOf([
        sql`change.address_space_id = ${addressSpaceId}`,
        low === undefined ? undefined : sql`change.address >= ${inet(low)}`,
        high === undefined ? undefined : sql`change.address <= ${inet(high)}`,
        excluded === undefined ? undefined : sql`change.address <> ${inet(excluded)}`,
        past.condition,
      ])}
      order by change.address ${direction}
      limit ${limit}
    ) as candidate
    order by candidate.address ${direction}
  `);
  const addresses = rows.map(({ address }) => address);
  const states = await statesOf(session, batch, addresses);
  const { asked } = selection;
  const hosts = addresses.flatMap((address) => {
    const known = [...(states.get(address) ?? [])];
    const isMeant = past.fits(known.filter(([id]) => asked.has(id)).map(([, state]) => state));
    if (known.length === 0 || !isMeant) return [];
    return [{ addressSpaceId, address, states: known.map(([scannerId, state]) => ({ scannerId, state })) }];
  });
  return { hosts, end: addresses.at(-1), isLast: addresses.length < limit };
}

async function statesOf(
  session: Session,
  { past, selection, addressSpaceId }: PastBatch,
  addresses: readonly Address[],
): Promise<ReadonlyMap<Address, ReadonlyMap<number, HostState>>> {
  if (addresses.length === 0) return new Map();
  return statesAsOf(session, {
    addressSpaceId,
    addresses,
    scannerIds: [...selection.scanners.keys()],
    asOf: past.asOf,
  });
}
