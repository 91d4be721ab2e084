import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withoutPending } from '../../src/core/past-state.ts';
import { type HostState, openPorts } from '../../src/core/state.ts';
import { statesAsOf } from '../../src/store/past-hosts.ts';
import { openPortsAsOf } from '../../src/store/past-ports.ts';
import { countDifferences, pageOfDifferences } from '../../src/store/state-differences.ts';
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

    test('differs from that of another moment in exactly what is compared', async () => {
      await fc.assert(
        fc.asyncProperty(anyHistory, thresholds, how, async (scans, limits, form) => {
          const scanner = await scannerWith(database(), limits);
          const taken: Taken[] = [];
          for (const report of reportsOf(scans, form)) {
            taken.push({ report, scan: await takeIn(database(), scanner.id, report) });
          }
          const [from, to] = [instantOf({ time: 3 }), instantOf({ time: 9 })];
          const filter = { from, to, scannerIds: [scanner.id] };
          const { items } = await pageOfDifferences(database(), filter, { limit: 1000, backward: false });
          const counts = await countDifferences(database(), filter);
          expect(counts.host + counts.names + counts.port + counts.service).toBe(items.length);
          for (const address of addresses) {
            const [before, after] = [from, to].map((asOf) => {
              const until = taken.filter(({ report }) => instantOf(report.plan) <= asOf);
              return foldTaken(until, address, limits).state;
            }) as [HostState, HostState];
            const own = items.map(({ node }) => node).filter((node) => node.address === address);
            const hosts = own.filter(({ fact }) => fact === 'host');
            expect(hosts.length).toBe((before.status === 'up') === (after.status === 'up') ? 0 : 1);
            const ports = own.filter(({ fact }) => fact === 'port').map(({ port }) => port);
            expect(ports).toEqual(changedPorts(before, after));
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

function changedPorts(before: HostState, after: HostState): number[] {
  const ports = [...new Set([...before.endpoints.keys(), ...after.endpoints.keys()])].sort((a, b) => a - b);
  const isOpen = (state: HostState, port: number) => state.endpoints.get(port)?.open === true;
  return ports.filter((port) => isOpen(before, port) !== isOpen(after, port));
}
