import { type LogRow, liveEntries } from './live-entries.ts';
import type { Instant } from './observation.ts';
import type { LiveEntry } from './refold.ts';
import type { HostState, ScanId, Since } from './state.ts';
import { comparePositions, type Position } from './timeline.ts';

/** A run, as far as it decides which runs are still needed. */
export interface PlacedRun extends Position {
  readonly profile: number;
  readonly scan: ScanId;
}

/** The runs that no look behind the cut needs: all but the last of each profile up to it. */
export function runsToPrune<R extends PlacedRun>(runs: readonly R[], cut: Instant): R[] {
  const old = runs.filter(({ at }) => at <= cut).sort(comparePositions);
  const last = new Map(old.map((run) => [run.profile, run]));
  return old.filter((run) => last.get(run.profile) !== run);
}

/**
 * The rows of one host's log that can go: everything up to the cut but the last change of what still exists, and
 * what first made the host known. A row stays whole while one of its entries is such a change.
 */
export function rowsToPrune(
  rows: readonly LogRow[],
  { cut, state }: { cut: Instant; state: HostState },
): LogRow[] {
  const old = rows.filter(({ at }) => at <= cut);
  const kept = sequencesToKeep(liveEntries(old), state);
  return old.filter(({ sequence, retracts }) => !kept.has(retracts ?? sequence));
}

function sequencesToKeep(live: readonly LiveEntry[], state: HostState): ReadonlySet<number> {
  const kept = new Set<number>();
  const last = new Map<string, LiveEntry>();
  for (const entry of live) {
    const { kind, port, at } = entry.change;
    if (isNamedBy(entry, state)) kept.add(entry.sequence);
    const isFact =
      kind === 'name_changed' || (kind === 'service_changed' && state.endpoints.get(port ?? 0)?.open);
    if (!isFact) continue;
    const key = `${kind} ${port}`;
    if ((last.get(key)?.change.at ?? at) <= at) last.set(key, entry);
  }
  for (const { sequence } of last.values()) kept.add(sequence);
  return kept;
}

/** Whether the state says that something holds since this entry. */
function isNamedBy({ change }: LiveEntry, { at, scan, firstSeen, endpoints }: HostState): boolean {
  const isSince = (since: Since | undefined) => since?.at === change.at && since.scan === change.scan;
  if (change.kind === 'host_new' && isSince(firstSeen)) return true;
  if (change.port === undefined) return change.kind.startsWith('host_') && isSince({ at, scan });
  return change.kind !== 'service_changed' && isSince(endpoints.get(change.port));
}

/** The scans that a state names: by them it says since when something holds. */
export function scansNamedBy({ scan, firstSeen, endpoints }: HostState): Set<ScanId> {
  const scans = new Set<ScanId>([scan]);
  if (firstSeen !== undefined) scans.add(firstSeen.scan);
  for (const endpoint of endpoints.values()) scans.add(endpoint.scan);
  return scans;
}
