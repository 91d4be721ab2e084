import type { Instant } from '../core/observation.ts';
import { limits } from '../limits.ts';
import { type Errand, putAway } from './inbox-away.ts';
import { bytesOfFile, type InboxFile, type InboxOddity, readInbox, statusOf } from './inbox-files.ts';
import { type ReportTime, readReportTime } from './report-time.ts';

/** One report of an inbox. */
export interface InboxReport {
  /** The name of the folder. */
  readonly scanner: string;
  readonly path: string;
  /** Its file's time, where the report itself says none. */
  readonly observedAt: Instant | undefined;
}

/** Whose fault an error is: the report's own, so that it would come again, or what cannot be taken in just now. */
export type Blame = 'report' | 'file' | 'folder' | 'everything';

/** What an inbox needs of the world around it. */
export interface InboxParts {
  /** Holds a folder for each scanner, with its name. */
  readonly directory: string;
  /** Takes in one report and gives its receipt. */
  readonly take: (report: InboxReport) => Promise<object>;
  readonly blame: (error: unknown) => Blame;
  readonly now: () => Instant;
  readonly tell: (event: InboxEvent) => void;
}

/** What became of something in the inbox. Why a thing is left where it is, is told once. */
export type InboxEvent =
  | { readonly kind: 'taken'; readonly place: string; readonly receipt: object }
  | ({ readonly kind: 'failed' | 'left' } & InboxOddity);

/** Folders in which reports are put down. */
export interface Inbox {
  /**
   * Takes in what is complete, oldest observation first, until the signal; gives how many files are too young to
   * tell whether they grow, and how many wait for something else.
   */
  look(signal?: AbortSignal): Promise<InboxLook>;
}

/** What is left after a look. */
export interface InboxLook {
  readonly settling: number;
  readonly waiting: number;
}

/** A file with what is known of it as long as it stays as it is. */
interface Watched {
  readonly file: InboxFile;
  readonly place: string;
  readonly since: Instant;
  time?: ReportTime;
  /** It is done with; only the move did not succeed. */
  errand?: Errand;
}

interface State {
  readonly parts: InboxParts;
  watched: Map<string, Watched>;
  /** Why the things at these places are left alone. */
  told: Map<string, string>;
}

/**
 * An inbox that remembers nothing but sizes and times: a file is complete when it kept both for a while; one that
 * breaks off is given longer. What was taken in is moved to `old/` with its receipt beside, what was refused to
 * `failed/` with its error. A file that was taken in, but not moved (the process was killed), is taken in again,
 * which gives its first receipt.
 */
export function openInbox(parts: InboxParts): Inbox {
  const state: State = { parts, watched: new Map(), told: new Map() };
  return { look: (signal) => look(state, signal) };
}

async function look(state: State, signal: AbortSignal | undefined): Promise<InboxLook> {
  const { parts } = state;
  const { files, oddities } = await readInbox(parts.directory);
  const now = parts.now();
  state.watched = new Map(files.map((file) => [file.path, watch(file, state.watched.get(file.path), now)]));
  const reasons = new Map<string, string>();
  const leave = (oddity: InboxOddity) => tellOnce(state, reasons, oddity);
  for (const oddity of oddities) leave(oddity);

  const settled = [...state.watched.values()].filter(({ since }) => now - since >= limits.inboxSettleMs);
  const ready: Watched[] = [];
  let quiet = 0;
  for (const watched of settled) {
    watched.time ??= await readReportTime(bytesOfFile(watched.file.path));
    if (mayGoOn(watched, now)) {
      quiet += 1;
      continue;
    }
    const error = growing(watched, now);
    if (error === undefined) ready.push(watched);
    else leave({ place: watched.place, error });
  }
  const done = await takeInOrder(parts, ready.sort(byTime), { leave, signal });
  state.told = reasons;
  const settling = files.length - settled.length + quiet;
  return { settling, waiting: files.length - settling - done };
}

function watch(file: InboxFile, before: Watched | undefined, now: Instant): Watched {
  const { size, changedAt, inode } = before?.file ?? {};
  if (before !== undefined && size === file.size && changedAt === file.changedAt && inode === file.inode)
    return before;
  return { file, place: `${file.scanner}/${file.name}`, since: now };
}

function tellOnce({ parts, told }: State, reasons: Map<string, string>, { place, error }: InboxOddity): void {
  const message = error instanceof Error ? error.message : String(error);
  const reason = message.replace(/[0-9a-f-]{36}/, 'some id');
  if (told.get(place) !== reason && reasons.get(place) !== reason) parts.tell({ kind: 'left', place, error });
  reasons.set(place, reason);
}

/** Whether a list that has no end may have another line soon. */
function mayGoOn({ file, since, time }: Watched, now: Instant): boolean {
  return time?.isOpenEnded === true && now < Math.min(since, file.changedAt) + limits.inboxOpenEndedMs;
}

/** Why a report that breaks off is not taken in yet: nobody tells whether its scan still runs. */
function growing({ file, since, time }: Watched, now: Instant): Error | undefined {
  const until = Math.min(since, file.changedAt) + limits.inboxUnfinishedMs;
  if (time?.isUnfinished !== true || now >= until) return undefined;
  return new StillGrowing(
    `It ends like a report that is still being written; unless it grows, it is taken in at ${new Date(until).toISOString()}.`,
  );
}

class StillGrowing extends Error {
  override readonly name = 'Failure';
}

/** Oldest observation first: a log that is followed then tells what happened in the order in which it happened. */
function byTime(a: Watched, b: Watched): number {
  return timeOf(a) - timeOf(b) || (a.file.path < b.file.path ? -1 : 1);
}

function timeOf({ file, time }: Watched): Instant {
  return time?.at ?? file.changedAt;
}

interface Leaving {
  readonly leave: (oddity: InboxOddity) => void;
  readonly signal: AbortSignal | undefined;
}

/** Gives how many files are done with. */
async function takeInOrder(
  parts: InboxParts,
  ready: readonly Watched[],
  { leave, signal }: Leaving,
): Promise<number> {
  const blocked = new Set<string>();
  let done = 0;
  for (const watched of ready) {
    if (signal?.aborted === true) break;
    const { scanner } = watched.file;
    if (blocked.has(scanner)) continue;
    const problem = await takeFile(parts, watched);
    if (problem === undefined) {
      done += 1;
      continue;
    }
    const { blame, error } = problem;
    leave({ place: { everything: '', folder: scanner, file: watched.place }[blame], error });
    if (blame === 'everything') break;
    if (blame === 'folder') blocked.add(scanner);
  }
  return done;
}

interface Problem {
  readonly blame: Exclude<Blame, 'report'>;
  readonly error: unknown;
}

/** Takes in one file and puts it away; gives why it is left where it is. */
async function takeFile(parts: InboxParts, watched: Watched): Promise<Problem | undefined> {
  const { file, place } = watched;
  if (watched.errand === undefined) {
    try {
      const receipt = await parts.take(reportOf(watched));
      watched.errand = { folder: 'old', value: receipt };
      parts.tell({ kind: 'taken', place, receipt });
    } catch (error) {
      const blame = parts.blame(error);
      if (blame === 'file' && (await isGone(file))) return undefined;
      if (blame !== 'report') return { blame, error };
      watched.errand = { folder: 'failed', value: { error: (error as Error).message } };
      parts.tell({ kind: 'failed', place, error });
    }
  }
  try {
    await putAway(file, watched.errand);
    return undefined;
  } catch (error) {
    return { blame: 'file', error };
  }
}

/** Another process that watches the inbox may be faster. */
async function isGone({ path }: InboxFile): Promise<boolean> {
  return (await statusOf(path).catch(() => null)) === undefined;
}

function reportOf({ file, time, since }: Watched): InboxReport {
  const { scanner, path, changedAt } = file;
  const observedAt = time?.at === undefined ? Math.round(Math.min(changedAt, since)) : undefined;
  return { scanner, path, observedAt };
}
