import { stat } from 'node:fs/promises';
import { type Blame, type InboxEvent, type InboxReport, openInbox } from '../pipeline/inbox.ts';
import { bytesOfFile } from '../pipeline/inbox-files.ts';
import { type InboxWatch, watchInbox } from '../pipeline/inbox-watch.ts';
import type { Api } from './api.ts';
import { explain, Failure, ForeignAnswer, RefusedReport, ServerFault, TemporaryFailure } from './failure.ts';
import { readReceipt, receiptLine } from './receipt.ts';
import type { ReceiptRow } from './receipt-row.ts';
import { getNamed } from './scanner-lookup.ts';
import { print, tell } from './terminal.ts';
import { terminalText } from './terminal-text.ts';

/**
 * Takes what is put into the folders of a directory, each with the name of its scanner, through an API. Throws Failure
 * where there is no such directory.
 */
export async function takeInbox(api: Api, directory: string): Promise<InboxWatch> {
  await refuseMissing(directory);
  const inbox = openInbox({
    directory,
    now: () => Date.now(),
    blame,
    take: (report) => take(api, report),
    tell: tellEvent,
  });
  return watchInbox(inbox, { directory, onProblem: tellOnce() });
}

/** A name that was mistyped would be an inbox that nobody fills. */
async function refuseMissing(directory: string): Promise<void> {
  const about = await stat(directory).catch(() => undefined);
  if (about?.isDirectory() === true) return;
  throw new Failure(`There is no directory ${directory}; make it with: mkdir -p ${directory}`);
}

/** What a server or a database that is away, a scanner that is missing or a full disk are to blame for. */
function blame(error: unknown): Blame {
  if (error instanceof ScannerMissing) return 'folder';
  if (error instanceof ServerFault) return 'file';
  if (error instanceof TemporaryFailure || error instanceof ForeignAnswer) return 'everything';
  const isRefused = error instanceof RefusedReport || isNamed(error, 'ReportRejected', 'ReportRefused');
  return isRefused ? 'report' : 'file';
}

function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}

/** The folder has the name of no scanner that takes reports: its files wait until there is one. */
class ScannerMissing extends Failure {}

async function take(api: Api, { scanner: name, path, observedAt }: InboxReport): Promise<object> {
  const scanner = await getNamed(api, 'scanner', name).catch((error: unknown) => {
    const isElsewhere = error instanceof TemporaryFailure || error instanceof ForeignAnswer;
    if (isElsewhere || explain(error).unexpected) throw error;
    throw new ScannerMissing((error as Error).message, { cause: error });
  });
  const time = observedAt === undefined ? {} : { observedAt: new Date(observedAt).toISOString() };
  const { scanIds, repeated, note } = await api.send({ scanner, ...time }, bytesOfFile(path));
  const scans: ReceiptRow[] = [];
  for (const scanId of scanIds) scans.push(await readReceipt(api, scanId));
  return { repeated, ...(note === undefined ? {} : { note }), scans } satisfies Receipts;
}

interface Receipts {
  readonly repeated: boolean;
  readonly note?: string;
  readonly scans: readonly ReceiptRow[];
}

function tellEvent(event: InboxEvent): void {
  const place = event.place === '' ? '' : `${terminalText(event.place)}: `;
  if (event.kind !== 'taken') {
    const then = event.kind === 'failed' ? 'moved to failed/' : 'it stays where it is';
    tell(`${place}${explain(event.error).sentence}${place === '' ? '' : ` (${then})`}`);
    return;
  }
  const { scans, repeated } = event.receipt as Receipts;
  const before = repeated ? 'taken in before as ' : '';
  for (const scan of scans) void print(`${place}${before}${receiptLine(scan)}`);
}

/** Says what is wrong when it begins to be wrong, not again and again. */
function tellOnce(): (error: unknown) => void {
  let last = '';
  return (error) => {
    const { sentence } = explain(error);
    if (sentence !== last) tell(sentence);
    last = sentence;
  };
}
