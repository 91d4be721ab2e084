import fc from 'fast-check';
import { describe, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { type Format, reportsOf } from './reports.ts';
import { expectStored, scannerWith, storeRuns, type Taken, takeIn } from './stored.ts';
import { histories, plain, repetitiveHistories, steadyHistories, thresholds } from './world.ts';

const how = fc.record({
  format: fc.constantFrom<Format>('jsonl', 'nmap-xml'),
  presentation: fc.constantFrom('collapsed' as const, 'listed' as const),
});
const anyHistory = fc.oneof(histories({ maxLength: 6 }), repetitiveHistories({ maxLength: 8 }), {
  weight: 2,
  arbitrary: steadyHistories({ maxLength: 8 }),
});

eachDatabase(({ kind, database }) => {
  /** PGlite is the quicker one for small transactions; PostgreSQL has a slice. */
  const cases = (usual: number) => storeRuns(kind === 'pglite' ? usual : Math.ceil(usual / 3));

  describe('a scanner whose reports arrive in any order', () => {
    test('has after each of them the states and the log of the whole set (laws 1, 4, 14)', async () => {
      await fc.assert(
        fc.asyncProperty(anyHistory, thresholds, how, async (scans, limits, form) => {
          const scanner = await scannerWith(database(), limits);
          const taken: Taken[] = [];
          for (const report of reportsOf(scans, form)) {
            taken.push({ report, scan: await takeIn(database(), scanner.id, report) });
            await expectStored(database(), scanner, taken);
          }
        }),
        { numRuns: cases(30) },
      );
    });

    test('has the same ones after every permutation of a few reports (law 4)', async () => {
      const few = fc.oneof(histories({ maxLength: 3 }), repetitiveHistories({ maxLength: 4 }));
      await fc.assert(
        fc.asyncProperty(few, thresholds, how, async (scans, limits, form) => {
          for (const order of permutations(reportsOf(scans, form))) {
            const scanner = await scannerWith(database(), limits);
            const taken: Taken[] = [];
            for (const report of order) {
              taken.push({ report, scan: await takeIn(database(), scanner.id, report) });
            }
            await expectStored(database(), scanner, taken);
          }
        }),
        { numRuns: cases(4) },
      );
    });

    test('has them whatever another scanner of its group uploads in between (law 3)', async () => {
      await fc.assert(
        fc.asyncProperty(anyHistory, anyHistory, thresholds, how, async (mine, others, limits, form) => {
          const scanners = [await scannerWith(database(), limits), await scannerWith(database(), plain)];
          const queues = [reportsOf(mine, form), reportsOf(others, form)];
          const taken: Taken[][] = [[], []];
          for (let turn = 0; turn < Math.max(mine.length, others.length); turn += 1) {
            for (const [index, scanner] of scanners.entries()) {
              const report = queues[index]?.[turn];
              if (report === undefined) continue;
              taken[index]?.push({ report, scan: await takeIn(database(), scanner.id, report) });
            }
          }
          for (const [index, scanner] of scanners.entries()) {
            await expectStored(database(), scanner, taken[index] ?? []);
          }
        }),
        { numRuns: cases(6) },
      );
    });
  });
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]),
  );
}
