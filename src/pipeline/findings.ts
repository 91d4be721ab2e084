import type { Receipt, Scan } from '../core/model.ts';
import { bogusAddressesMin, clockSkewOf, describeFinding } from '../core/scan-event.ts';
import { collapseFindings } from '../store/findings.ts';
import { appendScanEvent, type NewScan } from '../store/scan-writes.ts';
import type { Session } from '../store/session.ts';

/** Joins what a scan should not tell one by one, and says so in its receipt; as well that its clock is fast. */
export async function noticeFindings(
  session: Session,
  scan: NewScan,
  { bogusPorts, newlyOpened }: { bogusPorts: number; newlyOpened: number },
): Promise<NewScan> {
  // A look at the count spares the database in all ordinary cases.
  const mayBeBogus = newlyOpened > Math.min(bogusPorts, bogusAddressesMin);
  const findings = mayBeBogus ? await collapseFindings(session, { scan: scan.id, bogusPorts }) : [];
  const clockSkewMs = clockSkewOf(scan.at, scan.receivedAt);
  const seconds = Math.round((clockSkewMs ?? 0) / 1000);
  const warnings = [
    ...scan.receipt.warnings,
    ...findings.map(describeFinding),
    ...(clockSkewMs === undefined
      ? []
      : [`The scan ended ${seconds} s in the future: the clock of its scanner is fast.`]),
  ];
  const receipt: Receipt = {
    ...scan.receipt,
    warnings,
    ...(findings.length === 0 ? {} : { findings }),
    ...(clockSkewMs === undefined ? {} : { clockSkewMs }),
  };
  return { ...scan, receipt };
}

/** Tells what happened to a scan as it was taken in. The log must be locked. */
export async function appendEvents(
  session: Session,
  { id: scan, status, receivedAt: at, receipt }: Pick<Scan, 'id' | 'status' | 'receivedAt' | 'receipt'>,
): Promise<void> {
  await appendScanEvent(session, { scan, kind: status === 'held' ? 'scan_held' : 'scan_applied', at });
  if (receipt.findings !== undefined) await appendScanEvent(session, { scan, kind: 'bogus_responders', at });
  if (receipt.clockSkewMs !== undefined) await appendScanEvent(session, { scan, kind: 'clock_skewed', at });
}
