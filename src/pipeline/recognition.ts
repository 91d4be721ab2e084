import { createHash } from 'node:crypto';
import { formatAddressSet, readAddressSet } from '../core/address-set.ts';
import { formatPortSet, readPortSet } from '../core/endpoint.ts';
import type { Receipt, Scan } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import { limits } from '../limits.ts';
import { findScanByDigest } from '../store/scan-writes.ts';
import type { Session } from '../store/session.ts';

/** What goes with a report. */
interface Given {
  readonly scannerId: number;
  readonly format?: string;
  readonly addresses?: readonly string[];
  readonly ports?: string;
  readonly observedAt?: Instant;
}

/** Which run of which files. */
export interface RunOfReport {
  /** SHA-256 of each file. */
  readonly digests: readonly string[];
  readonly run: number;
}

/** A run that was taken in before, or the digest under which it is stored. */
export type Recognition =
  | { readonly first: Scan; readonly note: string | undefined }
  | {
      readonly first?: undefined;
      readonly digest: string /** If it says its time. */;
      readonly timed: string;
    };

/**
 * Recognises a run by its scanner and its bytes; where it says no time of itself, it may be seen again, so that the
 * time that was given with it counts too. After it was discarded, other options make it another one.
 */
export async function recogniseRun(
  session: Session,
  given: Given,
  report: RunOfReport,
): Promise<Recognition> {
  const { scannerId, observedAt } = given;
  const bytes = stemOf(report.digests);
  const find = (stem: string) => findScanByDigest(session, scannerId, digestOfRun(stem, report.run));
  const fresh = (anew: string) => ({
    digest: digestOfRun(`${timedStem(bytes, observedAt)}${anew}`, report.run),
    timed: digestOfRun(`${bytes}${anew}`, report.run),
  });
  const before = async (anew: string) => {
    const timed = await find(`${timedStem(bytes, observedAt)}${anew}`);
    if (timed !== undefined || observedAt === undefined) return timed;
    const found = await find(`${bytes}${anew}`);
    return found !== undefined && isOfTime(found, observedAt) ? found : undefined;
  };
  const first = await before('');
  if (first === undefined) return fresh('');
  const others = otherOptions(first, given);
  if (first.status !== 'discarded' || others.length === 0) return { first, note: noteOf(first, others) };
  const anew = `~${digestOfOptions(given)}`;
  const again = await before(anew);
  return again === undefined ? fresh(anew) : { first: again, note: noteOf(again, []) };
}

function timedStem(bytes: string, observedAt: Instant | undefined): string {
  return observedAt === undefined ? bytes : `${bytes}@${observedAt}`;
}

/** Whether a report says when its scan ended or began. */
export function saysTime({ startedAt, endedAt }: Pick<Receipt, 'startedAt' | 'endedAt'>): boolean {
  return startedAt !== undefined || endedAt !== undefined;
}

/** Whether a scan is meant, although a time was given; earlier versions kept all scans under their bytes alone. */
function isOfTime({ at, receipt }: Scan, observedAt: Instant): boolean {
  return saysTime(receipt) || receipt.timeOrigin === 'last_host' || at === observedAt;
}

/** The digest of the run that follows one in its file. */
export function digestOfNext({ digest }: Scan, run: number): string {
  return digestOfRun(digest.split('#')[0] ?? '', run + 1);
}

/** Of the file, or of all parts in any order. */
function stemOf(digests: readonly string[]): string {
  const [only = '', second] = digests;
  if (second === undefined) return only;
  return createHash('sha256')
    .update([...digests].sort().join())
    .digest('hex');
}

function digestOfRun(stem: string, run: number): string {
  return run === 0 ? stem : `${stem}#${run}`;
}

function digestOfOptions({ format, addresses, ports, observedAt }: Given): string {
  return createHash('sha256')
    .update(JSON.stringify([format ?? null, addresses ?? null, ports ?? null, observedAt ?? null]))
    .digest('hex')
    .slice(0, 16);
}

/** What was given otherwise than the first time. */
function otherOptions(
  { at, complete, receipt }: Scan,
  { format, addresses, ports, observedAt }: Given,
): string[] {
  const { addressOrigin, scopeAddresses, portOrigin, scopePorts } = receipt;
  const isOther = {
    addresses:
      (addresses !== undefined) !== (addressOrigin === 'upload') ||
      (addresses !== undefined && complete && !areSame(addresses, scopeAddresses)),
    ports:
      (ports !== undefined) !== (portOrigin === 'upload') ||
      (ports !== undefined && portsText(ports) !== scopePorts),
    time: (observedAt ?? at) !== at || (observedAt !== undefined) !== (receipt.timeOrigin === 'upload'),
    format: format !== undefined && format !== receipt.format,
  };
  return Object.entries(isOther).flatMap(([name, other]) => (other ? [name] : []));
}

function areSame(given: readonly string[], kept: readonly string[]): boolean {
  if (kept.length >= limits.receiptRangesMax) return true; // The rest was cut off.
  const [a, b] = [readAddressSet(given), readAddressSet(kept)];
  return a.ok && b.ok && formatAddressSet(a.addresses).join() === formatAddressSet(b.addresses).join();
}

function portsText(text: string): string | undefined {
  const reading = readPortSet(text);
  return reading.ok ? formatPortSet(reading.ports) : undefined;
}

/** What whoever sends a report again should know; undefined where there is nothing to say. */
function noteOf({ id, status, receipt }: Scan, others: readonly string[]): string | undefined {
  if (status === 'discarded')
    return `It was discarded and does not count; "scan restore ${id}" lets it count again.`;
  if (others.length > 0)
    return (
      `What is given otherwise than the first time is ignored: ${others.join(', ')}. If the first time was wrong, ` +
      `"scan discard ${id}", then send the report again.`
    );
  return receipt.timeOrigin === 'receipt'
    ? 'The report says no time: if this is another look that found the same, give its time with --observed-at.'
    : undefined;
}
