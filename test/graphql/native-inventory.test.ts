import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type NativeRecords, nativeLines } from '../../src/graphql/native-inventory.ts';
import { expectationsJsonl } from '../../src/inventory/expectations-jsonl.ts';
import type { InventoryEvent } from '../../src/inventory/importer.ts';

async function read(records: NativeRecords): Promise<InventoryEvent[]> {
  const events: InventoryEvent[] = [];
  for await (const event of expectationsJsonl.read(nativeLines(records), {})) events.push(event);
  return events;
}

test('what callers of the API write is read as our own lines, record by record', async () => {
  const records = {
    statements: [
      {
        selector: '10.0.0.1',
        ports: '443',
        expect: 'allowed',
        owner: 'web',
        validFrom: Date.UTC(2026, 0, 1),
      },
      { externalId: 'host', selector: 'group:web', view: null, expect: null, locked: true },
    ],
    members: [{ group: 'web', address: '10.0.0.1' }],
    removals: ['old'],
  } as const;
  expect(await read(records)).toEqual([
    {
      kind: 'statement',
      place: { line: 1 },
      row: {
        selector: '10.0.0.1',
        ports: '443/tcp',
        expect: 'allowed',
        owner: 'web',
        validFrom: Date.UTC(2026, 0, 1),
      },
    },
    {
      kind: 'statement',
      place: { line: 2 },
      row: { externalId: 'host', selector: 'group:web', expect: 'present', locked: true },
    },
    { kind: 'member', place: { line: 3 }, group: 'web', address: '10.0.0.1' },
    { kind: 'removal', place: { line: 4 }, externalId: 'old' },
    { kind: 'end', end: { complete: true, isSnapshot: true } },
  ]);
});

test('a text never becomes a line of its own, whatever it holds', async () => {
  const text = fc.string({ unit: 'binary' });
  await fc.assert(
    fc.asyncProperty(text, text, async (externalId, owner) => {
      const events = await read({
        statements: [{ externalId, owner, selector: '10.0.0.1' }],
        removals: [owner],
      });
      expect(events.filter(({ kind }) => kind !== 'end')).toHaveLength(2);
    }),
    { numRuns: 300 },
  );
});
