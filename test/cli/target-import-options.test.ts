import { expect, test } from 'vitest';
import { readFormat, readLater } from '../../src/cli/target-import-options.ts';

test.each([
  ['90s', 90_000],
  ['20 s', 20_000],
  ['1m', 60_000],
  ['6h', 21_600_000],
  ['30d', 2_592_000_000],
  ['4w', 2_419_200_000],
])('%s is so long from now', (text, ms) => {
  const before = Date.now();
  const then = Date.parse(readLater(text));
  expect(then).toBeGreaterThanOrEqual(before + ms);
  expect(then).toBeLessThanOrEqual(Date.now() + ms);
});

test('a format that there is not is refused with the one that is probably meant', () => {
  expect(readFormat('netbox-json')).toBe('netbox-json');
  expect(() => readFormat('netbox-jsn')).toThrow(/^Known are .*netbox-csv.* Did you mean "netbox-json"\?$/);
});

test('a date is that date', () => {
  expect(readLater('2026-12-31')).toBe('2026-12-31T00:00:00.000Z');
});
