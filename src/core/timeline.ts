import type { Change } from './change.ts';
import { type PortSet, unionOfPorts } from './endpoint.ts';
import { type CoveredBefore, fold, type HostLook, type Thresholds } from './fold.ts';
import type { RetractionReason } from './model.ts';
import type { Instant } from './observation.ts';
import { type HostState, isPending, type ScanId, unseenHost } from './state.ts';

/** The place of a scan on its scanner's timeline; the digest of the report decides between equal times. */
export interface Position {
  readonly at: Instant;
  readonly digest: string;
}

/** Orders scans on a timeline, whatever the order in which they arrived. */
export function comparePositions(a: Position, b: Position): number {
  return a.at - b.at || (a.digest < b.digest ? -1 : a.digest > b.digest ? 1 : 0);
}

/** A change and the scan that decided it. */
export interface ScanChange extends Change {
  readonly scan: ScanId;
  /** `host_forgotten` where a person said so and no scan; undefined where the log is not read for it. */
  readonly reason?: RetractionReason;
}

/** Where the folding of a history begins: what looks up to a moment came to. They are settled for good. */
export interface Base {
  readonly at: Instant;
  readonly state: HostState;
  readonly before: CoveredBefore;
}

/** The beginning of a history of which nothing was cut off. */
export const firstBase: Base = {
  at: Number.NEGATIVE_INFINITY,
  state: unseenHost,
  before: { host: false, ports: [] },
};

/** Folds the whole history of one host: its looks behind the base, in the order of their positions. */
export function foldTimeline(
  looks: readonly HostLook[],
  thresholds: Thresholds,
  base: Base = firstBase,
): { state: HostState; changes: ScanChange[]; before: CoveredBefore } {
  let { state, before } = base;
  const changes: ScanChange[] = [];
  let settledBy: HostLook | undefined;
  for (const look of looks) {
    // A look that says what the last one said changes nothing, unless it is being counted.
    if (look.content === settledBy?.content && look.profile === settledBy.profile) continue;
    const folded = fold(state, { look, before, thresholds });
    state = folded.state;
    for (const change of folded.changes) changes.push({ ...change, scan: look.scan });
    before = cover(before, look.profile);
    settledBy = state.status === 'unseen' || isPending(state) ? undefined : look;
  }
  return { state, changes, before };
}

/** What is covered after a look with this profile. A partial look covers nothing for good. */
export function cover(before: CoveredBefore, profile: HostLook['profile']): CoveredBefore {
  if (!profile.complete) return before;
  const ports: PortSet =
    profile.ports.length === 0 ? before.ports : unionOfPorts(before.ports, profile.ports);
  return { host: before.host || profile.status, ports };
}

/** Raw content of a host that holds from this position on, until the next run of the same profile. */
export interface Run<Content> extends Position {
  readonly profile: number;
  readonly content: Content;
}

/**
 * What each of the looks says: the run of its profile in effect at its position; `absent` where there is
 * none yet. Looks and runs are each sorted by position.
 */
export function contentsAt<Content, L extends Position & { readonly profile: number }>(
  looks: readonly L[],
  runs: readonly Run<Content>[],
  absent: (look: L) => Content,
): Content[] {
  const current = new Map<number, Content>();
  const contents: Content[] = [];
  let next = 0;
  for (const look of looks) {
    for (let run = runs[next]; run !== undefined && comparePositions(run, look) <= 0; run = runs[next]) {
      current.set(run.profile, run.content);
      next += 1;
    }
    contents.push(current.get(look.profile) ?? absent(look));
  }
  return contents;
}
