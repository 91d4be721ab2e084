import { type Address, positionOf } from '../core/address.ts';
import { type AddressSet, readAddressSet } from '../core/address-set.ts';
import { absentContent, decodeContent, type HostContent } from '../core/content.ts';
import { readPortSet } from '../core/endpoint.ts';
import type { Thresholds } from '../core/fold.ts';
import { contains } from '../core/intervals.ts';
import { liveEntries } from '../core/live-entries.ts';
import type { RetractionReason } from '../core/model.ts';
import { byScan, correctLog, type HistoryRun, type LiveEntry, refold, runsToInsert } from '../core/refold.ts';
import type { Profile } from '../core/scope.ts';
import { encodeState } from '../core/state.ts';
import { type Base, comparePositions, firstBase, type Position, type ScanChange } from '../core/timeline.ts';

import { digestOf, type FoldingContext, type Item } from './intake-item.ts';
import type { HistoryRow, IntakeRequest, ProfileRow, StoredEntry, Timeline } from './intake-messages.ts';
import { headOf, isKept } from './intake-newest.ts';
import type { Retraction, RowCollector } from './intake-rows.ts';
import { type Tally, tallyChanges, tallyOwn } from './intake-tally.ts';

/** A scanner's timeline, ready to say which scans covered a host. */
export interface Histories {
  readonly profiles: ReadonlyMap<number, Profile>;
  /** Looks that cover the address, in order. */
  looksAt(address: Address): readonly TimelineLook[];
}

export interface TimelineLook extends Position {
  readonly scan: number;
  readonly profile: number;
  readonly applied: boolean;
}

/** Reads a timeline. `extra` are profiles that no stored scan has yet. */
export function openHistories(timeline: Timeline, extra: ReadonlyMap<number, Profile>): Histories {
  const profiles = new Map(extra);
  for (const row of timeline.profiles) profiles.set(row.id, profileOfRow(row));
  const sets = new Map<number, AddressSet>();
  for (const { id, ranges } of timeline.addressSets) {
    const reading = readAddressSet(ranges === '' ? [] : ranges.split(','));
    sets.set(id, reading.ok ? reading.addresses : []);
  }
  const looks = [...timeline.looks].sort(comparePositions);
  return {
    profiles,
    looksAt(address) {
      const position = positionOf(address);
      const covering = new Map<number, boolean>();
      return looks.filter(({ addressSet }) => {
        let covers = covering.get(addressSet);
        if (covers === undefined) {
          covers = contains(sets.get(addressSet) ?? [], position);
          covering.set(addressSet, covers);
        }
        return covers;
      });
    },
  };
}

function profileOfRow({ ports, ...row }: ProfileRow): Profile {
  const reading = ports === '' ? undefined : readPortSet(ports);
  return { ...row, ports: reading?.ok ? reading.ports : [] };
}

/** Folds the hosts of a scan that came after later ones of its scanner: their histories, once more. */
export async function foldLate(
  items: readonly Item[],
  context: FoldingContext,
  histories: Histories,
): Promise<void> {
  const { request, store, tally, rows } = context;
  const stored = await store.histories(items.map(({ address }) => address));
  const byAddress = new Map(stored.map((row) => [row.address, row]));
  for (const item of items) {
    const row = byAddress.get(item.address) ?? { address: item.address, runs: [], entries: [] };
    if (item.text !== '' && item.known?.digest === item.digest) tally.hostsUnchanged += 1;
    if (row.base !== undefined && request.assumptions.at <= row.base.at) {
      tally.hostsSettled += 1;
      continue;
    }
    const corrected = addLook(item, row, { request, rows, histories });
    if (request.assumptions.hold) {
      if (corrected.length > 0) rows.head(headAfter(item, corrected), item.known?.digest === undefined);
      continue;
    }
    const looks = withOwn(histories.looksAt(item.address), item, request);
    const { kept, changes } = refoldHost(
      { ...row, runs: corrected },
      { looks, histories, thresholds: request.thresholds, rows, tally, reason: 'late_scan' },
    );
    tallyOwn(
      tally,
      changes.filter(({ scan }) => scan === request.scan),
    );
    if (!kept && corrected.length === 0) continue;
    rows.unsettle(item.address);
    rows.head(headAfter(item, corrected), item.known?.digest === undefined);
  }
}

/** The scan's own place among the applied looks at a host. */
function withOwn(looks: readonly TimelineLook[], item: Item, request: IntakeRequest): TimelineLook[] {
  const own = { ...positionOfScan(request), scan: request.scan, profile: item.profileId, applied: true };
  return [...looks.filter(({ applied }) => applied), own].sort(comparePositions);
}

function positionOfScan({ assumptions, digest = '' }: IntakeRequest): Position {
  return { at: assumptions.at, digest };
}

type DecodedRun = HistoryRun & { readonly text: string };

/** Stores what the look says where it is new, and gives all runs of the host as they then are. */
function addLook(
  item: Item,
  row: HistoryRow,
  { request, rows, histories }: { request: IntakeRequest; rows: RowCollector; histories: Histories },
): readonly DecodedRun[] {
  const runs = decodeRuns(row);
  const own = runs.filter(({ profile }) => profile === item.profileId);
  const looks = histories.looksAt(item.address).filter(({ profile }) => profile === item.profileId);
  const place = positionOfScan(request);
  const { atLook, after } = runsToInsert(
    { ...place, profile: item.profileId, content: item.text },
    { runs: own.map((run) => ({ ...run, content: run.text })), looks },
    { absent: '', isSame: (a, b) => a === b },
  );
  const added: DecodedRun[] = [];
  const insert = (at: Position, scan: number, text: string, from: Partial<Item>) => {
    const { observedAt, reason } = from;
    rows.run({
      address: item.address,
      profileId: item.profileId,
      scan,
      at: at.at,
      observedAt,
      reason,
      content: text,
    });
    const content = decodeText(text);
    added.push({
      ...at,
      scan,
      profile: item.profileId,
      text,
      content,
      ...(observedAt === undefined ? {} : { observedAt }),
    });
  };
  if (atLook) insert(place, request.scan, item.text, item);
  if (after !== undefined) {
    const next = looks.find((look) => comparePositions(look, after.place) === 0);
    if (next !== undefined) insert(after.place, next.scan, after.content, {});
  }
  return [...runs, ...added].sort(comparePositions);
}

/** The runs of a host, in order. */
export function decodeRuns({ runs }: HistoryRow): DecodedRun[] {
  return runs
    .map(({ profile, scan, at, digest, observedAt, content }) => ({
      profile,
      scan,
      at,
      digest,
      text: content,
      content: decodeText(content),
      ...(observedAt === null ? {} : { observedAt }),
    }))
    .sort(comparePositions);
}

function decodeText(text: string): HostContent | undefined {
  return text === '' ? undefined : decodeContent(text);
}

/** Folds a host's whole history, and corrects its state and its log where they differ. */
export function refoldHost(
  row: {
    readonly address: Address;
    readonly runs: readonly HistoryRun[];
    readonly entries: readonly StoredEntry[];
    readonly base?: Base;
  },
  context: {
    readonly looks: readonly TimelineLook[];
    readonly histories: Histories;
    readonly thresholds: Thresholds;
    readonly rows: RowCollector;
    readonly tally: Tally;
    readonly reason: RetractionReason;
  },
): { kept: boolean; changes: readonly ScanChange[] } {
  const { looks, histories, thresholds, rows, tally, reason } = context;
  const { profiles } = histories;
  const { runs, base = firstBase } = row;
  const { state, changes } = refold({ looks, runs, profiles, absent: absentContent, base }, thresholds);
  const live = liveEntries(row.entries).filter(({ change }) => change.at > base.at);
  const { retract, append } = correctLog(live, changes);
  const kept = isKept(state);
  if (kept) rows.state(row.address, { state, text: encodeState(state) }, false);
  else rows.dropState(row.address);
  rows.retractions(row.address, retractionsOf(retract, reason));
  for (const [scan, own] of byScan(append)) rows.changes({ address: row.address, scan }, own);
  tally.retractions += retract.length;
  tallyChanges(tally, append);
  return { kept, changes };
}

function retractionsOf(entries: readonly LiveEntry[], reason: RetractionReason): Retraction[] {
  const bySequence = new Map<number, LiveEntry[]>();
  for (const entry of entries) {
    const same = bySequence.get(entry.sequence);
    if (same === undefined) bySequence.set(entry.sequence, [entry]);
    else same.push(entry);
  }
  return Array.from(bySequence, ([sequence, own]) => ({
    sequence,
    scan: own[0]?.change.scan ?? 0,
    changes: own.map(({ change }) => change),
    reason,
  }));
}

/** The head says what the newest run says, which need not be the late one. */
function headAfter(item: Item, runs: readonly DecodedRun[]) {
  const last = runs.filter(({ profile }) => profile === item.profileId).at(-1);
  if (last === undefined || last.text === item.text) return headOf(item, true);
  const content = last.content ?? absentContent(item.profile);
  return { ...headOf({ ...item, content }, true), digest: digestOf(last.text), recordDigest: '' };
}
