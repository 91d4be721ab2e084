import { addressesOfFilter } from '../core/address-filter.ts';
import { absentContent } from '../core/content.ts';
import type { PruneCounts, PruneRequest } from '../core/decisions.ts';
import { BadInput } from '../core/errors.ts';
import type { LogRow } from '../core/live-entries.ts';
import type { Instant } from '../core/observation.ts';
import { rowsToPrune, runsToPrune, scansNamedBy } from '../core/prune.ts';
import { refold } from '../core/refold.ts';
import type { Base } from '../core/timeline.ts';
import { limits } from '../limits.ts';
import { deleteBasesBefore, writeBases } from '../store/host-bases.ts';
import {
  fetchHistories,
  fetchKnownAddresses,
  fetchTimeline,
  type HostSelection,
} from '../store/host-reads.ts';
import type { RowOwner } from '../store/host-rows.ts';
import {
  deleteLogRows,
  deleteRuns,
  deleteScans,
  latestScanUpTo,
  raiseLogFloor,
} from '../store/prune-writes.ts';
import { lockLog } from '../store/scan-writes.ts';
import { allScanners, lockScanner } from '../store/scanners.ts';
import type { Database, Session } from '../store/session.ts';
import { driftAfterDecision } from './drift.ts';
import { decodeRuns, type Histories, openHistories } from './intake-late.ts';
import { rangesOf } from './intake-scope.ts';

const nothing: PruneCounts = { hosts: 0, logRows: 0, runs: 0, scans: 0 };

/** Undoes a transaction that only wanted to know what would happen. */
class DryRun extends Error {
  readonly counts: PruneCounts;

  constructor(counts: PruneCounts) {
    super('a dry run ends without a trace');
    this.counts = counts;
  }
}

/**
 * Takes history away: what is settled, and the last change of everything that still exists, stays. Scanner by scanner
 * and a few hosts at a time, so that reports are taken in meanwhile. Throws BadInput.
 */
export async function prune(database: Database, request: PruneRequest, now: Instant): Promise<PruneCounts> {
  const { before = now } = request;
  if (before > now) throw new BadInput('"before" is in the future: choose a past moment', 'before');
  const selection = selectionOf(request);
  let counts = nothing;
  for (const { id } of await scannersOf(database, request)) {
    if (request.dryRun) counts = sum(counts, await rehearse(database, { id, before, selection }));
    else {
      counts = sum(counts, await pruneScanner(database, { id, before, selection }));
      await database.transaction(async (session) => {
        const scanner = await lockScanner(session, id);
        const within = addressesOfFilter(request);
        await driftAfterDecision(session, { scanner, within, cause: 'policy_change', now });
      });
    }
  }
  return counts;
}

function selectionOf(request: PruneRequest): HostSelection {
  const addresses = addressesOfFilter(request);
  return addresses === undefined ? { kind: 'all' } : { kind: 'ranges', ranges: rangesOf(addresses) };
}

async function scannersOf(session: Session, request: PruneRequest) {
  const { addressSpaceIds, scannerIds, scannerGroupIds } = request;
  return (await allScanners(session)).filter(
    ({ id, groupId, addressSpaceId }) =>
      (scannerIds?.includes(id) ?? true) &&
      (scannerGroupIds?.includes(groupId) ?? true) &&
      (addressSpaceIds?.includes(addressSpaceId) ?? true),
  );
}

interface Job {
  readonly id: number;
  readonly before: Instant;
  readonly selection: HostSelection;
}

async function rehearse(database: Database, job: Job): Promise<PruneCounts> {
  try {
    return await database.transaction(async (session) => {
      throw new DryRun(await pruneScanner(session, job));
    });
  } catch (error) {
    if (error instanceof DryRun) return error.counts;
    throw error;
  }
}

async function pruneScanner(session: Session, { id, before, selection }: Job): Promise<PruneCounts> {
  const cut = await latestScanUpTo(session, id, before);
  if (cut === undefined) return nothing;
  let counts = nothing;
  const named = new Set<number>();
  const scanner = await session.transaction((inner) => lockScanner(inner, id));
  const owner = { addressSpaceId: scanner.addressSpaceId, scannerId: id };
  const addresses = await fetchKnownAddresses(session, owner, selection);
  for (let from = 0; from < addresses.length; from += limits.pruneBatchMax) {
    const batch = addresses.slice(from, from + limits.pruneBatchMax);
    const pruned = await session.transaction((inner) => pruneHosts(inner, { owner, batch, cut, named }));
    counts = sum(counts, pruned);
  }
  if (selection.kind !== 'all') return counts;
  const { scans } = await session.transaction(async (inner) => {
    await lockScanner(inner, id);
    return deleteScans(inner, owner, { cut, named: [...named] });
  });
  return sum(counts, { ...nothing, scans });
}

interface Batch {
  readonly owner: RowOwner;
  readonly batch: readonly string[];
  readonly cut: Instant;
  /** Collects the scans that states name. */
  readonly named: Set<number>;
}

async function pruneHosts(session: Session, { owner, batch, cut, named }: Batch): Promise<PruneCounts> {
  const { thresholds } = await lockScanner(session, owner.scannerId);
  const histories = openHistories(await fetchTimeline(session, owner.scannerId), new Map());
  const bases: { address: string; base: Base }[] = [];
  const rows: { address: string; sequence: number }[] = [];
  const runs: { address: string; profile: number; scan: number }[] = [];
  for (const history of await fetchHistories(session, owner, batch)) {
    const { address, entries } = history;
    const all = decodeRuns(history);
    const base = baseAt(
      cut,
      { address, runs: all, ...(history.base ? { base: history.base } : {}) },
      histories,
      thresholds,
    );
    for (const scan of scansNamedBy(base.state)) named.add(scan);
    if (history.base !== undefined && history.base.at >= cut) continue;
    bases.push({ address, base });
    runs.push(...runsToPrune(all, cut).map(({ profile, scan }) => ({ address, profile, scan })));
    const old: readonly LogRow[] = rowsToPrune(entries, { cut, state: base.state });
    rows.push(...old.map(({ sequence }) => ({ address, sequence })));
  }
  await deleteRuns(session, owner, runs);
  await writeBases(session, owner, { reason: 'pruned', bases });
  await deleteBasesBefore(session, owner, { addresses: bases.map(({ address }) => address), at: cut });
  await lockLog(session);
  await deleteLogRows(session, owner, rows);
  await raiseLogFloor(session, Math.max(0, ...rows.map(({ sequence }) => sequence)));
  return { hosts: bases.length, logRows: rows.length, runs: runs.length, scans: 0 };
}

/** What the looks up to the cut come to. */
function baseAt(
  cut: Instant,
  host: { address: string; runs: ReturnType<typeof decodeRuns>; base?: Base },
  histories: Histories,
  thresholds: Parameters<typeof refold>[1],
): Base {
  const { base, runs } = host;
  if (base !== undefined && base.at >= cut) return base;
  const looks = histories.looksAt(host.address).filter(({ applied, at }) => applied && at <= cut);
  const { profiles } = histories;
  const { state, before } = refold({ looks, runs, profiles, absent: absentContent, base }, thresholds);
  return { at: cut, state, before };
}

function sum(a: PruneCounts, b: PruneCounts): PruneCounts {
  return {
    hosts: a.hosts + b.hosts,
    logRows: a.logRows + b.logRows,
    runs: a.runs + b.runs,
    scans: a.scans + b.scans,
  };
}
