/** One closed interval of whole numbers, both ends included. */
export interface Interval<N extends number | bigint> {
  readonly first: N;
  readonly last: N;
}

/** A set of whole numbers as sorted, disjoint, non-touching intervals. */
export type Intervals<N extends number | bigint> = readonly Interval<N>[];

/** What set arithmetic needs to know about its numbers: the neighbour of each. */
export interface Line<N extends number | bigint> {
  next(value: N): N;
  previous(value: N): N;
}

/** The line of ordinary numbers, for ports. */
export const numberLine: Line<number> = { next: (n) => n + 1, previous: (n) => n - 1 };

/** The line of big integers, for addresses. */
export const bigintLine: Line<bigint> = { next: (n) => n + 1n, previous: (n) => n - 1n };

/** Sorts intervals and merges those that touch or overlap. */
export function normalise<N extends number | bigint>(
  line: Line<N>,
  intervals: readonly Interval<N>[],
): Intervals<N> {
  const sorted = intervals
    .filter(({ first, last }) => first <= last)
    .sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const merged: Interval<N>[] = [];
  for (const interval of sorted) {
    const top = merged.at(-1);
    if (top !== undefined && interval.first <= line.next(top.last)) {
      if (interval.last > top.last) merged[merged.length - 1] = { first: top.first, last: interval.last };
      continue;
    }
    merged.push(interval);
  }
  return merged;
}

/** Numbers in either set. */
export function union<N extends number | bigint>(
  line: Line<N>,
  a: Intervals<N>,
  b: Intervals<N>,
): Intervals<N> {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  return normalise(line, [...a, ...b]);
}

/** Numbers in both sets. */
export function intersect<N extends number | bigint>(a: Intervals<N>, b: Intervals<N>): Intervals<N> {
  const common: Interval<N>[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const left = a[i];
    const right = b[j];
    if (left === undefined || right === undefined) return common;
    const first = left.first > right.first ? left.first : right.first;
    const last = left.last < right.last ? left.last : right.last;
    if (first <= last) common.push({ first, last });
    if (left.last < right.last) i += 1;
    else j += 1;
  }
}

/** Numbers in the first set and not in the second. */
export function subtract<N extends number | bigint>(
  line: Line<N>,
  a: Intervals<N>,
  b: Intervals<N>,
): Intervals<N> {
  const rest: Interval<N>[] = [];
  let j = 0;
  for (const { first, last } of a) {
    let from = first;
    while (j < b.length && (b[j] as Interval<N>).last < from) j += 1;
    for (let k = j; k < b.length; k += 1) {
      const cut = b[k] as Interval<N>;
      if (cut.first > last) break;
      if (cut.first > from) rest.push({ first: from, last: line.previous(cut.first) });
      if (cut.last >= from) from = line.next(cut.last);
    }
    if (from <= last) rest.push({ first: from, last });
  }
  return rest;
}

/** Whether the set holds the number; a binary search. */
export function contains<N extends number | bigint>(set: Intervals<N>, value: N): boolean {
  let low = 0;
  let high = set.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const { first, last } = set[middle] as Interval<N>;
    if (value < first) high = middle - 1;
    else if (value > last) low = middle + 1;
    else return true;
  }
  return false;
}

/** Whether every number of the second set is in the first. */
export function includes<N extends number | bigint>(
  line: Line<N>,
  outer: Intervals<N>,
  inner: Intervals<N>,
): boolean {
  return subtract(line, inner, outer).length === 0;
}
