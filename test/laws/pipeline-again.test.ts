import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { type Format, partOf, reportOf, reportsOf } from './reports.ts';
import {
  reportFile,
  rowCounts,
  scannerWith,
  storedFacts,
  storedStates,
  storeRuns,
  takeIn,
  takeInParts,
  takeInPaths,
} from './stored.ts';
import {
  addresses,
  histories,
  repetitiveHistories,
  type ScanPlan,
  steadyHistories,
  thresholds,
} from './world.ts';

const how = fc.record({
  format: fc.constantFrom<Format>('jsonl', 'nmap-xml'),
  presentation: fc.constantFrom('collapsed' as const, 'listed' as const),
});
const anyHistory = fc.oneof(histories({ maxLength: 6 }), repetitiveHistories({ maxLength: 8 }), {
  weight: 2,
  arbitrary: steadyHistories({ maxLength: 8 }),
});
const oneScan = histories({ maxLength: 1 }).map(([plan]) => plan as ScanPlan);

eachDatabase(({ kind, database }) => {
  /** PGlite is the quicker one for small transactions; PostgreSQL has a slice. */
  const cases = (usual: number) => storeRuns(kind === 'pglite' ? usual : Math.ceil(usual / 3));

  describe('the same report again (law 2)', () => {
    test('is answered with its first receipt, and writes nothing', async () => {
      await fc.assert(
        fc.asyncProperty(anyHistory, thresholds, how, async (scans, limits, form) => {
          const scanner = await scannerWith(database(), limits);
          const reports = reportsOf(scans, form);
          const first: number[] = [];
          for (const report of reports) first.push(await takeIn(database(), scanner.id, report));
          const before = await rowCounts(database());
          const states = await storedStates(database(), scanner.id);
          for (const [index, { text, upload }] of reports.entries()) {
            const [again] = await takeInPaths(database(), scanner.id, [reportFile(text)], upload);
            expect(again).toMatchObject({ repeated: true, scan: { id: first[index] } });
          }
          expect(await rowCounts(database())).toEqual(before);
          expect(await storedStates(database(), scanner.id)).toEqual(states);
        }),
        { numRuns: cases(10) },
      );
    });
  });

  describe('an unchanged re-scan', () => {
    test('is one row of scans, what it looked at, and one event; no other row', async () => {
      await fc.assert(
        fc.asyncProperty(oneScan, how, async (plan, form) => {
          fc.pre(plan.complete && !plan.hosts.some(({ timedOut }) => timedOut));
          const scanner = await scannerWith(database());
          const again = (time: number) => reportOf({ ...plan, time, digest: `b${time}` }, form);
          await takeIn(database(), scanner.id, again(0));
          const before = await rowCounts(database());
          for (const time of [1, 2]) await takeIn(database(), scanner.id, again(time));
          const after = await rowCounts(database());
          const looks = (after['look'] ?? 0) - (before['look'] ?? 0);
          expect(looks).toBeLessThanOrEqual(2);
          expect(after).toEqual({
            ...before,
            scan: (before['scan'] ?? 0) + 2,
            scan_event: (before['scan_event'] ?? 0) + 2,
            look: (before['look'] ?? 0) + looks,
          });
        }),
        { numRuns: cases(16) },
      );
    });
  });

  describe('a scan in parts (law 5)', () => {
    // Not at the time of any other scan: then digests would decide, and those of parts are others.
    const wide = oneScan.map(
      (plan): ScanPlan => ({ ...plan, addresses, time: plan.time + 0.5, digest: 'b0' }),
    );
    const cut = fc.integer({ min: 1, max: addresses.length - 1 });

    test('says the same in one file, in several of one upload, and as scans of disjoint addresses', async () => {
      await fc.assert(
        fc.asyncProperty(histories({ maxLength: 2 }), wide, cut, how, async (past, plan, at, form) => {
          const pieces = [partOf(plan, addresses.slice(0, at)), partOf(plan, addresses.slice(at))];
          const facts: unknown[] = [];
          for (const way of ['whole', 'parts', 'scans'] as const) {
            const scanner = await scannerWith(database());
            for (const report of reportsOf(past, form)) await takeIn(database(), scanner.id, report);
            const reports = (way === 'whole' ? [plan] : pieces).map((piece) => reportOf(piece, form));
            const uploads = way === 'scans' ? reports.map((report) => [report]) : [reports];
            for (const upload of uploads) await takeInParts(database(), scanner.id, upload);
            facts.push(await storedFacts(database(), scanner.id));
          }
          expect(facts[1]).toEqual(facts[0]);
          expect(facts[2]).toEqual(facts[0]);
        }),
        { numRuns: cases(10) },
      );
    });
  });
});
