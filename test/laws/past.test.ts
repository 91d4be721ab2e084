import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withoutPending } from '../../src/core/past-state.ts';
import { type HostState, openPorts } from '../../src/core/state.ts';
import { statesAsOf } from '../../src/store/past-hosts.ts';
import { openPortsAsOf } from '../../src/store/past-ports.ts';
import { eachDatabase } from '../support/databases.ts';
import { type Format, reportsOf } from './reports.ts';
import { foldTaken, scannerWith, storeRuns, type Taken, takeIn } from './stored.ts';
import { addresses, histories, instantOf, repetitiveHistories, thresholds } from './world.ts';

const how = fc.record({
  format: fc.constantFrom<Format>('jsonl', 'nmap-xml'),
  presentation: fc.constantFrom('collapsed' as const, 'listed' as const),
});
const anyHistory = fc.oneof(histories({ maxLength: 6 }), repetitiveHistories({ maxLength: 8 }));

eachDatabase(({ kind, database }) => {
  const numRuns = storeRuns(kind === 'pglite' ? 20 : 8);

  describe('the state as of a past moment', () => {
    test('is the state that the scans up to then come to, in whatever order they arrived (law 14)', async () => {
      await fc.assert(
        fc.asyncProperty(anyHistory, thresholds, how, async (scans, limits, form) => {
          const scanner = await scannerWith(database(), limits);
          const taken: Taken[] = [];
          for (const report of reportsOf(scans, form)) {
            taken.push({ report, scan: await takeIn(database(), scanner.id, report) });
          }
          for (let time = 0; time <= 12; time += 3) {
            const asOf = instantOf({ time });
            const states = await statesAsOf(database(), {
              addressSpaceId: scanner.addressSpaceId,
              addresses,
              scannerIds: [scanner.id],
              asOf,
            });
            const filter = { scannerIds: [scanner.id] };
            const open = (await openPortsAsOf(database(), filter, asOf)).get(scanner.addressSpaceId);
            const until = taken.filter(({ report }) => instantOf(report.plan) <= asOf);
            for (const address of addresses) {
              const { state } = foldTaken(until, address, limits);
              expect(states.get(address)?.get(scanner.id)).toEqual(knownOf(state));
              expect(open?.get(address) ?? []).toEqual(openOf(state));
            }
          }
        }),
        { numRuns },
      );
    });
  });
});

/** What the past keeps of a state: nothing of a host that was never seen. */
function knownOf(state: HostState): HostState | undefined {
  return state.firstSeen === undefined ? undefined : withoutPending(state);
}

/** The ports that count as open: those of a host that is up. */
function openOf(state: HostState): number[] {
  return state.status === 'up' ? openPorts(state) : [];
}
