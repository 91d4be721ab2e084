import { createReadStream } from 'node:fs';
import { access, mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instant } from '../core/observation.ts';
import { readReport } from '../input/read-report.ts';
import { limits } from '../limits.ts';

/** What an inbox needs of the world around it. */
export interface InboxParts {
  /** Holds a folder for each scanner, with its name. */
  readonly directory: string;
  /** Takes in one report for a scanner and gives its receipt. */
  readonly take: (scanner: string, path: string) => Promise<object>;
  /** Whether an error is the report's own fault, so that it would come again. */
  readonly isRefusal: (error: unknown) => boolean;
  readonly now: () => Instant;
  readonly tell: (event: InboxEvent) => void;
}

/** What became of one file. */
export interface InboxEvent {
  readonly scanner: string;
  readonly file: string;
  /** Taken in; refused for good; or left where it is until the next look. */
  readonly kind: 'taken' | 'failed' | 'postponed';
  readonly receipt?: object;
  readonly error?: unknown;
}

/** Folders in which reports are put down. */
export interface Inbox {
  /** Takes in what is complete, oldest observation first; gives how many files still grow or wait. */
  look(): Promise<number>;
}

interface WaitingFile {
  readonly scanner: string;
  readonly name: string;
  readonly path: string;
  readonly size: number;
  readonly changedAt: number;
}

interface SeenFile {
  readonly size: number;
  readonly changedAt: number;
  readonly since: Instant;
}

/**
 * An inbox that remembers nothing but sizes: a file is complete when it kept its size and its time for a while.
 * What was taken in is moved to `old/` with its receipt beside, what was refused to `failed/` with its error. A
 * file that was taken in, but not moved (the process was killed), is taken in again, which gives its first receipt.
 */
export function openInbox(parts: InboxParts): Inbox {
  let seen = new Map<string, SeenFile>();
  return {
    async look() {
      const files = await filesIn(parts.directory);
      const now = parts.now();
      const next = new Map(files.map((file) => [file.path, seenFile(file, seen.get(file.path), now)]));
      seen = next;
      const complete = files.filter(({ path }) => isSettled(next.get(path), now));
      let waiting = files.length - complete.length;
      for (const file of await inOrder(complete)) {
        if ((await takeFile(parts, file)) === 'postponed') waiting += 1;
      }
      return waiting;
    },
  };
}

function seenFile({ size, changedAt }: WaitingFile, before: SeenFile | undefined, now: Instant): SeenFile {
  const isSame = before?.size === size && before.changedAt === changedAt;
  return { size, changedAt, since: isSame ? before.since : now };
}

function isSettled(file: SeenFile | undefined, now: Instant): boolean {
  return file !== undefined && now - file.since >= limits.inboxSettleMs;
}

async function filesIn(directory: string): Promise<WaitingFile[]> {
  const found: WaitingFile[] = [];
  for (const folder of await readdir(directory, { withFileTypes: true })) {
    if (!folder.isDirectory() || folder.name.startsWith('.')) continue;
    for (const entry of await readdir(join(directory, folder.name), { withFileTypes: true })) {
      if (!entry.isFile() || isUnfinished(entry.name) || found.length >= limits.inboxFilesMax) continue;
      const path = join(directory, folder.name, entry.name);
      const about = await stat(path).catch(() => undefined); // It may be gone by now.
      if (about === undefined) continue;
      found.push({
        scanner: folder.name,
        name: entry.name,
        path,
        size: about.size,
        changedAt: about.mtimeMs,
      });
    }
  }
  return found;
}

/** Names that programs give to files while they write them. */
function isUnfinished(name: string): boolean {
  return name.startsWith('.') || /\.(part|partial|tmp|swp|crdownload)$|~$/.test(name);
}

/** Oldest observation first: a log that is followed then tells what happened in the order in which it happened. */
async function inOrder(files: readonly WaitingFile[]): Promise<WaitingFile[]> {
  if (files.length < 2) return [...files];
  const timed = [];
  for (const file of files) timed.push({ file, at: await observationTime(file) });
  return timed.sort((a, b) => a.at - b.at || (a.file.path < b.file.path ? -1 : 1)).map(({ file }) => file);
}

/** When the scan of a file ended, as far as it says; else when the file was last written. */
async function observationTime({ path, size, changedAt }: WaitingFile): Promise<Instant> {
  if (size > limits.inboxOrderBytesMax) return changedAt;
  let found: Instant | undefined;
  try {
    for await (const events of readReport(createReadStream(path))) {
      for (const event of events) {
        if (event.kind === 'run') found ??= event.run.startedAt;
        if (event.kind === 'host') found = Math.max(found ?? 0, event.host.observedAt ?? 0) || undefined;
        if (event.kind === 'end') found = event.end.endedAt ?? found;
      }
    }
  } catch {
    // Why it cannot be read is told when it is taken in.
  }
  return found ?? changedAt;
}

async function takeFile(parts: InboxParts, file: WaitingFile): Promise<InboxEvent['kind']> {
  const { scanner, name } = file;
  try {
    const receipt = await parts.take(scanner, file.path);
    await putAway(parts.directory, file, { folder: 'old', note: '.receipt.json', value: receipt });
    parts.tell({ scanner, file: name, kind: 'taken', receipt });
    return 'taken';
  } catch (error) {
    const kind = parts.isRefusal(error) ? 'failed' : 'postponed';
    if (kind === 'failed') {
      const value = { error: error instanceof Error ? error.message : String(error) };
      await putAway(parts.directory, file, { folder: 'failed', note: '.error.json', value });
    }
    parts.tell({ scanner, file: name, kind, error });
    return kind;
  }
}

/** The note goes first: a file is never away without it. */
async function putAway(
  directory: string,
  { scanner, name, path }: WaitingFile,
  { folder, note, value }: { folder: 'old' | 'failed'; note: string; value: object },
): Promise<void> {
  const target = join(directory, scanner, folder);
  await mkdir(target, { recursive: true });
  const free = await freeName(target, name);
  await writeFile(join(target, `${free}${note}`), `${JSON.stringify(value, null, 2)}\n`);
  await rename(path, join(target, free));
}

async function freeName(directory: string, name: string): Promise<string> {
  for (let n = 1; ; n += 1) {
    const candidate = n === 1 ? name : `${n}-${name}`;
    const isThere = await access(join(directory, candidate)).then(
      () => true,
      () => false,
    );
    if (!isThere) return candidate;
  }
}
