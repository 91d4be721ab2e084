import fc from 'fast-check';
import { describe, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { type Format, reportsOf } from './reports.ts';
import { expectStored, scannerWith, type Taken, takeIn } from './stored.ts';
import { histories, repetitiveHistories, thresholds } from './world.ts';

const how = fc.record({
  format: fc.constantFrom<Format>('jsonl', 'nmap-xml'),
  presentation: fc.constantFrom('collapsed' as const, 'listed' as const),
});
const anyHistory = fc.oneof(histories({ maxLength: 6 }), repetitiveHistories({ maxLength: 8 }));

eachDatabase(({ kind, database }) => {
  const numRuns = propertyRuns(kind === 'pglite' ? 60 : 25);

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
        { numRuns },
      );
    });
  });
});
