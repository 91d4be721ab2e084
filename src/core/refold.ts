import type { Change, Facts } from './change.ts';
import { encodeServices, type HostContent } from './content.ts';
import type { CoveredBefore, Thresholds } from './fold.ts';
import type { Instant } from './observation.ts';
import type { Profile } from './scope.ts';
import type { HostState, ScanId } from './state.ts';
import {
  type Base,
  contentsAt,
  firstBase,
  foldTimeline,
  type Position,
  type Run,
  type ScanChange,
} from './timeline.ts';

/** One applied scan that covers a host, as the host's history sees it. */
export interface HistoryLook extends Position {
  readonly scan: ScanId;
  readonly profile: number;
}

/** Raw content of a host from one scan on. */
export interface HistoryRun extends Run<HostContent | undefined> {
  readonly scan: ScanId;
  readonly observedAt?: Instant;
}

/** An entry of the log that still holds. */
export interface LiveEntry {
  readonly sequence: number;
  readonly change: ScanChange;
}

/** Everything that decides the state of one host for one scanner. */
export interface HostHistory {
  /** Applied looks in the order of their positions. */
  readonly looks: readonly HistoryLook[];
  /** In the order of their positions; content undefined: covered, and not listed. */
  readonly runs: readonly HistoryRun[];
  readonly profiles: ReadonlyMap<number, Profile>;
  readonly absent: (profile: Profile) => HostContent;
  /** Where the history begins, if its older part was cut off. */
  readonly base?: Base | undefined;
}

/** Folds the whole history of one host again. */
export function refold(
  history: HostHistory,
  thresholds: Thresholds,
): { state: HostState; changes: ScanChange[]; before: CoveredBefore } {
  const { runs, profiles, absent, base = firstBase } = history;
  const looks = history.looks.filter(({ at }) => at > base.at);
  const contents = contentsAt(looks, runs, () => undefined);
  const absents = new Map(Array.from(profiles, ([id, profile]) => [id, absent(profile)]));
  const observed = new Map(runs.map((run) => [`${run.scan} ${run.profile}`, run.observedAt]));
  return foldTimeline(
    looks.map(({ scan, at, profile: id }, index) => {
      const profile = profiles.get(id) as Profile;
      const observedAt = observed.get(`${scan} ${id}`);
      return {
        scan,
        at,
        profile,
        content: contents[index] ?? (absents.get(id) as HostContent),
        ...(observedAt === undefined ? {} : { observedAt }),
      };
    }),
    thresholds,
    base,
  );
}

/** What the log must append so that its live entries are the wanted ones: what to take back, what to add. */
export function correctLog(
  live: readonly LiveEntry[],
  wanted: readonly ScanChange[],
): { retract: LiveEntry[]; append: ScanChange[] } {
  const missing = new Map<string, ScanChange[]>();
  for (const change of wanted) {
    const same = missing.get(identityOf(change));
    if (same === undefined) missing.set(identityOf(change), [change]);
    else same.push(change);
  }
  const retract = live.filter(({ change }) => missing.get(identityOf(change))?.pop() === undefined);
  const rest = new Set([...missing.values()].flat());
  return { retract, append: wanted.filter((change) => rest.has(change)) };
}

/** Not `observedAt`: it is known only where a scan's content was stored, which depends on the order of arrival. */
function identityOf({ kind, port, scan, baseline, confirmations, at, before, after }: ScanChange): string {
  return JSON.stringify([kind, port, scan, baseline, confirmations, at, sideOf(before), sideOf(after)]);
}

function sideOf(facts: Facts | undefined) {
  if (facts === undefined) return null;
  const { state, names, service } = facts;
  return [state, names, service === undefined ? undefined : encodeServices(new Map([[0, service]]))];
}

/** The runs to store so that a look says `content`, and every later look still says what it said. */
export function runsToInsert<Content>(
  look: Position & { readonly profile: number; readonly content: Content },
  existing: {
    /** Runs of the same profile, in order. */
    readonly runs: readonly (Position & { readonly content: Content })[];
    /** Looks of the same profile that cover the host, whatever their status, in order. */
    readonly looks: readonly Position[];
  },
  { absent, isSame }: { absent: Content; isSame: (a: Content, b: Content) => boolean },
): { readonly atLook: boolean; readonly after?: { readonly place: Position; readonly content: Content } } {
  const before = existing.runs.filter((run) => isBefore(run, look)).at(-1);
  const holding = before === undefined ? absent : before.content;
  if (isSame(holding, look.content)) return { atLook: false };
  const next = existing.looks.find((later) => isBefore(look, later));
  const isStated =
    next !== undefined && existing.runs.some((run) => !isBefore(run, next) && !isBefore(next, run));
  return next === undefined || isStated
    ? { atLook: true }
    : { atLook: true, after: { place: next, content: holding } };
}

function isBefore(a: Position, b: Position): boolean {
  return a.at < b.at || (a.at === b.at && a.digest < b.digest);
}

/** Changes of one host by the scan that decided them, in the order of the scans. */
export function byScan(changes: readonly ScanChange[]): Map<ScanId, Change[]> {
  const groups = new Map<ScanId, Change[]>();
  for (const change of changes) {
    const group = groups.get(change.scan);
    if (group === undefined) groups.set(change.scan, [change]);
    else group.push(change);
  }
  return groups;
}
