import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withoutPending } from '../../src/core/past-state.ts';
import { prune } from '../../src/pipeline/prune.ts';
import { decideScan } from '../../src/pipeline/scan-status.ts';
import { statesAsOf } from '../../src/store/past-hosts.ts';
import type { Database } from '../../src/store/session.ts';
import { eachDatabase } from '../support/databases.ts';
import { type Format, reportsOf } from './reports.ts';
import {
  expectStored,
  foldTaken,
  liveChanges,
  receivedAt,
  scannerWith,
  storedStates,
  storeRuns,
  type Taken,
  takeIn,
} from './stored.ts';
import { addresses, histories, instantOf, repetitiveHistories, thresholds } from './world.ts';

const how = fc.record({
  format: fc.constantFrom<Format>('jsonl', 'nmap-xml'),
  presentation: fc.constantFrom('collapsed' as const, 'listed' as const),
});
const anyHistory = fc.oneof(histories({ maxLength: 6 }), repetitiveHistories({ maxLength: 8 }));

eachDatabase(({ kind, database }) => {
  const numRuns = storeRuns(kind === 'pglite' ? 12 : 5);

  describe('a scan that is discarded', () => {
    test('leaves what the other scans say; restored, what all say (law 23)', async () => {
      await fc.assert(
        fc.asyncProperty(anyHistory, thresholds, how, fc.nat(), async (scans, limits, form, which) => {
          const scanner = await scannerWith(database(), limits);
          const taken: Taken[] = [];
          for (const report of reportsOf(scans, form)) {
            taken.push({ report, scan: await takeIn(database(), scanner.id, report) });
          }
          const gone = taken[which % taken.length] as Taken;
          const now = receivedAt;
          await decideScan(database(), gone.scan, { action: 'discard', now });
          await expectStored(
            database(),
            scanner,
            taken.filter((one) => one !== gone),
          );
          await decideScan(database(), gone.scan, { action: 'restore', now });
          await expectStored(database(), scanner, taken);
        }),
        { numRuns },
      );
    });

    test('is no hindrance to later and late scans (laws 4, 23)', async () => {
      await fc.assert(
        fc.asyncProperty(anyHistory, thresholds, how, fc.nat(), async (scans, limits, form, which) => {
          const scanner = await scannerWith(database(), limits);
          const taken: Taken[] = [];
          const reports = reportsOf(scans, form);
          const place = which % reports.length;
          for (const [index, report] of reports.entries()) {
            const scan = await takeIn(database(), scanner.id, report);
            if (index === place) await decideScan(database(), scan, { action: 'discard', now: receivedAt });
            else taken.push({ report, scan });
          }
          await expectStored(database(), scanner, taken);
        }),
        { numRuns },
      );
    });
  });

  describe('history that is pruned', () => {
    test('leaves the settled state and every later one (law 16), and what comes after folds on (law 4)', async () => {
      await fc.assert(
        fc.asyncProperty(
          anyHistory,
          anyHistory,
          thresholds,
          how,
          fc.integer({ min: 0, max: 12 }),
          async (scans, more, limits, form, time) => {
            const scanner = await scannerWith(database(), limits);
            const taken: Taken[] = [];
            const later = more.map((plan) => ({ ...plan, time: plan.time + time + 1 }));
            const reports = reportsOf([...scans, ...later], form);
            for (const report of reports.slice(0, scans.length)) {
              taken.push({ report, scan: await takeIn(database(), scanner.id, report) });
            }
            const before = instantOf({ time });
            const states = await storedStates(database(), scanner.id);
            const request = { before, scannerIds: [scanner.id] };
            const planned = await prune(database(), { ...request, dryRun: true }, receivedAt);
            expect(await storedStates(database(), scanner.id)).toEqual(states);
            expect(await prune(database(), { ...request, dryRun: false }, receivedAt)).toEqual(planned);
            expect(await storedStates(database(), scanner.id)).toEqual(states);
            await expectNamedScans(database(), scanner.id);
            for (const report of reports.slice(scans.length)) {
              taken.push({ report, scan: await takeIn(database(), scanner.id, report) });
            }
            for (let at = time; at <= time + 13; at += 3) await expectPast(database(), scanner, taken, at);
            const everything = await storedStates(database(), scanner.id);
            for (const address of addresses) {
              const { state } = foldTaken(taken, address, limits);
              expect(everything.has(address)).toBe(
                state.firstSeen !== undefined || state.streak !== undefined,
              );
            }
          },
        ),
        { numRuns },
      );
    });

    test('keeps the last change of everything that still exists', async () => {
      await fc.assert(
        fc.asyncProperty(anyHistory, thresholds, how, async (scans, limits, form) => {
          const scanner = await scannerWith(database(), limits);
          const taken: Taken[] = [];
          for (const report of reportsOf(scans, form)) {
            taken.push({ report, scan: await takeIn(database(), scanner.id, report) });
          }
          const request = { before: receivedAt, scannerIds: [scanner.id], dryRun: false };
          await prune(database(), request, receivedAt);
          const live = await liveChanges(database(), scanner);
          for (const address of addresses) {
            const { state, changes } = foldTaken(taken, address, limits);
            const kept = live.get(address) ?? [];
            for (const [port, { at, everOpen }] of state.endpoints) {
              if (!everOpen) continue;
              expect(kept.some((change) => change.port === port && change.at === at)).toBe(true);
            }
            expect(kept.length).toBeLessThanOrEqual(changes.length);
            if (state.firstSeen !== undefined) expect(kept.length).toBeGreaterThan(0);
          }
        }),
        { numRuns },
      );
    });
  });
});

async function expectPast(
  database: Database,
  scanner: { id: number; addressSpaceId: number; thresholds: Parameters<typeof foldTaken>[2] },
  taken: readonly Taken[],
  time: number,
): Promise<void> {
  const asOf = instantOf({ time });
  const { addressSpaceId, id } = scanner;
  const states = await statesAsOf(database, { addressSpaceId, addresses, scannerIds: [id], asOf });
  for (const address of addresses) {
    const until = taken.filter(({ report }) => instantOf(report.plan) <= asOf);
    const { state } = foldTaken(until, address, scanner.thresholds);
    const known = states.get(address)?.get(id);
    expect(known).toEqual(state.firstSeen === undefined ? undefined : withoutPending(state));
  }
}

/** Whatever is left names scans that are left. */
async function expectNamedScans(database: Database, scannerId: number): Promise<void> {
  const [row] = await database.rows<{ missing: number }>(sql`
    select count(*) as missing
    from (
      select scan_id from change where scanner_id = ${scannerId}
      union select scan_id from host_run where scanner_id = ${scannerId}
      union select (state::jsonb->>'c')::bigint from host_state where scanner_id = ${scannerId}
      union select (state::jsonb->'i'->>1)::bigint from host_state where scanner_id = ${scannerId}
    ) as named
    where scan_id <> 0 and not exists (select from scan where scan.id = named.scan_id)
  `);
  expect(row?.missing).toBe(0);
}
