import { sql } from 'drizzle-orm';
import { type Address, compareAddresses } from '../core/address.ts';
import type { HostPlace } from '../core/model.ts';
import type { HostState } from '../core/state.ts';
import { limits } from '../limits.ts';
import { inet } from './address-conditions.ts';
import type { HostSelection } from './host-selection.ts';
import { allOf, directionOf } from './page.ts';
import { readPastBatch } from './past-walk.ts';
import type { Session } from './session.ts';
import { list } from './statement.ts';

/** A host with what each scanner in service keeps about it, by scanner id: encoded, or as the log tells of the past. */
export interface StoredHost extends HostPlace {
  readonly states: readonly { readonly scannerId: number; readonly state: string | HostState }[];
}

/** How the hosts of a selection are walked through: the ends belong to the walk. */
export interface Walk {
  readonly selection: HostSelection;
  readonly isDescending: boolean;
  readonly first?: HostPlace | undefined;
  readonly last?: HostPlace | undefined;
  /** Hosts of the first batch; the next have twice as many each. */
  readonly batch: number;
}

/** Orders hosts as the lists do. */
export function compareHosts(a: HostPlace, b: HostPlace): number {
  return a.addressSpaceId - b.addressSpaceId || compareAddresses(a.address, b.address);
}

/** The hosts in batches, one address space after the other. */
export async function* walkHosts(session: Session, walk: Walk): AsyncGenerator<StoredHost[]> {
  const { selection, isDescending, first, last } = walk;
  const spaces = selection.spaces.filter(
    (id) => id >= (first?.addressSpaceId ?? id) && id <= (last?.addressSpaceId ?? id),
  );
  const pace = { batch: walk.batch };
  for (const addressSpaceId of isDescending ? spaces.toReversed() : spaces) {
    const low = first?.addressSpaceId === addressSpaceId ? first.address : undefined;
    const high = last?.addressSpaceId === addressSpaceId ? last.address : undefined;
    yield* walkSpace(session, { walk, pace, addressSpaceId, bounds: { low, high, excluded: undefined } });
  }
}

interface SpaceWalk {
  readonly walk: Walk;
  readonly pace: { batch: number };
  readonly addressSpaceId: number;
  readonly bounds: Bounds;
}

async function* walkSpace(session: Session, space: SpaceWalk): AsyncGenerator<StoredHost[]> {
  const { walk, pace, addressSpaceId } = space;
  const batchMax = Math.max(limits.hostBatchMax, walk.batch);
  let { bounds } = space;
  for (;;) {
    const limit = pace.batch;
    const { hosts, end, isLast } = await readBatch(session, { walk, addressSpaceId, bounds, limit });
    if (hosts.length > 0) yield hosts;
    if (isLast) return;
    bounds = { ...bounds, [walk.isDescending ? 'high' : 'low']: end, excluded: end };
    pace.batch = Math.min(limit * 2, batchMax);
  }
}

/** Addresses between which is read; both belong to it. */
type Bounds = Readonly<Record<'low' | 'high' | 'excluded', Address | undefined>>;

interface Reading {
  readonly walk: Walk;
  readonly addressSpaceId: number;
  readonly bounds: Bounds;
  readonly limit: number;
}

interface Batch {
  readonly hosts: StoredHost[];
  /** The last address that was looked at. */
  readonly end: Address | undefined;
  readonly isLast: boolean;
}

async function readBatch(session: Session, reading: Reading): Promise<Batch> {
  const { selection, isDescending } = reading.walk;
  const { past } = selection;
  if (past !== undefined) return readPastBatch(session, { ...reading, selection, past, isDescending });
  const hosts = await readHosts(session, reading);
  return { hosts, end: hosts.at(-1)?.address, isLast: hosts.length < reading.limit };
}

async function readHosts(session: Session, reading: Reading): Promise<StoredHost[]> {
  const { walk, addressSpaceId, bounds, limit } = reading;
  const { selection, isDescending } = walk;
  const { low, high, excluded } = bounds;
  const direction = directionOf(isDescending);
  const rows = await session.rows<{ address: string; scannerId: number; state: string }>(sql`
    /* readHosts */
    with candidate as materialized (
      select distinct host_state.address
      from host_state
      where ${allOf([
        sql`host_state.address_space_id = ${addressSpaceId}`,
        low === undefined ? undefined : sql`host_state.address >= ${inet(low)}`,
        high === undefined ? undefined : sql`host_state.address <= ${inet(high)}`,
        excluded === undefined ? undefined : sql`host_state.address <> ${inet(excluded)}`,
        selection.condition,
      ])}
      order by host_state.address ${direction}
      limit ${limit}
    )
    select host(host_state.address) as address, host_state.scanner_id as "scannerId", host_state.state
    from candidate
    join host_state
      on host_state.address_space_id = ${addressSpaceId}
      and host_state.address = candidate.address
    where host_state.scanner_id = any(${list([...selection.scanners.keys()], 'integer')})
    order by host_state.address ${direction}, host_state.scanner_id
  `);
  return groupHosts(addressSpaceId, rows);
}

/** Rows in the order of addresses as hosts. */
export function groupHosts(
  addressSpaceId: number,
  rows: readonly { address: string; scannerId: number; state: string }[],
): StoredHost[] {
  const hosts: {
    addressSpaceId: number;
    address: Address;
    states: { scannerId: number; state: string }[];
  }[] = [];
  for (const { address, ...state } of rows) {
    const host = hosts.at(-1);
    if (host?.address === address) host.states.push(state);
    else hosts.push({ addressSpaceId, address, states: [state] });
  }
  return hosts;
}
