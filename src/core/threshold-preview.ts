import { type ChangeKind, changeKinds } from './change.ts';
import type { Thresholds } from './fold.ts';
import { groupBy } from './group.ts';
import type { Instant } from './observation.ts';
import type { ScanChange } from './timeline.ts';

/** How many changes of each kind; baseline entries, which nobody is told of, are not among them. */
export type ChangeCounts = Readonly<Record<ChangeKind, number>>;

/** What was reported, and what would have been under other thresholds. */
export interface ThresholdPreview {
  readonly hosts: number;
  readonly reported: ChangeCounts;
  readonly wouldReport: ChangeCounts;
  /** Thresholds that would have kept quiet about what was taken back by itself soon after. */
  readonly suggestion: ThresholdSuggestion;
}

/** Thresholds, and why. */
export interface ThresholdSuggestion {
  readonly thresholds: Thresholds;
  readonly reasons: readonly string[];
}

/** Counts changes from a moment on. */
export function countChanges(changes: Iterable<ScanChange>, since: Instant): ChangeCounts {
  const counts = Object.fromEntries(changeKinds.map((kind) => [kind, 0])) as Record<ChangeKind, number>;
  for (const { kind, at, baseline } of changes) if (at >= since && !baseline) counts[kind] += 1;
  return counts;
}

/** How long states lasted before they were taken back, in looks of the scanner. */
export interface Flaps {
  /** An open port was closed, and open again after so many looks: how often each. */
  readonly closed: readonly number[];
  readonly opened: readonly number[];
  readonly gone: readonly number[];
  readonly back: readonly number[];
}

/** A state that lasts fewer looks than this was flapping, not a change. */
export const flapLooksMax = 5;

/** The flaps of one host, folded with thresholds of 1: how many of its looks lay between a change and its opposite. */
export function flapsOf(changes: readonly ScanChange[], looks: readonly Instant[]): Flaps {
  const flaps = {
    closed: [] as number[],
    opened: [] as number[],
    gone: [] as number[],
    back: [] as number[],
  };
  const looksBetween = (from: Instant, to: Instant) =>
    looks.filter((look) => look >= from && look < to).length;
  const ofKey = groupBy(
    changes.filter(({ kind }) => kind in opposites),
    ({ port }) => port ?? -1,
  );
  for (const own of ofKey.values()) {
    for (const [index, { kind, at, baseline }] of own.entries()) {
      const next = own[index + 1];
      const flap = opposites[kind];
      if (next === undefined || flap === undefined || baseline) continue;
      const lasted = looksBetween(at, next.at);
      const interrupted = looksBetween(own[index - 1]?.at ?? Number.NEGATIVE_INFINITY, at);
      // Of two states that alternate, the longer one is the usual; of equally long ones none is.
      const isBlip = index === 0 || lasted <= interrupted;
      if (isBlip && lasted < flapLooksMax) flaps[flap].push(lasted);
    }
  }
  return flaps;
}

/** Which flap it is when a change of this kind is taken back. */
const opposites: Readonly<Partial<Record<ChangeKind, keyof Flaps>>> = {
  port_closed: 'closed',
  port_opened: 'opened',
  port_reopened: 'opened',
  host_gone: 'gone',
  host_returned: 'back',
};

/** Thresholds that outlast nine of ten observed flaps; where hardly anything flapped, those of now stay. */
export function suggestThresholds(present: Thresholds, flaps: Flaps): ThresholdSuggestion {
  const reasons: string[] = [];
  const outlast = (lasted: readonly number[], now: number, said: string) => {
    if (lasted.length < flapsMin) return now;
    const sorted = [...lasted].sort((a, b) => a - b);
    const needed = (sorted[Math.ceil(sorted.length * 0.9) - 1] ?? 0) + 1;
    if (needed > now) reasons.push(`${lasted.length} times ${said} for fewer than ${needed} scans only`);
    return Math.max(now, needed);
  };
  return {
    thresholds: {
      closedAfterScans: outlast(flaps.closed, present.closedAfterScans, 'a port was not open'),
      openAfterScans: outlast(flaps.opened, present.openAfterScans, 'a port was open'),
      goneAfterScans: outlast(flaps.gone, present.goneAfterScans, 'a host was gone'),
      backAfterScans: outlast(flaps.back, present.backAfterScans, 'a host was back'),
      reopenWindowDays: present.reopenWindowDays,
    },
    reasons,
  };
}

/** Fewer flaps than this may be chance. */
const flapsMin = 3;
