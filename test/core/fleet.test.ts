import { expect, test } from 'vitest';
import { BadInput } from '../../src/core/errors.ts';
import { checkPrefix, periodsOf } from '../../src/core/fleet.ts';

test.each([
  [{ v4: 33, v6: 64 }, 'prefixV4', /0 to 32/],
  [{ v4: -1, v6: 64 }, 'prefixV4', /0 to 32/],
  [{ v4: 24, v6: 129 }, 'prefixV6', /0 to 128/],
] as const)('the prefix lengths %j are refused with their range', (prefix, field, said) => {
  expect(() => checkPrefix(prefix)).toThrow(BadInput);
  expect(() => checkPrefix(prefix)).toThrow(said);
  expect(() => checkPrefix(prefix)).toThrow(expect.objectContaining({ field }));
});

test('every length that an address has will do', () => {
  expect(() => checkPrefix({ v4: 0, v6: 0 })).not.toThrow();
  expect(() => checkPrefix({ v4: 32, v6: 128 })).not.toThrow();
});

const day = (date: number) => Date.UTC(2026, 2, date);

test('a period that begins where the stretch ends is left out, one that goes on is not', () => {
  expect(periodsOf('day', { from: day(1), to: day(2) })).toEqual([{ from: day(1), to: day(2) }]);
  expect(periodsOf('day', { from: day(1), to: day(2) + 1 })).toEqual([
    { from: day(1), to: day(2) },
    { from: day(2), to: day(3) },
  ]);
});
