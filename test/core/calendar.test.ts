import { expect, test } from 'vitest';
import { isInCalendar } from '../../src/core/calendar.ts';

test.each([
  ['2026-02-28', true],
  ['2026-02-29', false],
  ['2028-02-29', true],
  ['2026-11-30', true],
  ['2026-11-31', false],
  ['2026-12-31', true],
  ['2026-01-00', false],
])('%s is in the calendar: %s', (day, expected) => {
  expect(isInCalendar(day)).toBe(expected);
});
