import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { prune } from '../../src/pipeline/prune.ts';
import { decideScan } from '../../src/pipeline/scan-status.ts';
import { statesAsOf } from '../../src/store/past-hosts.ts';
import type { Database } from '../../src/store/session.ts';
import { eachDatabase } from '../support/databases.ts';
import { type Format, partOf, type Report, reportOf } from './reports.ts';
import {
  factsWithoutScans,
  receivedAt,
  reportFile,
  scannerWith,
  storedFacts,
  storeRuns,
  takeIn,
  takeInParts,
  takeInPaths,
} from './stored.ts';
import { addresses, histories, inOrder, instantOf, type ScanPlan, thresholds } from './world.ts';

const how = fc.record({
  format: fc.constantFrom<Format>('jsonl', 'nmap-xml'),
  presentation: fc.constantFrom('collapsed' as const, 'listed' as const),
});

/** What befalls a report on its way. */
const fate = fc.constantFrom('comes once', 'comes twice', 'comes in parts', 'is taken back and restored');

interface Arrival {
  readonly plan: ScanPlan;
  readonly fate: 'comes once' | 'comes twice' | 'comes in parts' | 'is taken back and restored';
  /** A mistake that is uploaded after it and taken back before the next. */
  readonly mistake: ScanPlan | undefined;
}

/** Scans at times of their own, in the order in which they arrive: late ones among them, and partial ones. */
const lives = fc
  .tuple(
    histories({ maxLength: 6 }),
    fc.array(fc.tuple(fate, fc.boolean()), { minLength: 6, maxLength: 6 }),
    histories({ maxLength: 6 }),
  )
  .map(([plans, fates, mistakes]): Arrival[] =>
    plans.map((plan, index) => {
      const [befalls, isFollowed] = fates[index] ?? ['comes once', false];
      const mistake = isFollowed ? mistakes[index] : undefined;
      return {
        plan: { ...plan, time: plan.time + index / 100, addresses: plan.addresses ?? addresses },
        fate: befalls,
        mistake: mistake && { ...mistake, time: mistake.time + 0.5 + index / 100 },
      };
    }),
  );

eachDatabase(({ kind, database }) => {
  const numRuns = storeRuns(kind === 'pglite' ? 5 : 3);

  describe('whatever befalls the reports of a scanner on their way', () => {
    test('what is known is what their set says: now, at every past moment, and after pruning (laws 4, 5, 14, 16, 23)', async () => {
      await fc.assert(
        fc.asyncProperty(lives, thresholds, how, fc.nat(12), async (life, limits, form, cut) => {
          const plain = await scannerWith(database(), limits);
          for (const plan of inOrder(life.map((arrival) => arrival.plan)))
            await takeIn(database(), plain.id, reportOf(plan, form));
          const tried = await scannerWith(database(), limits);
          for (const arrival of life) await arrive(database(), tried.id, { arrival, form });

          const known = await storedFacts(database(), plain.id);
          expect(await storedFacts(database(), tried.id)).toEqual(known);
          for (let time = 0; time <= 13; time += 2) {
            expect(await pastFacts(database(), tried, time)).toEqual(
              await pastFacts(database(), plain, time),
            );
          }
          const request = { before: instantOf({ time: cut }), scannerIds: [tried.id], dryRun: false };
          await prune(database(), request, receivedAt);
          expect(await storedFacts(database(), tried.id)).toEqual(known);
          for (let time = cut; time <= 13; time += 2) {
            expect(await pastFacts(database(), tried, time)).toEqual(
              await pastFacts(database(), plain, time),
            );
          }
        }),
        { numRuns },
      );
    });
  });
});

async function arrive(
  database: Database,
  scannerId: number,
  {
    arrival: { plan, fate: befalls, mistake },
    form,
  }: { arrival: Arrival; form: Parameters<typeof reportOf>[1] },
): Promise<void> {
  const report = reportOf(plan, form);
  const now = receivedAt;
  const [first = '', ...others] = plan.addresses ?? [];
  if (befalls === 'comes in parts' && others.length > 0) {
    const parts = [[first], others].map((part) => reportOf(partOf(plan, part), form));
    await takeInParts(database, scannerId, parts);
  } else {
    const scan = await takeIn(database, scannerId, report);
    if (befalls === 'comes twice') await comesAgain(database, scannerId, report);
    if (befalls === 'is taken back and restored') {
      await decideScan(database, scan, { action: 'discard', now });
      await decideScan(database, scan, { action: 'restore', now });
    }
  }
  if (mistake === undefined) return;
  const scan = await takeIn(database, scannerId, reportOf(mistake, form));
  await decideScan(database, scan, { action: 'discard', now });
}

async function comesAgain(database: Database, scannerId: number, { text, upload }: Report): Promise<void> {
  const [again] = await takeInPaths(database, scannerId, [reportFile(text)], upload);
  expect(again?.repeated).toBe(true);
}

async function pastFacts(
  database: Database,
  { id, addressSpaceId }: { id: number; addressSpaceId: number },
  time: number,
): Promise<unknown> {
  const asOf = instantOf({ time: time + 0.49 });
  const states = await statesAsOf(database, { addressSpaceId, addresses, scannerIds: [id], asOf });
  return addresses.map((address) => {
    const state = states.get(address)?.get(id);
    return state && factsWithoutScans(state);
  });
}
