import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Assessment, Deviation } from '../../src/core/drift.ts';
import { driftCauses } from '../../src/core/drift-model.ts';
import { cellOf, type ItemState, type Occasion, stepItems } from '../../src/core/drift-step.ts';

const nothing: Assessment = { deviations: [], unverifiable: [], compliant: [], contested: false };
const missing: Deviation = { kind: 'port_missing', side: 'missing', port: 22 };
const scan: Occasion = { now: 100, cause: 'observation', scanId: 7 };

function assessed(more: Partial<Assessment>): Assessment {
  return { ...nothing, ...more };
}

/** The items of one host, through one occasion after another. */
function live(items: readonly ItemState[], assessment: Assessment, occasion: Occasion): ItemState[] {
  const steps = stepItems(items, assessment, occasion);
  const after = new Map(items.map((item) => [cellOf(item), item]));
  for (const step of steps) after.set(cellOf(step.after), step.after);
  return [...after.values()];
}

describe('an item', () => {
  const [opened] = live([], assessed({ deviations: [missing] }), scan) as [ItemState];

  test('opens with what opened it', () => {
    expect(opened).toMatchObject({
      state: 'open',
      episode: 1,
      openedAt: 100,
      openedBy: 'observation',
      scanId: 7,
    });
  });

  test('that still deviates is not touched', () => {
    expect(stepItems([opened], assessed({ deviations: [missing] }), { ...scan, now: 200 })).toEqual([]);
  });

  test('of which nothing can be said stays open, and is told of once', () => {
    const doubt = assessed({ unverifiable: [{ port: 22, side: 'missing', reason: 'stale' }] });
    const [step] = stepItems([opened], doubt, { ...scan, now: 200 });
    expect(step).toMatchObject({
      event: 'became_unverifiable',
      after: { state: 'open', unverifiable: { since: 200 } },
    });
    const doubted = step?.after as ItemState;
    expect(stepItems([doubted], doubt, { ...scan, now: 300 })).toEqual([]);
    const other = assessed({ unverifiable: [{ port: 22, side: 'missing', reason: 'host_gone' }] });
    expect(stepItems([doubted], other, { ...scan, now: 300 })).toMatchObject([
      { event: undefined, after: { unverifiable: { reason: 'host_gone', since: 200 } } },
    ]);
    expect(stepItems([doubted], assessed({ deviations: [missing] }), { ...scan, now: 400 })).toMatchObject([
      { event: 'verifiable_again', after: { state: 'open', episode: 1, unverifiable: undefined } },
    ]);
  });

  test('doubted on the other side resolves: nobody expects it any more', () => {
    const doubt = assessed({ unverifiable: [{ port: 22, side: 'excess', reason: 'stale' }] });
    expect(stepItems([opened], doubt, scan)).toMatchObject([{ event: 'resolved' }]);
  });

  test('that resolved stays as it is until it opens again, which is another episode', () => {
    const [resolved] = live([opened], nothing, { now: 200, cause: 'expiry' }) as [ItemState];
    expect(resolved).toMatchObject({ state: 'resolved', resolvedAt: 200, resolvedBy: 'expiry', scanId: 7 });
    expect(stepItems([resolved], nothing, { ...scan, now: 300 })).toEqual([]);
    const [again] = live([resolved], assessed({ deviations: [missing] }), {
      now: 300,
      cause: 'target_change',
    }) as [ItemState];
    expect(again).toMatchObject({
      state: 'open',
      episode: 2,
      firstOpenedAt: 100,
      openedAt: 300,
      scanId: undefined,
    });
    expect(again.resolvedAt).toBeUndefined();
  });
});

test('whatever happens, items are open exactly where something deviates or nothing can be said', () => {
  const cell = fc.record({
    port: fc.constantFrom(undefined, 22, 80),
    side: fc.constantFrom('missing' as const, 'excess' as const),
  });
  const moment = fc.record({
    cause: fc.constantFrom(...driftCauses),
    cells: fc.uniqueArray(fc.record({ cell, is: fc.constantFrom('deviates' as const, 'unknown' as const) }), {
      selector: (one) => cellOf(one.cell),
    }),
  });
  fc.assert(
    fc.property(fc.array(moment, { maxLength: 12 }), (moments) => {
      let items: readonly ItemState[] = [];
      moments.forEach(({ cause, cells }, now) => {
        const named = cells.map(({ cell: { port, side }, is }) => ({
          ...(port === undefined ? {} : { port }),
          side,
          is,
        }));
        const deviations = named
          .filter(({ is }) => is === 'deviates')
          .map(({ is: _, ...at }) => ({ kind: 'port_missing' as const, ...at }));
        const unverifiable = named
          .filter(({ is }) => is === 'unknown')
          .map(({ is: _, ...at }) => ({ reason: 'stale' as const, ...at }));
        const before = new Set(items.filter(({ state }) => state === 'open').map(cellOf));
        const assessment = assessed({ deviations, unverifiable });
        items = live(items, assessment, { now, cause });
        const open = items.filter(({ state }) => state === 'open').map(cellOf);
        const expected = [...deviations, ...unverifiable.filter((doubt) => before.has(cellOf(doubt)))].map(
          cellOf,
        );
        expect(open.sort()).toEqual(expected.sort());
        expect(stepItems(items, assessment, { now, cause })).toEqual([]);
      });
    }),
  );
});
