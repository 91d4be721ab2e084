import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { BadInput, ReportRejected } from '../core/errors.ts';
import { whyHeld } from '../core/guard.ts';
import type { Scan, Scanner } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import type { ScanId } from '../core/state.ts';
import { limits } from '../limits.ts';
import { findPlace } from '../store/host-reads.ts';
import { isConflict } from '../store/refusals.ts';
import { findScanByDigest, insertScan, type NewScan, nextScanId } from '../store/scan-writes.ts';
import { lockScanner } from '../store/scanners.ts';
import type { Database, Session } from '../store/session.ts';
import { wake } from '../store/wakeups.ts';
import { driftAfterScan } from './drift.ts';
import { appendEvents, noticeFindings } from './findings.ts';
import type { Assumptions, IntakeRequest, IntakeResult, IntakeStore } from './intake-messages.ts';
import { openIntakeStore } from './intake-store.ts';
import { receiptOf } from './receipt.ts';
import { digestOfNext, type Recognition, recogniseRun, saysTime } from './recognition.ts';
import { guessEnd, type UnpackedFile, unpackFile } from './unpacked.ts';

/** One report to be taken in, in one file or in several parts. */
export interface IngestRequest {
  readonly scannerId: number;
  /** Report files, packed or not; several are the parts of one scan. */
  readonly paths: readonly string[];
  /** Where unpacked copies may stand: a path that nothing else uses. */
  readonly spool: string;
  readonly format?: string;
  /** Covered addresses and ports, where the report does not say so. */
  readonly addresses?: readonly string[];
  readonly ports?: string;
  readonly observedAt?: Instant;
  readonly receivedAt: Instant;
}

export interface IngestResult {
  readonly scan: Scan;
  /** The same report was taken in before; this is its first receipt. */
  readonly repeated: boolean;
  /** What whoever sent it again should know. */
  readonly note?: string;
}

/** Reads a report with its records, here or in a worker thread. */
export type Reading = (request: IntakeRequest, store: IntakeStore, bytes: number) => Promise<IntakeResult>;

/**
 * Takes in one report in one transaction: entirely or not at all. A file with several runs (`--append-output`)
 * is several scans, in the order of the file; in a report of several parts, every run is one more part.
 * Throws ReportRejected, BadInput, NotFound.
 */
export async function ingestReport(
  database: Database,
  request: IngestRequest,
  reading: Reading,
): Promise<readonly IngestResult[]> {
  const files: UnpackedFile[] = [];
  try {
    for (const [index, path] of request.paths.entries()) {
      files.push(await unpackFile(path, `${request.spool}.${index}`));
    }
    return await transactionOf(database, (session) => ingestRuns(session, { request, files, reading }));
  } finally {
    for (const file of files) await file.release();
  }
}

interface Job {
  readonly request: IngestRequest;
  readonly files: readonly UnpackedFile[];
  readonly reading: Reading;
}

/** Once more where two writers waited for each other and the database chose one of them to give up. */
async function transactionOf<T>(database: Database, work: (session: Session) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database.transaction(work);
    } catch (error) {
      if (!isConflict(error) || attempt === limits.conflictAttemptsMax) throw error;
    }
  }
}

async function ingestRuns(session: Session, job: Job): Promise<IngestResult[]> {
  const results: IngestResult[] = [];
  for (let run = 0; ; run += 1) {
    const { result, more } = await ingestRun(session, job, run);
    results.push(result);
    if (!more) return results;
  }
}

interface Outcome {
  readonly result: IngestResult;
  readonly more: boolean;
}

/** Thrown to undo an attempt that assumed the wrong thing about the report. */
class WrongAssumption extends Error {
  override readonly name = 'WrongAssumption';
  readonly assumptions: Assumptions;
  readonly scan: ScanId;

  constructor(assumptions: Assumptions, scan: ScanId) {
    super('the report turned out otherwise');
    this.assumptions = assumptions;
    this.scan = scan;
  }
}

type Known = Extract<Recognition, { readonly first: Scan }>;

/** Thrown to undo an attempt that turned out to read a report that was taken in before, with another time. */
class Repetition extends Error {
  override readonly name = 'Repetition';
  readonly known: Known;

  constructor(known: Known) {
    super('the report was taken in before');
    this.known = known;
  }
}

async function ingestRun(session: Session, job: Job, run: number): Promise<Outcome> {
  let assumptions = await firstAssumptions(job);
  let scan: ScanId | undefined;
  for (let attempt = 0; attempt < limits.ingestAttemptsMax; attempt += 1) {
    try {
      return await session.transaction((inner) => ingestIn(inner, { ...job, run, assumptions, scan }));
    } catch (error) {
      if (error instanceof Repetition) return repeat(session, error.known, run);
      if (!(error instanceof WrongAssumption)) throw error;
      assumptions = error.assumptions;
      scan = error.scan;
    }
  }
  throw new Error('a report never turned out as assumed');
}

async function firstAssumptions({ request, files }: Job): Promise<Assumptions> {
  const { observedAt, receivedAt } = request;
  const [file] = files;
  const gather = files.length > 1;
  const { complete, endedAt } =
    file === undefined ? { complete: true, endedAt: undefined } : await guessEnd(file);
  const skipKnown = complete && !file?.isTruncated && (endedAt !== undefined || observedAt !== undefined);
  const guess = { complete, gather, skipKnown, hold: false };
  if (observedAt !== undefined) return { ...guess, at: observedAt, timeOrigin: 'upload' };
  if (endedAt !== undefined) return { ...guess, at: endedAt, timeOrigin: 'scan_end' };
  return { ...guess, at: receivedAt, timeOrigin: 'receipt' };
}

interface Attempt extends Job {
  readonly run: number;
  readonly assumptions: Assumptions;
  /** The number that an earlier attempt drew for the scan. */
  readonly scan: ScanId | undefined;
}

async function ingestIn(session: Session, attempt: Attempt): Promise<Outcome> {
  const { request, assumptions, files, run } = attempt;
  const started = performance.now();
  refuseFuture(assumptions, request.receivedAt);
  const scanner = await lockScanner(session, request.scannerId);
  refuseRetired(scanner);
  const { isNewest } = await findPlace(session, scanner.id, assumptions);
  const isTimed = isNewest && files.length === 1 && assumptions.timeOrigin === 'scan_end';
  const recognise = (digests: readonly string[]) => recogniseRun(session, request, { digests, run });
  const recognition = isTimed ? undefined : await recognise(await digestsOf(files));
  if (recognition?.first !== undefined) return repeat(session, recognition, run);

  const owner = { addressSpaceId: scanner.addressSpaceId, scannerId: scanner.id };
  const scan = attempt.scan ?? (await nextScanId(session));
  const store = openIntakeStore(session, owner, { late: !isNewest });
  const intake = intakeRequest(attempt, { scanner, scan, digest: recognition?.digest, late: !isNewest });
  const result = await attempt.reading(intake, store, bytesOf(files));
  if (result.kind === 'again') throw new WrongAssumption(result.assumptions, scan);

  const { summary } = result;
  const held = assumptions.hold ? assumptions.heldReason : undefined;
  const reason = whyHeld(summary.effect, scanner.guardShare);
  if (!assumptions.hold && summary.complete && reason !== undefined) {
    throw new WrongAssumption({ ...assumptions, hold: true, heldReason: reason }, scan);
  }
  // The digest of a report that says its time is known only when it was read.
  const recognised = recognition ?? (await recognise(summary.sha256s));
  if (recognised.first !== undefined) throw new Repetition(recognised);
  const stored: NewScan = {
    ...owner,
    id: scan,
    digest: saysTime(summary) ? recognised.timed : recognised.digest,
    status: assumptions.hold ? 'held' : 'applied',
    at: assumptions.at,
    receivedAt: request.receivedAt,
    complete: summary.complete,
    receipt: receiptOf(summary, assumptions.timeOrigin, Math.round(performance.now() - started), held),
    looks: summary.looks,
  };
  await store.flushLog(); // The log is locked before rows that others may insert as well: always in this order.
  const { bogusPorts } = scanner;
  const told = await noticeFindings(session, stored, { bogusPorts, newlyOpened: summary.newlyOpened });
  await insertScan(session, told);
  if (told.status === 'applied')
    await driftAfterScan(session, {
      scan: { ...told, isNewest, touched: store.touched },
      scanner,
      now: request.receivedAt,
    });
  await appendEvents(session, told);
  await wake(session);
  return { result: { scan: scanOf(told), repeated: false }, more: summary.more };
}

/** A file with several runs is repeated run by run. */
async function repeat(session: Session, { first, note }: Known, run: number): Promise<Outcome> {
  const following = await findScanByDigest(session, first.scannerId, digestOfNext(first, run));
  const told = note === undefined ? {} : { note };
  return { result: { scan: first, repeated: true, ...told }, more: following !== undefined };
}

function scanOf({ looks: _, ...scan }: NewScan): Scan {
  return scan;
}

function refuseFuture({ at, timeOrigin }: Assumptions, now: Instant): void {
  if (at <= now + limits.clockSkewMs) return;
  const time = `${new Date(at).toISOString()}, which is in the future.`;
  throw new ReportRejected(
    'FUTURE',
    timeOrigin === 'upload'
      ? `The upload says that the scan was observed at ${time} Give the time at which it was.`
      : `The report says that the scan ended at ${time} ` +
          'Correct the clock of the scanner, or give the observation time with the upload.',
  );
}

function refuseRetired({ name, retiredAt }: Scanner): void {
  if (retiredAt !== undefined)
    throw new BadInput(`The scanner "${name}" is retired and takes no reports.`, 'scanner');
}

function intakeRequest(
  { request, files, run, assumptions }: Attempt,
  {
    scanner,
    scan,
    digest,
    late,
  }: { scanner: Scanner; scan: number; digest: string | undefined; late: boolean },
): IntakeRequest {
  const { format, addresses, ports, observedAt, receivedAt } = request;
  return {
    paths: files.map(({ path }) => path),
    ...(format === undefined ? {} : { format }),
    run,
    assumptions,
    truncated: files.some(({ isTruncated }) => isTruncated),
    upload: { ...(addresses === undefined ? {} : { addresses }), ...(ports === undefined ? {} : { ports }) },
    scannerDefault: {
      ...(scanner.defaultAddresses === undefined ? {} : { addresses: scanner.defaultAddresses }),
      ...(scanner.defaultPorts === undefined ? {} : { ports: scanner.defaultPorts }),
    },
    owner: { addressSpaceId: scanner.addressSpaceId, scannerId: scanner.id },
    scan,
    ...(digest === undefined ? {} : { digest }),
    thresholds: scanner.thresholds,
    ...(observedAt === undefined ? {} : { observedAt }),
    receivedAt,
    late,
  };
}

function bytesOf(files: readonly UnpackedFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

async function digestsOf(files: readonly UnpackedFile[]): Promise<string[]> {
  const digests: string[] = [];
  for (const { path } of files) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
    digests.push(hash.digest('hex'));
  }
  return digests;
}
