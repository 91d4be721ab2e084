import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { type DriftWorld, openDriftWorld } from './drift-world.ts';
import { type Report, reportsOf } from './reports.ts';
import { storeRuns } from './stored.ts';
import { addresses, histories, repetitiveHistories, thresholds } from './world.ts';

const host = fc.constantFrom(...addresses);
const selector = fc.oneof(
  { weight: 4, arbitrary: host },
  { weight: 2, arbitrary: fc.constantFrom('10.0.0.0/8', '10.0.0.0/30', '2001:db8::/32') },
  { weight: 1, arbitrary: fc.constantFrom('group:web', 'group:db', '*') },
);
const hours = fc.integer({ min: 0, max: 60 * 24 });

/** One line of an inventory; times are hours since the beginning of the world. */
const statement = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record(
      {
        selector,
        view: fc.constantFrom('*', '*', 'first', 'second'),
        ports: fc.constantFrom('22/tcp', '80/tcp', '22,80/tcp', '1-1000/tcp', '65535/tcp'),
        expect: fc.constantFrom('allowed', 'forbidden', 'required'),
        validFrom: hours,
        validFor: hours,
        locked: fc.boolean(),
        service: fc.constantFrom('ssh', 'http', 'nginx'),
      },
      { requiredKeys: ['selector', 'view', 'ports', 'expect'] },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record(
      { selector, expect: fc.constantFrom('present', 'optional', 'absent'), validFor: hours },
      { requiredKeys: ['selector', 'expect'] },
    ),
  },
  { weight: 1, arbitrary: fc.record({ group: fc.constantFrom('web', 'db'), address: host }) },
);

const undeclared = fc.constantFrom('drift' as const, 'allow' as const, 'ignore' as const);

/** Something that happens, an hour or more after the last. */
const action = fc.record({
  after: fc.integer({ min: 1, max: 30 }),
  what: fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('scan' as const), which: fc.nat() }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('import' as const),
        source: fc.nat(1),
        mode: fc.constantFrom('snapshot' as const, 'patch' as const),
        statements: fc.array(statement, { maxLength: 5 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('policy' as const),
        selector,
        undeclaredPorts: undeclared,
        undeclaredHosts: undeclared,
        staleAfterHours: fc.constantFrom(null, 24, 72, 24 * 30),
        assessServices: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('decide' as const), which: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const), address: host }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('thresholds' as const), limits: thresholds }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'wait' as const }) },
  ),
});

const stories = fc.record({
  scans: fc.oneof(histories({ maxLength: 6 }), repetitiveHistories({ maxLength: 8 })),
  limits: thresholds,
  actions: fc.array(action, { minLength: 1, maxLength: 12 }),
});

eachDatabase(({ kind, database }) => {
  const numRuns = storeRuns(kind === 'pglite' ? 40 : 15);

  describe('drift', () => {
    test('kept up to date equals drift computed anew, after everything that happens (laws 13, 21)', async () => {
      await fc.assert(
        fc.asyncProperty(stories, async ({ scans, limits, actions }) => {
          const world = await openDriftWorld(database(), { name: randomUUID(), thresholds: limits });
          const reports = reportsOf(scans, { format: 'jsonl', presentation: 'collapsed' });
          for (const { after, what } of actions) {
            world.wait(after);
            await happen(world, what, reports);
            await world.tick();
            expect(await world.verify()).toEqual([]);
          }
        }),
        { numRuns },
      );
    });

    test('is not changed by an import of what is declared already (law 22)', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(statement, { minLength: 1, maxLength: 8 }), async (statements) => {
          const world = await openDriftWorld(database(), { name: randomUUID() });
          const first = await world.import({ source: 0, mode: 'patch', statements });
          for (const mode of ['patch', 'snapshot'] as const) {
            const again = await world.import({ source: 0, mode, statements });
            expect(again).toMatchObject({
              outcome: 'no_changes',
              plan: { counts: { unchanged: count(first) } },
            });
          }
        }),
        { numRuns },
      );
    });
  });
});

function count({ plan }: Awaited<ReturnType<DriftWorld['import']>>): number {
  return plan.counts.created;
}

type What = (typeof action extends fc.Arbitrary<infer A> ? A : never) extends { what: infer W } ? W : never;

async function happen(world: DriftWorld, what: What, reports: readonly Report[]): Promise<void> {
  switch (what.kind) {
    case 'scan':
      return world.scan(what.which, reports[what.which % reports.length] as Report);
    case 'import':
      await world.import(what);
      return;
    case 'policy':
      return world.policy(what);
    case 'decide':
      return world.decide(what.which);
    case 'forget':
      return world.forget(what.address);
    case 'thresholds':
      return world.rethreshold(what.limits);
    case 'wait':
      return;
  }
}
