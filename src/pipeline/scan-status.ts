import { readAddressSet } from '../core/address-set.ts';
import type { RefoldCounts, ScanAction, ScanDecision } from '../core/decisions.ts';
import { BadInput, NotFound } from '../core/errors.ts';
import type { RetractionReason, Scan, ScanEvent, ScanStatus } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import { collapseFindings, collapseRetractions } from '../store/findings.ts';
import { prunedUntil } from '../store/host-bases.ts';
import { appendScanEvent, fetchScanRanges, lockLog, setScanStatus } from '../store/scan-writes.ts';
import { lockScanner } from '../store/scanners.ts';
import { findScans } from '../store/scans.ts';
import type { Database, Session } from '../store/session.ts';
import { driftAfterScan } from './drift.ts';
import { rangesOf } from './intake-scope.ts';
import { refoldHosts } from './refold-hosts.ts';

interface Step {
  readonly from: readonly ScanStatus[];
  readonly to: ScanStatus;
  /** What is done to it, as a participle. */
  readonly done: string;
  readonly event: ScanEvent['kind'];
  readonly reason: RetractionReason;
  readonly remedy: string;
}

const steps: Readonly<Record<ScanAction, Step>> = {
  release: {
    from: ['held'],
    to: 'applied',
    done: 'released',
    event: 'scan_released',
    reason: 'scan_released',
    remedy: 'only a held scan can be released, a discarded one can be restored',
  },
  discard: {
    from: ['applied', 'held'],
    to: 'discarded',
    done: 'discarded again',
    event: 'scan_discarded',
    reason: 'scan_discarded',
    remedy: 'once is enough',
  },
  restore: {
    from: ['discarded'],
    to: 'applied',
    done: 'restored',
    event: 'scan_restored',
    reason: 'scan_restored',
    remedy: 'only a discarded scan can be restored, a held one can be released',
  },
};

/**
 * Lets a scan count, or no longer count, and folds the hosts it looked at again: the state and the log are
 * then what they would be had the scan (never) been taken in. Throws NotFound, BadInput.
 */
export function decideScan(
  database: Database,
  id: number,
  { action, now }: { action: ScanAction; now: Instant },
): Promise<ScanDecision> {
  const { from, to, done, event, reason, remedy } = steps[action];
  return database.transaction(async (session) => {
    const scan = await lockScan(session, id);
    if (!from.includes(scan.status)) {
      throw new BadInput(`Scan ${id} is ${scan.status} and cannot be ${done}: ${remedy}`, 'scan');
    }
    await refusePrunedScan(session, scan);
    await setScanStatus(session, id, to);
    const counts =
      scan.status === 'held' && to === 'discarded'
        ? noneRefolded
        : await refold(session, scan, { reason, now });
    await lockLog(session);
    await collapseRetractions(session, id);
    await appendScanEvent(session, { scan: id, kind: event, at: now });
    await driftAfterStatus(session, scan, now);
    return { scan: { ...scan, status: to }, counts };
  });
}

/** What a pruned scan brought is settled for good. */
async function refusePrunedScan(session: Session, { id, scannerId, at }: Scan): Promise<void> {
  const until = await prunedUntil(session, { scannerIds: [scannerId], addresses: undefined });
  if (until === undefined || at > until) return;
  const said = `Scan ${id} is older than the history that is kept (from ${new Date(until).toISOString()} on)`;
  throw new BadInput(`${said}: what it brought is settled`, 'scan');
}

/** Drift follows what counts. */
async function driftAfterStatus(session: Session, scan: Scan, now: Instant): Promise<void> {
  const scanner = await lockScanner(session, scan.scannerId);
  const touching = { ...scan, isNewest: false, touched: new Set<string>() };
  await driftAfterScan(session, { scan: touching, scanner, now });
}

const noneRefolded: RefoldCounts = { hosts: 0, retractions: 0, changes: 0 };

/** The scan, once nobody else decides about its scanner. */
async function lockScan(session: Session, id: number): Promise<Scan> {
  const [found] = await findScans(session, [id]);
  if (found === undefined) throw new NotFound(`There is no scan ${id}: "scans" lists those there are`);
  await lockScanner(session, found.scannerId);
  const [locked] = await findScans(session, [id]);
  return locked ?? found;
}

async function refold(
  session: Session,
  scan: Scan,
  { reason, now }: { reason: RetractionReason; now: Instant },
): Promise<RefoldCounts> {
  const { thresholds, bogusPorts } = await lockScanner(session, scan.scannerId);
  const texts = await fetchScanRanges(session, scan.id);
  const reading = readAddressSet(texts);
  const ranges = reading.ok ? rangesOf(reading.addresses) : [];
  const counts = await refoldHosts(session, scan, {
    thresholds,
    selection: { kind: 'ranges', ranges },
    reason,
    now,
  });
  await collapseFindings(session, { scan: scan.id, bogusPorts });
  return counts;
}
