import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openPorts } from '../../src/core/state.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { foldedAt, told } from './core-looks.ts';
import { oracle } from './oracle.ts';
import { addresses, histories, repetitiveHistories, thresholds } from './world.ts';

const numRuns = propertyRuns(1000);
const anyHistory = fc.oneof(histories({ maxLength: 10 }), repetitiveHistories({ maxLength: 14 }));

describe('the fold', () => {
  test('agrees with a plain reading of the specification', () => {
    fc.assert(
      fc.property(anyHistory, thresholds, (scans, limits) => {
        for (const address of addresses) {
          const { state, changes } = foldedAt(scans, address, limits);
          const expected = oracle(scans, address, limits);
          const all = [expected.host, expected.names, ...expected.endpoints.values()];
          expect(told(changes)).toEqual(told(all.flatMap((part) => part.changes)));
          expect(state.status === 'up' || state.status === 'gone' ? state.status : 'never_up').toBe(
            expected.host.status,
          );
          expect(state.streak?.count ?? 0).toBe(expected.host.pending);
          expect(state.names).toEqual(expected.names.names);
          const open = [...expected.endpoints].filter(([, { status }]) => status === 'open');
          expect(openPorts(state)).toEqual(open.map(([port]) => port));
          for (const [port, { pending }] of expected.endpoints) {
            expect(state.endpoints.get(port)?.streak?.count ?? 0).toBe(pending);
          }
        }
      }),
      { numRuns },
    );
  });
});
