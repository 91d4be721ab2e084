import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { type InboxEvent, openInbox } from '../pipeline/inbox.ts';
import { type InboxWatch, watchInbox } from '../pipeline/inbox-watch.ts';
import type { Api } from './api.ts';
import { explain, TemporaryFailure } from './failure.ts';
import { readReceipt, receiptLine } from './receipt.ts';
import { getNamed } from './scanner-lookup.ts';
import { print, tell } from './terminal.ts';
import { terminalText } from './terminal-text.ts';

/** Takes what is put into the folders of a directory, each with the name of its scanner, through an API. */
export async function takeInbox(api: Api, directory: string): Promise<InboxWatch> {
  await mkdir(directory, { recursive: true });
  const inbox = openInbox({
    directory,
    now: () => Date.now(),
    isRefusal,
    take: (scanner, path) => take(api, scanner, path),
    tell: (event) => void tellEvent(event),
  });
  return watchInbox(inbox, { directory, onProblem: (error) => tell(explain(error).sentence) });
}

/** A report may be refused; a server that is away, a missing scanner or a full disk are no fault of the report. */
function isRefusal(error: unknown): boolean {
  return !(error instanceof TemporaryFailure) && !(error instanceof NoScanner) && !explain(error).unexpected;
}

/** The folder has the name of no scanner: its files wait until there is one. */
class NoScanner extends Error {
  override readonly name = 'Failure';
}

async function take(api: Api, name: string, path: string): Promise<object> {
  const scanner = await getNamed(api, 'scanner', name).catch((error: unknown) => {
    if (error instanceof TemporaryFailure || explain(error).unexpected) throw error;
    throw new NoScanner((error as Error).message, { cause: error });
  });
  const { scanIds, repeated } = await api.send({ scanner }, createReadStream(path));
  const receipts = [];
  for (const scanId of scanIds) receipts.push(await readReceipt(api, scanId));
  return { repeated, scans: receipts };
}

async function tellEvent({ scanner, file, kind, receipt, error }: InboxEvent): Promise<void> {
  const name = terminalText(`${scanner}/${file}`);
  if (kind !== 'taken') {
    const then = kind === 'failed' ? 'moved to failed/' : 'it stays and is tried again';
    tell(`${name}: ${explain(error).sentence} (${then})`);
    return;
  }
  const { scans } = receipt as { readonly scans: readonly Parameters<typeof receiptLine>[0][] };
  for (const scan of scans) await print(`${name}: ${receiptLine(scan)}`);
}
