import { describe, expect, test } from 'vitest';
import {
  contains,
  includes,
  intersect,
  normalise,
  numberLine,
  subtract,
  union,
} from '../../src/core/intervals.ts';

const of = (...pairs: readonly (readonly [number, number])[]) =>
  pairs.map(([first, last]) => ({ first, last }));

describe('sets of numbers', () => {
  test.each([
    ['in any order are sorted', of([5, 6], [1, 2]), of([1, 2], [5, 6])],
    ['that touch are one', of([1, 2], [3, 4]), of([1, 4])],
    ['that overlap are one', of([1, 5], [2, 3], [4, 9]), of([1, 9])],
    ['that end before they begin are none', of([2, 1], [3, 3]), of([3, 3])],
  ])('%s', (_name, intervals, expected) => {
    expect(normalise(numberLine, intervals)).toEqual(expected);
  });

  test.each([
    ['nothing from nothing', of(), of(), of()],
    ['nothing from something', of([1, 9]), of(), of([1, 9])],
    ['a hole', of([1, 9]), of([4, 5]), of([1, 3], [6, 9])],
    ['both ends', of([1, 9]), of([0, 1], [9, 12]), of([2, 8])],
    ['one that reaches over several', of([1, 2], [4, 5], [7, 8]), of([2, 7]), of([1, 1], [8, 8])],
    ['several from one', of([1, 9]), of([2, 2], [4, 4], [6, 6]), of([1, 1], [3, 3], [5, 5], [7, 9])],
    ['everything', of([3, 4]), of([1, 9]), of()],
  ])('subtract %s', (_name, from, cut, rest) => {
    expect(subtract(numberLine, from, cut)).toEqual(rest);
    expect(includes(numberLine, cut, from)).toBe(rest.length === 0);
    expect(intersect(from, cut)).toEqual(subtract(numberLine, from, rest));
    expect(union(numberLine, rest, intersect(from, cut))).toEqual(normalise(numberLine, from));
  });

  test('know their members', () => {
    const set = of([1, 2], [5, 5], [8, 9]);
    expect([0, 1, 2, 3, 5, 6, 8, 9, 10].filter((n) => contains(set, n))).toEqual([1, 2, 5, 8, 9]);
  });
});
