import { type SQL, sql } from 'drizzle-orm';
import type { Address } from '../core/address.ts';
import { type LogRow, liveEntries } from '../core/live-entries.ts';
import type { RetractionReason } from '../core/model.ts';
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
  const [packed] = await session.rows<{ rows: string | null }>(sql`
    /* packPast */
    select string_agg(
      concat_ws(
        e'\t',
        host(change.address),
        change.scanner_id,
        change.sequence,
        change.scan_id,
        change.kind,
        coalesce(array_to_string(change.ports, ','), '-'),
        change.baseline::integer,
        change.confirmations,
        (extract(epoch from change.at) * 1000)::bigint,
        coalesce(((extract(epoch from change.observed_at) * 1000)::bigint)::text, '-'),
        coalesce(change.retracts::text, '-'),
        coalesce(change.reason::text, '-'),
        coalesce(change.facts, '')
      ),
      e'\n'
      order by change.address, change.scanner_id, change.sequence
    ) as rows
    from change
    where ${allOf([
      sql`change.address_space_id = ${addressSpaceId}::integer`,
      sql`change.scanner_id = any(${ofScanners})`,
      addresses && sql`change.address = any(${list(addresses, 'inet')})`,
      asOf === undefined ? undefined : sql`change.at <= ${instantText(asOf)}::text::timestamptz`,
      condition,
    ])}
  `);
  const bases = await latestBases(session, {
    condition: allOf([
      sql`host_base.address_space_id = ${addressSpaceId}::integer`,
      sql`host_base.scanner_id = any(${ofScanners})`,
      addresses && sql`host_base.address = any(${list(addresses, 'inet')})`,
    ]),
    asOf,
  });
  const groups = groupRows(packed?.rows ?? '');
  const digests = await digestsOfTies(session, groups);
  return joinPast(groups, {
    addressSpaceId,
    digests,
    bases: new Map(bases.map((base) => [keyOf(base), base])),
  });
}

/** The rows of each host and scanner. */
function groupRows(text: string): PastRow[][] {
  const groups: PastRow[][] = [];
  if (text === '') return groups;
  for (const line of text.split('\n')) {
    const row = unpackRow(line);
    const top = groups.at(-1);
    const first = top?.[0];
    if (first?.address === row.address && first.scannerId === row.scannerId) top?.push(row);
    else groups.push([row]);
  }
  return groups;
}

/** Facts are JSON, which has neither tabs nor line breaks. */
function unpackRow(line: string): PastRow {
  const [address = '', scannerId, sequence, scan, kind, ports = '-', ...rest] = line.split('\t');
  const [baseline, confirmations, at, observedAt = '-', retracts = '-', reason = '-', facts = ''] = rest;
  return {
    address,
    scannerId: Number(scannerId),
    sequence: Number(sequence),
    scan: Number(scan),
    kind: Number(kind),
    ports: ports === '-' ? null : ports.split(',').map(Number),
    baseline: baseline === '1',
    confirmations: Number(confirmations),
    at: Number(at),
    observedAt: observedAt === '-' ? null : Number(observedAt),
    retracts: retracts === '-' ? null : Number(retracts),
    reason: reason === '-' ? null : (reason as RetractionReason),
    facts: facts === '' ? null : facts,
  };
}

/** Digests decide between scans of one scanner at one time; only those that must decide are fetched. */
async function digestsOfTies(session: Session, groups: readonly PastRow[][]): Promise<Map<number, string>> {
  const ties = new Set<number>();
  for (const group of groups) {
    const scans = new Map<Instant, number>();
    for (const { at, scan } of group) {
      const other = scans.get(at);
      if (other === undefined) scans.set(at, scan);
      else if (other !== scan) ties.add(other).add(scan);
    }
  }
  if (ties.size === 0) return new Map();
  const rows = await session.rows<{ id: number; digest: string }>(sql`
    /* digestsOfTies */
    select id, digest from scan where id = any(${list([...ties], 'bigint')}) order by id limit ${ties.size}
  `);
  return new Map(rows.map(({ id, digest }) => [id, digest]));
}

function joinPast(
  groups: readonly PastRow[][],
  {
    addressSpaceId,
    digests,
    bases,
  }: {
    addressSpaceId: number;
    digests: ReadonlyMap<number, string>;
    bases: ReadonlyMap<string, StoredBase>;
  },
): PastHost[] {
  return groups.flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { address, scannerId } = first;
    const base = bases.get(keyOf(first))?.base;
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
