import { type SQL, sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import type { Address } from '../core/address.ts';
import { type LogRow, liveEntries } from '../core/live-entries.ts';
import type { Instant } from '../core/observation.ts';
import { type PlacedChange, stateFromLog, withoutPending } from '../core/past-state.ts';
import type { HostState } from '../core/state.ts';
import type { Base } from '../core/timeline.ts';
import { latestBases, type StoredBase } from './host-bases.ts';
import { allOf } from './page.ts';
import type { Session } from './session.ts';
import { instantText, list } from './statement.ts';

/** What holds of the log of one host and scanner, from the base on. */
export interface PastHost {
  readonly addressSpaceId: number;
  readonly address: Address;
  readonly scannerId: number;
  /** Where what is kept of the history begins. */
  readonly base?: Base;
  /** Entries that hold, in no order; those up to the base are not among them. */
  readonly entries: readonly PlacedChange[];
  /** Those up to the base that are kept. */
  readonly settled: readonly PlacedChange[];
}

/** Which part of the log is read. */
export interface PastReading {
  readonly addressSpaceId: number;
  /** Of these hosts; without it of all. */
  readonly addresses?: readonly Address[] | undefined;
  readonly scannerIds: readonly number[];
  /** Up to which observation time; without it everything. */
  readonly asOf?: Instant | undefined;
  /** On the rows of `change` that are read; it must mean an entry and its retraction alike. */
  readonly condition?: SQL | undefined;
}

interface PastRow extends LogRow {
  readonly address: Address;
  readonly scannerId: number;
  readonly digest: string;
}

/** The states of hosts as of a moment, by address in the order of the log's key, then by scanner. */
export async function statesAsOf(
  session: Session,
  reading: PastReading,
): Promise<Map<Address, Map<number, HostState>>> {
  const hosts = new Map<Address, Map<number, HostState>>();
  for (const host of await readPast(session, reading)) {
    const state = pastState(host);
    if (state.firstSeen === undefined) continue;
    const states = hosts.get(host.address);
    if (states === undefined) hosts.set(host.address, new Map([[host.scannerId, state]]));
    else states.set(host.scannerId, state);
  }
  return hosts;
}

/** The state that the entries of a host add up to. */
export function pastState({ base, entries }: PastHost): HostState {
  return base === undefined ? stateFromLog(entries) : stateFromLog(entries, withoutPending(base.state));
}

/** What holds of the log of some hosts, by address and scanner. */
export async function readPast(session: Session, reading: PastReading): Promise<PastHost[]> {
  const { addressSpaceId, addresses, scannerIds, asOf, condition } = reading;
  const ofScanners = list(scannerIds, 'integer');
  const rows = await session.rows<PastRow & { at: string; observedAt: string | null }>(sql`
    /* readPast */
    select
      host(change.address) as address,
      change.scanner_id as "scannerId",
      change.sequence,
      change.scan_id as scan,
      scan.digest,
      change.kind,
      change.ports,
      change.baseline,
      change.confirmations,
      change.facts,
      change.at::text as at,
      change.observed_at::text as "observedAt",
      change.retracts
    from change
    join scan on scan.id = change.scan_id
    where ${allOf([
      sql`change.address_space_id = ${addressSpaceId}::integer`,
      sql`change.scanner_id = any(${ofScanners})`,
      addresses && sql`change.address = any(${list(addresses, 'inet')})`,
      asOf === undefined ? undefined : sql`change.at <= ${instantText(asOf)}::text::timestamptz`,
      condition,
    ])}
    order by change.address, change.scanner_id, change.sequence
    limit 10000000
  `);
  const bases = await latestBases(session, {
    condition: allOf([
      sql`host_base.address_space_id = ${addressSpaceId}::integer`,
      sql`host_base.scanner_id = any(${ofScanners})`,
      addresses && sql`host_base.address = any(${list(addresses, 'inet')})`,
    ]),
    asOf,
  });
  return joinPast(
    addressSpaceId,
    rows.map(({ at, observedAt, ...row }) => ({
      ...row,
      at: parseInstant(at),
      observedAt: observedAt === null ? null : parseInstant(observedAt),
    })),
    new Map(bases.map((base) => [keyOf(base), base])),
  );
}

function joinPast(
  addressSpaceId: number,
  rows: readonly PastRow[],
  bases: ReadonlyMap<string, StoredBase>,
): PastHost[] {
  const groups: PastRow[][] = [];
  for (const row of rows) {
    const top = groups.at(-1);
    const [first] = top ?? [];
    if (first?.address === row.address && first.scannerId === row.scannerId) top?.push(row);
    else groups.push([row]);
  }
  return groups.flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { address, scannerId } = first;
    const base = bases.get(keyOf(first))?.base;
    const digests = new Map(group.map(({ scan, digest }) => [scan, digest]));
    const live = liveEntries(group).map(({ change }) => ({
      change,
      at: change.at,
      digest: digests.get(change.scan) ?? '',
    }));
    const begin = base?.at ?? Number.NEGATIVE_INFINITY;
    const entries = live.filter(({ at }) => at > begin);
    const settled = live.filter(({ at }) => at <= begin);
    return [
      { addressSpaceId, address, scannerId, ...(base === undefined ? {} : { base }), entries, settled },
    ];
  });
}

function keyOf({ address, scannerId }: { readonly address: Address; readonly scannerId: number }): string {
  return `${address} ${scannerId}`;
}
