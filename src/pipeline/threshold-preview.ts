import { absentContent } from '../core/content.ts';
import type { PreviewRequest } from '../core/decisions.ts';
import { NotFound } from '../core/errors.ts';
import { defaultThresholds } from '../core/fold.ts';
import { liveEntries } from '../core/live-entries.ts';
import type { Instant } from '../core/observation.ts';
import { type HostHistory, refold } from '../core/refold.ts';
import {
  type ChangeCounts,
  countChanges,
  type Flaps,
  flapsOf,
  suggestThresholds,
  type ThresholdPreview,
} from '../core/threshold-preview.ts';
import { firstBase } from '../core/timeline.ts';
import { limits } from '../limits.ts';
import { fetchHistories, fetchKnownAddresses, fetchTimeline } from '../store/host-reads.ts';
import { checkedThresholds } from '../store/scanner-settings.ts';
import { findScanner } from '../store/scanners.ts';
import type { Database } from '../store/session.ts';
import { decodeRuns, openHistories } from './intake-late.ts';

/**
 * Replays a scanner's history with other thresholds and counts what would have been reported instead of what was.
 * Nothing is written. Throws NotFound, BadInput.
 */
export function previewThresholds(database: Database, request: PreviewRequest): Promise<ThresholdPreview> {
  const { scannerId, since } = request;
  const wanted = checkedThresholds(request.thresholds);
  return database.transaction(async (session) => {
    const scanner = await findScanner(session, scannerId);
    if (scanner === undefined) throw new NotFound(`There is no scanner ${scannerId}`);
    const owner = { addressSpaceId: scanner.addressSpaceId, scannerId };
    const histories = openHistories(await fetchTimeline(session, scannerId), new Map());
    const addresses = await fetchKnownAddresses(session, owner, { kind: 'all' });
    const tally = newTally();
    for (let from = 0; from < addresses.length; from += limits.refoldBatchMax) {
      const batch = await fetchHistories(session, owner, addresses.slice(from, from + limits.refoldBatchMax));
      for (const row of batch) {
        const looks = histories.looksAt(row.address).filter(({ applied }) => applied);
        const { profiles } = histories;
        const history = { looks, runs: decodeRuns(row), profiles, absent: absentContent, base: row.base };
        // What a pruned host had until then is not folded again, whatever the log keeps of it.
        const kept = liveEntries(row.entries).map(({ change }) => change);
        const reported = kept.filter(({ at }) => at > (row.base ?? firstBase).at);
        add(tally.reported, countChanges(reported, since));
        const next = refold(history, { ...scanner.thresholds, ...wanted }).changes;
        add(tally.wouldReport, countChanges(next, since));
        addFlaps(tally.flaps, history, since);
      }
    }
    return {
      hosts: addresses.length,
      reported: tally.reported,
      wouldReport: tally.wouldReport,
      suggestion: suggestThresholds(scanner.thresholds, tally.flaps),
    };
  });
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function newTally() {
  return {
    reported: countChanges([], 0) as Mutable<ChangeCounts>,
    wouldReport: countChanges([], 0) as Mutable<ChangeCounts>,
    flaps: { closed: [], opened: [], gone: [], back: [] } as { [Key in keyof Flaps]: number[] },
  };
}

function add(total: Mutable<ChangeCounts>, counts: ChangeCounts): void {
  for (const kind of Object.keys(counts) as (keyof ChangeCounts)[]) total[kind] += counts[kind];
}

/** What flapped is seen best without any threshold. */
function addFlaps(total: { [Key in keyof Flaps]: number[] }, history: HostHistory, since: Instant): void {
  const { changes } = refold(history, defaultThresholds);
  const times = history.looks.map(({ at }) => at);
  const flaps = flapsOf(
    changes.filter(({ at }) => at >= since),
    times,
  );
  for (const kind of Object.keys(flaps) as (keyof Flaps)[]) total[kind].push(...flaps[kind]);
}
