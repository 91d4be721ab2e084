/** How a stretch of the first list becomes a stretch of the second; ends are exclusive. */
export interface Opcode {
  readonly kind: 'equal' | 'replace' | 'delete' | 'insert';
  readonly aFrom: number;
  readonly aTo: number;
  readonly bFrom: number;
  readonly bTo: number;
}

/** A stretch that both lists have in common. */
interface Match {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

interface Span {
  readonly aFrom: number;
  readonly aTo: number;
  readonly bFrom: number;
  readonly bTo: number;
}

/** From so many items on, an item that makes up more than a hundredth of them starts no match. */
const popularFrom = 200;

/**
 * How the first list becomes the second, as Python's `difflib.SequenceMatcher` says it: the longest common
 * stretch first, then what lies on both sides of it (Ratcliff and Obershelp, Dr. Dobb's Journal, July 1988).
 */
export function opcodesOf(a: readonly string[], b: readonly string[]): Opcode[] {
  const opcodes: Opcode[] = [];
  let i = 0;
  let j = 0;
  for (const match of [...matchesOf(a, b), { a: a.length, b: b.length, size: 0 }]) {
    const span = { aFrom: i, aTo: match.a, bFrom: j, bTo: match.b };
    if (i < match.a && j < match.b) opcodes.push({ kind: 'replace', ...span });
    else if (i < match.a) opcodes.push({ kind: 'delete', ...span });
    else if (j < match.b) opcodes.push({ kind: 'insert', ...span });
    i = match.a + match.size;
    j = match.b + match.size;
    if (match.size > 0) opcodes.push({ kind: 'equal', aFrom: match.a, aTo: i, bFrom: match.b, bTo: j });
  }
  return opcodes;
}

/** Common stretches in order; those that touch in both lists are one. */
function matchesOf(a: readonly string[], b: readonly string[]): Match[] {
  const places = placesOf(b);
  const found: Match[] = [];
  const waiting: Span[] = [{ aFrom: 0, aTo: a.length, bFrom: 0, bTo: b.length }];
  for (let span = waiting.pop(); span !== undefined; span = waiting.pop()) {
    const match = longestMatch(a, b, places, span);
    if (match.size === 0) continue;
    found.push(match);
    if (span.aFrom < match.a && span.bFrom < match.b) waiting.push({ ...span, aTo: match.a, bTo: match.b });
    const [aNext, bNext] = [match.a + match.size, match.b + match.size];
    if (aNext < span.aTo && bNext < span.bTo) waiting.push({ ...span, aFrom: aNext, bFrom: bNext });
  }
  return joined(found.sort((x, y) => x.a - y.a || x.b - y.b));
}

function joined(matches: readonly Match[]): Match[] {
  const all: Match[] = [];
  for (const match of matches) {
    const top = all.at(-1);
    if (top !== undefined && top.a + top.size === match.a && top.b + top.size === match.b) {
      all[all.length - 1] = { ...top, size: top.size + match.size };
    } else all.push(match);
  }
  return all;
}

/** Where each item stands in the list, without the popular ones. */
function placesOf(b: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  b.forEach((item, index) => {
    const known = places.get(item);
    if (known === undefined) places.set(item, [index]);
    else known.push(index);
  });
  if (b.length < popularFrom) return places;
  const most = Math.floor(b.length / 100) + 1;
  for (const [item, indexes] of places) if (indexes.length > most) places.delete(item);
  return places;
}

/** The longest common stretch inside the span, the earliest in the first list, then in the second. */
function longestMatch(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  span: Span,
): Match {
  const { aFrom, aTo, bFrom, bTo } = span;
  let best: Match = { a: aFrom, b: bFrom, size: 0 };
  let lengths = new Map<number, number>();
  for (let i = aFrom; i < aTo; i += 1) {
    const next = new Map<number, number>();
    for (const j of places.get(a[i] as string) ?? []) {
      if (j < bFrom) continue;
      if (j >= bTo) break;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
    }
    lengths = next;
  }
  return extended(a, b, span, best);
}

/** Popular items start no match, but they lengthen one. */
function extended(a: readonly string[], b: readonly string[], span: Span, match: Match): Match {
  let { a: i, b: j, size } = match;
  while (i > span.aFrom && j > span.bFrom && a[i - 1] === b[j - 1]) {
    i -= 1;
    j -= 1;
    size += 1;
  }
  while (i + size < span.aTo && j + size < span.bTo && a[i + size] === b[j + size]) size += 1;
  return { a: i, b: j, size };
}
