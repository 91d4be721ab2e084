import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { setOfPorts } from '../../src/core/endpoint.ts';
import {
  decodeState,
  downHost,
  encodeState,
  isPending,
  openPorts,
  unseenHost,
} from '../../src/core/state.ts';
import { foldedAt } from '../laws/core-looks.ts';
import { addresses, histories, ports, thresholds } from '../laws/world.ts';
import { firstDay, tell } from './story.ts';

describe('the text of a state', () => {
  test('is read back, and written again in the same words', () => {
    fc.assert(
      fc.property(
        histories({ maxLength: 6 }),
        fc.constantFrom(...addresses),
        thresholds,
        (scans, address, limits) => {
          const { state } = foldedAt(scans, address, limits);
          const text = encodeState(state);
          expect(decodeState(text)).toEqual(state);
          expect(encodeState(decodeState(text))).toBe(text);
        },
      ),
    );
  });

  test('does not depend on the order in which endpoints became known', () => {
    const { state } = tell(['up 22 80']);
    const turned = { ...state, endpoints: new Map([...state.endpoints].reverse()) };
    expect(encodeState(turned)).toBe(encodeState(state));
  });

  test('is short for a tarpit: endpoints with the same dates are one group', () => {
    const { state } = tell(['up 22']);
    const endpoint = state.endpoints.get(22);
    if (endpoint === undefined) throw new Error('22 is open');
    const all = Array.from({ length: 65_536 }, (_, port) => [port, endpoint] as const);
    expect(encodeState({ ...state, endpoints: new Map(all) }).length).toBeLessThan(200);
  });

  test('is read for some ports only', () => {
    fc.assert(
      fc.property(histories({ maxLength: 6 }), fc.subarray([...ports]), (scans, some) => {
        const { state } = foldedAt(scans, '10.0.0.1', {
          openAfterScans: 1,
          closedAfterScans: 1,
          goneAfterScans: 1,
          backAfterScans: 1,
          reopenWindowDays: 90,
        });
        const wanted = [...state.endpoints].filter(([port]) => some.includes(port));
        expect(decodeState(encodeState(state), setOfPorts(some)).endpoints).toEqual(new Map(wanted));
      }),
    );
  });
});

describe('a state is pending', () => {
  test.each([
    ['never for a host that was never seen', unseenHost, false],
    ['never for a host that was never up', downHost, false],
    ['not where everything is settled', tell(['up 22', 'up']).state, false],
    ['while a port is about to open', tell(['up', 'up 22'], { openAfterScans: 2 }).state, true],
    ['while a port is about to close', tell(['up 22', 'up'], { closedAfterScans: 2 }).state, true],
    ['while a host is about to be gone', tell(['up', 'down'], { goneAfterScans: 2 }).state, true],
    ['while a host is about to come', tell(['down', 'up'], { backAfterScans: 2 }).state, true],
    ['while names are not found', tell(['up as a', 'up'], { goneAfterScans: 2 }).state, true],
  ])('%s', (_name, state, pending) => {
    expect(isPending(state)).toBe(pending);
  });
});

test('open ports are those that are settled open, in order', () => {
  expect(openPorts(tell(['up 80', 'up 22 80', 'up 22']).state)).toEqual([22]);
  expect(openPorts(tell(['up 80', 'up 22 80']).state)).toEqual([22, 80]);
});

describe('a folded state', () => {
  test('says since when it holds, and which scan decided it', () => {
    const { state } = tell(['up 22', 'up 22 80', 'up 22 80']);
    expect([state.at, state.scan, state.firstSeen?.scan]).toEqual([firstDay + 86_400_000, 1, 1]);
    expect(state.endpoints.get(80)).toMatchObject({ open: true, scan: 2 });
  });

  test('says what is being counted, and since when', () => {
    const { state } = tell(['up 22', 'up', 'up'], { closedAfterScans: 3 });
    expect(state.endpoints.get(22)?.streak).toEqual({ count: 2, since: firstDay + 2 * 86_400_000 });
  });

  test('of a host that is about to come for the first time says when that began', () => {
    const { state } = tell(['down', 'down', 'up'], { backAfterScans: 2 });
    expect(state).toMatchObject({ status: 'down', scan: 3, at: firstDay + 3 * 86_400_000 });
  });

  test('keeps no port that was never open', () => {
    expect(tell(['up', 'up 22', 'up'], { openAfterScans: 2 }).state.endpoints.size).toBe(0);
  });
});
