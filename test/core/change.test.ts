import { expect, test } from 'vitest';
import { changeKinds, codeOfSpan, kindOfCode } from '../../src/core/change.ts';

test('every kind of change is one bit, as in table 1 of the article', () => {
  expect(changeKinds.map((kind) => [kind, codeOfSpan([kind])])).toEqual([
    ['host_new', 1],
    ['host_gone', 2],
    ['name_changed', 4],
    ['port_opened', 8],
    ['port_closed', 16],
    ['port_reopened', 32],
    ['host_returned', 64],
    ['service_changed', 128],
  ]);
  for (const kind of changeKinds) expect(kindOfCode(codeOfSpan([kind]))).toBe(kind);
});

test('the code of a span is all of its bits; none for no change', () => {
  expect(codeOfSpan([])).toBe(0);
  expect(codeOfSpan(['port_closed', 'port_opened', 'port_opened'])).toBe(24);
});

test('a sum is no kind, and no change is none', () => {
  expect([0, 3, 256].map(kindOfCode)).toEqual([undefined, undefined, undefined]);
});
