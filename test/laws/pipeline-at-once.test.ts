import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { onDatabase } from '../support/databases.ts';
import { type Format, reportOf, reportsOf } from './reports.ts';
import {
  expectStored,
  reportFile,
  scannerWith,
  storeRuns,
  type Taken,
  takeIn,
  takeInPaths,
} from './stored.ts';
import { histories, repetitiveHistories, type ScanPlan, steadyHistories, thresholds } from './world.ts';

const how = fc.record({
  format: fc.constantFrom<Format>('jsonl', 'nmap-xml'),
  presentation: fc.constantFrom('collapsed' as const, 'listed' as const),
});
const anyHistory = fc.oneof(histories({ maxLength: 6 }), repetitiveHistories({ maxLength: 8 }), {
  weight: 2,
  arbitrary: steadyHistories({ maxLength: 8 }),
});
const oneScan = histories({ maxLength: 1 }).map(([plan]) => plan as ScanPlan);

onDatabase('postgres', ({ database }) => {
  describe('reports that arrive at once (law 17)', () => {
    test('of eight scanners over the same hosts are each as if they came alone', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyHistory, { minLength: 8, maxLength: 8 }),
          thresholds,
          how,
          async (worlds, limits, form) => {
            const jobs = await Promise.all(
              worlds.map(async (scans) => ({
                scanner: await scannerWith(database(), limits),
                reports: reportsOf(scans, form),
              })),
            );
            const taken = await Promise.all(
              jobs.map(async ({ scanner, reports }) => {
                const own: Taken[] = [];
                for (const report of reports) {
                  own.push({ report, scan: await takeIn(database(), scanner.id, report) });
                }
                return own;
              }),
            );
            for (const [index, { scanner }] of jobs.entries()) {
              await expectStored(database(), scanner, taken[index] ?? []);
            }
          },
        ),
        { numRuns: storeRuns(6) },
      );
    });

    test('of one scanner have the result of their set', async () => {
      await fc.assert(
        fc.asyncProperty(anyHistory, thresholds, how, async (scans, limits, form) => {
          const scanner = await scannerWith(database(), limits);
          const reports = reportsOf(scans, form);
          const numbers = await Promise.all(reports.map((report) => takeIn(database(), scanner.id, report)));
          const taken = reports.map((report, index) => ({ report, scan: numbers[index] ?? 0 }));
          await expectStored(database(), scanner, taken);
        }),
        { numRuns: storeRuns(12) },
      );
    });

    test('twice over are taken in once', async () => {
      await fc.assert(
        fc.asyncProperty(oneScan, how, async (plan, form) => {
          const scanner = await scannerWith(database());
          const report = reportOf(plan, form);
          const results = await Promise.all(
            [1, 2, 3].map(() =>
              takeInPaths(database(), scanner.id, [reportFile(report.text)], report.upload),
            ),
          );
          expect(results.filter(([result]) => !result?.repeated)).toHaveLength(1);
          expect(new Set(results.map(([result]) => result?.scan.id)).size).toBe(1);
        }),
        { numRuns: storeRuns(8) },
      );
    });
  });
});
