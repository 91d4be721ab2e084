import type { Instant } from './observation.ts';

/** A stretch of time in which nobody looked. */
export interface Gap {
  readonly from: Instant;
  /** The look that ended it; undefined where it lasts. */
  readonly to?: Instant;
}

/**
 * The stretches between looks, in order, that are longer than a look was to be expected; the last may last until
 * now. Without an expectation, longer than twice the usual distance of these looks.
 */
export function gapsBetween(
  looks: readonly Instant[],
  { expectEveryMs, now }: { readonly expectEveryMs?: number | undefined; readonly now: Instant },
): Gap[] {
  const toleratedMs = expectEveryMs ?? 2 * usualDistance(looks);
  if (looks.length === 0 || toleratedMs === 0) return [];
  const gaps: Gap[] = [];
  for (const [index, from] of looks.entries()) {
    const to = looks[index + 1];
    if ((to ?? now) - from <= toleratedMs) continue;
    gaps.push({ from, ...(to === undefined ? {} : { to }) });
  }
  return gaps;
}

/** The median of the distances; 0 for fewer than two looks. */
function usualDistance(looks: readonly Instant[]): number {
  const distances = looks.slice(1).map((at, index) => at - (looks[index] ?? at));
  distances.sort((a, b) => a - b);
  return distances[distances.length >> 1] ?? 0;
}
