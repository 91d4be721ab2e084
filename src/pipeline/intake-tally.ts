import type { Change, ChangeKind } from '../core/change.ts';
import type { ScanEffect } from '../core/guard.ts';
import type { ReceiptProblem } from '../core/model.ts';
import type { Problem } from '../input/agent.ts';
import { limits } from '../limits.ts';

/** What the receipt counts while a report is read. */
export interface Tally {
  hostsListed: number;
  hostsUp: number;
  endpointsOpen: number;
  hostsUnchanged: number;
  readonly changes: Partial<Record<ChangeKind, number>>;
  /** Entries that say that a port opened, and not for the first look at it. */
  newlyOpened: number;
  baselineChanges: number;
  retractions: number;
  /** Entries that this scan itself decided, by kind. */
  readonly own: Partial<Record<ChangeKind, number>>;
  readonly problems: ReceiptProblem[];
  problemCount: number;
  /** Listed hosts outside the scope, and open ports outside it: left out. */
  hostsOutside: number;
  portsOutside: number;
  /** Hosts whose history of that time was cut off: what a late scan says of them comes too late. */
  hostsSettled: number;
  readonly warnings: Set<string>;
}

/** Nothing counted yet. */
export function newTally(): Tally {
  return {
    hostsListed: 0,
    hostsUp: 0,
    endpointsOpen: 0,
    hostsUnchanged: 0,
    changes: {},
    newlyOpened: 0,
    baselineChanges: 0,
    retractions: 0,
    own: {},
    problems: [],
    problemCount: 0,
    hostsOutside: 0,
    portsOutside: 0,
    hostsSettled: 0,
    warnings: new Set(),
  };
}

/** Counts a problem; keeps the first ones. */
export function tallyProblem(tally: Tally, problem: Problem): void {
  tally.problemCount += 1;
  if (tally.problems.length < limits.receiptProblemsMax) tally.problems.push(problem);
}

/** Counts entries of the log. */
export function tallyChanges(tally: Tally, changes: readonly Change[]): void {
  for (const { kind, baseline } of changes) {
    tally.changes[kind] = (tally.changes[kind] ?? 0) + 1;
    if (baseline) tally.baselineChanges += 1;
    else if (kind === 'port_opened' || kind === 'port_reopened') tally.newlyOpened += 1;
  }
}

/** Counts entries that the scan itself decided: what its guard looks at. */
export function tallyOwn(tally: Tally, changes: readonly Change[]): void {
  for (const { kind } of changes) tally.own[kind] = (tally.own[kind] ?? 0) + 1;
}

/** What the scan itself would bring about. */
export function effectOf({ own, hostsUp, endpointsOpen }: Tally): ScanEffect {
  const count = (...kinds: readonly ChangeKind[]) => kinds.reduce((sum, kind) => sum + (own[kind] ?? 0), 0);
  return {
    hostsGone: count('host_gone'),
    hostsStillUp: Math.max(0, hostsUp - count('host_new', 'host_returned')),
    portsClosed: count('port_closed'),
    portsStillOpen: Math.max(0, endpointsOpen - count('port_opened', 'port_reopened')),
  };
}

/** What a person should know, as sentences. */
export function warningsOf(tally: Tally): string[] {
  const warnings = [...tally.warnings];
  if (tally.hostsOutside > 0) {
    warnings.push(`${tally.hostsOutside} listed hosts are outside the scope and were left out.`);
  }
  if (tally.portsOutside > 0) {
    warnings.push(`${tally.portsOutside} open ports are outside the scope and were left out.`);
  }
  if (tally.hostsSettled > 0) {
    warnings.push(
      `The history of ${tally.hostsSettled} hosts at that time was pruned: the scan says nothing of them.`,
    );
  }
  return warnings;
}
