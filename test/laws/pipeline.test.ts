import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loggedFactsOf } from '../../src/core/replay.ts';
import { decodeState } from '../../src/core/state.ts';
import { eachDatabase, onDatabase } from '../support/databases.ts';
import { type Format, type Report, reportOf, reportsOf } from './reports.ts';
import {
  expectStored,
  reportFile,
  rowCounts,
  scannerWith,
  storedStates,
  storeRuns,
  type Taken,
  takeIn,
  takeInPaths,
} from './stored.ts';
import {
  addresses,
  histories,
  plain,
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
        { numRuns: cases(45) },
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
        { numRuns: cases(9) },
      );
    });
  });

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
        { numRuns: cases(15) },
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
        { numRuns: cases(24) },
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
            for (const upload of uploads) await takeInParts(upload, scanner.id);
            facts.push(await factsOf(scanner.id));
          }
          expect(facts[1]).toEqual(facts[0]);
          expect(facts[2]).toEqual(facts[0]);
        }),
        { numRuns: cases(15) },
      );
    });

    async function takeInParts(reports: readonly Report[], scannerId: number): Promise<void> {
      const paths = reports.map(({ text }) => reportFile(text));
      const scope = reports.flatMap(({ upload }) => upload.addresses ?? []);
      const observed = reports[0]?.upload.observedAt;
      await takeInPaths(database(), scannerId, paths, {
        ...(scope.length === 0 ? {} : { addresses: scope }),
        ...(observed === undefined ? {} : { observedAt: observed }),
      });
    }

    /** Without the numbers of scans. */
    async function factsOf(scannerId: number): Promise<unknown> {
      const states = [...(await storedStates(database(), scannerId))].sort(([a], [b]) => (a < b ? -1 : 1));
      return states.map(([address, text]) => {
        const state = decodeState(text);
        const endpoints = [...state.endpoints].map(([port, { scan: _, ...rest }]) => [port, rest]);
        return [address, loggedFactsOf(state), state.at, state.firstSeen?.at, state.mac, endpoints];
      });
    }
  });
});

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

function partOf(plan: ScanPlan, part: readonly string[]): ScanPlan {
  return { ...plan, addresses: part, hosts: plan.hosts.filter(({ address }) => part.includes(address)) };
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]),
  );
}
