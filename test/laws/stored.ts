import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { defaultThresholds, type Thresholds } from '../../src/core/fold.ts';
import { liveEntries } from '../../src/core/live-entries.ts';
import { loggedFactsOf, replay } from '../../src/core/replay.ts';
import { decodeState, encodeState, type HostState } from '../../src/core/state.ts';
import { foldTimeline, type ScanChange } from '../../src/core/timeline.ts';
import { type IngestRequest, type IngestResult, ingestReport } from '../../src/pipeline/ingest.ts';
import { openReaders } from '../../src/pipeline/readers.ts';
import { fetchHistories } from '../../src/store/host-reads.ts';
import { createScanner } from '../../src/store/scanners.ts';
import type { Database } from '../../src/store/session.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { looksAt, scanNumber, told } from './core-looks.ts';
import type { Report } from './reports.ts';
import { addresses, instantOf } from './world.ts';

/** How often a law is tried on a database, which costs a thousand times as much as in memory. */
export function storeRuns(usual: number): number {
  const asked = process.env.FC_RUNS;
  return asked === undefined ? usual : Math.max(1, Math.ceil((usual * Number(asked)) / 4000));
}

/** Late enough for every scan of the world. */
export const receivedAt = instantOf({ time: 100 });

/** A scanner of its own, so that many histories fit in one database. */
export async function scannerWith(
  database: Database,
  thresholds: Thresholds = defaultThresholds,
): Promise<{ id: number; addressSpaceId: number; thresholds: Thresholds }> {
  const [group] = await database.rows<{ id: number }>(sql`select min(id) as id from scanner_group`);
  const input = { name: randomUUID(), groupId: Number(group?.id), thresholds };
  return createScanner(database, input, instantOf({ time: 0 }));
}

let directory: string | undefined;

/** Writes a report file that nothing else uses. */
export function reportFile(bytes: string | Uint8Array): string {
  directory ??= temporaryDirectory();
  const path = join(directory, randomUUID());
  writeFileSync(path, bytes);
  return path;
}

/** Takes in report files through the real pipeline; several are the parts of one scan. */
export function takeInPaths(
  database: Database,
  scannerId: number,
  paths: readonly string[],
  more: Partial<IngestRequest> = {},
): Promise<readonly IngestResult[]> {
  const [path = ''] = paths;
  const request = { scannerId, paths, spool: `${path}.spool`, receivedAt, ...more };
  return ingestReport(database, request, readers.read);
}

/** All reports of the laws are small, so no thread is ever started. */
const readers = openReaders();

/** Takes in one report, and gives the number of its scan. */
export async function takeIn(database: Database, scannerId: number, report: Report): Promise<number> {
  const [result] = await takeInPaths(database, scannerId, [reportFile(report.text)], report.upload);
  expect(result?.repeated).toBe(false);
  return result?.scan.id ?? 0;
}

/** Takes in several reports as the parts of one scan. */
export async function takeInParts(
  database: Database,
  scannerId: number,
  reports: readonly Report[],
): Promise<number> {
  const paths = reports.map(({ text }) => reportFile(text));
  const scope = reports.flatMap(({ upload }) => upload.addresses ?? []);
  const observed = reports[0]?.upload.observedAt;
  const [result] = await takeInPaths(database, scannerId, paths, {
    ...(scope.length === 0 ? {} : { addresses: scope }),
    ...(observed === undefined ? {} : { observedAt: observed }),
  });
  return result?.scan.id ?? 0;
}

/** A report that was taken in, and the number of its scan. */
export interface Taken {
  readonly report: Report;
  readonly scan: number;
}

/** What is stored about each host must be what the whole set of reports says. */
export async function expectStored(
  database: Database,
  scanner: { id: number; addressSpaceId: number; thresholds: Thresholds },
  taken: readonly Taken[],
): Promise<void> {
  const states = await storedStates(database, scanner.id);
  const live = await liveChanges(database, scanner);
  for (const address of addresses) {
    const { state, changes } = foldTaken(taken, address, scanner.thresholds);
    const kept = state.firstSeen !== undefined || state.streak !== undefined;
    expect(states.get(address)).toBe(kept ? encodeState(state) : undefined);
    const logged = live.get(address) ?? [];
    expect(told(logged)).toEqual(told(changes));
    const order = new Map(changes.map(({ scan }, index) => [scan, index]));
    const sorted = [...logged].sort((a, b) => (order.get(a.scan) ?? 0) - (order.get(b.scan) ?? 0));
    expect(replay(sorted)).toEqual(loggedFactsOf(state));
  }
}

/** The history of an address, with the numbers that its scans have in the store. */
export function foldTaken(
  taken: readonly Taken[],
  address: string,
  thresholds: Thresholds,
): { state: HostState; changes: ScanChange[] } {
  const numbers = new Map(taken.map(({ report, scan }) => [scanNumber(report.plan), scan]));
  const plans = taken.map(({ report }) => report.plan);
  const looks = looksAt(plans, address).map((look) => ({ ...look, scan: numbers.get(look.scan) ?? 0 }));
  return foldTimeline(looks, thresholds);
}

/** What a scanner keeps about its hosts, without the numbers of scans: they depend on the order of arrival. */
export async function storedFacts(database: Database, scannerId: number): Promise<unknown> {
  const states = [...(await storedStates(database, scannerId))].sort(([a], [b]) => (a < b ? -1 : 1));
  return states.map(([address, text]) => [address, factsWithoutScans(decodeState(text))]);
}

/** A state without the numbers of scans. */
export function factsWithoutScans(state: HostState): unknown {
  const endpoints = [...state.endpoints].map(([port, { scan: _, ...rest }]) => [port, rest]);
  return [loggedFactsOf(state), state.at, state.firstSeen?.at, state.mac, endpoints];
}

/** The encoded states of a scanner's hosts. */
export async function storedStates(database: Database, scannerId: number): Promise<Map<string, string>> {
  const rows = await database.rows<{ address: string; state: string }>(
    sql`select host(address) as address, state from host_state where scanner_id = ${scannerId}`,
  );
  return new Map(rows.map(({ address, state }) => [address, state]));
}

/** The entries of a scanner's log that were not taken back, by address, in the order of the log. */
export async function liveChanges(
  database: Database,
  scanner: { id: number; addressSpaceId: number },
): Promise<Map<string, ScanChange[]>> {
  const owner = { addressSpaceId: scanner.addressSpaceId, scannerId: scanner.id };
  const histories = await fetchHistories(database, owner, addresses);
  return new Map(
    histories.map(({ address, entries }) => [address, liveEntries(entries).map(({ change }) => change)]),
  );
}

const tables = [
  'scan',
  'look',
  'profile',
  'address_set',
  'scan_event',
  'host_state',
  'host_run',
  'host_head',
  'change',
];

/** How many rows each table has. */
export async function rowCounts(database: Database): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of tables) {
    const [row] = await database.rows<{ count: number }>(
      sql`select count(*) as count from ${sql.identifier(table)}`,
    );
    counts[table] = row?.count ?? 0;
  }
  return counts;
}
