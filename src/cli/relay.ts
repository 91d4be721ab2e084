import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Instant } from '../core/observation.ts';
import { limits } from '../limits.ts';
import { DirectoryInUse, lockDirectory } from '../store/lock.ts';
import { TemporaryFailure } from './failure.ts';

/** Waits because of a failure; tests do not. */
export type Pause = (ms: number, failure: TemporaryFailure) => Promise<void>;

/** Does the work again, after longer and longer pauses, while it fails for a reason that may pass. */
export async function withRetries<T>(
  work: () => Promise<T>,
  { pause, attempts = limits.pushAttemptsMax }: { pause: Pause; attempts?: number },
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TemporaryFailure) || attempt >= attempts) throw error;
      const ms = Math.max(limits.pushRetryMs * 2 ** (attempt - 1), error.retryAfterMs ?? 0);
      if (ms > limits.pushRetryAfterMsMax) throw error;
      await pause(ms, error);
    }
  }
}

/** A report that waits for its server. */
export interface SpooledReport {
  /** Tells it from the others in its directory. */
  readonly name: string;
  readonly path: string;
  /** The name under which it was given. */
  readonly file: string;
  /** When its file was written; of what came through a pipe, when it was put here. */
  readonly at: Instant;
  /** What goes with it, as it was given; undefined where that is lost. */
  readonly about: unknown;
  /** It is at the server: it need not wait any more. */
  done(): Promise<void>;
  /** It was refused for good: it is kept aside with the reason. */
  refuse(reason: string): Promise<void>;
}

interface NewReport {
  readonly file: string;
  readonly about: unknown;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** When its file was written, where there is one. */
  readonly at?: Instant | undefined;
}

/** Copies a report into a spool directory. A report that waits there already is not copied again. */
export async function spoolReport(directory: string, { file, about, bytes, at }: NewReport): Promise<void> {
  await mkdir(directory, { recursive: true });
  const part = join(directory, `${randomUUID()}.part`);
  try {
    const hash = createHash('sha256').update(JSON.stringify(about));
    await pipeline(bytes, hashing(hash), createWriteStream(part, { flush: true, mode: 0o600 }));
    const digest = hash.digest('hex').slice(0, 32);
    const waiting = await readdir(directory);
    if (waiting.some((name) => name.endsWith(`${digest}.report`))) return;
    const name = `${new Date().toISOString().replaceAll(':', '')}-${digest}`;
    await writeFile(join(directory, `${name}.json`), JSON.stringify({ file, about, at }), { flush: true });
    await rename(part, join(directory, `${name}.report`)); // From here on it is there.
  } finally {
    await rm(part, { force: true });
  }
}

function hashing(hash: ReturnType<typeof createHash>) {
  return async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  };
}

/** The reports in a spool directory, in the order in which they came. */
export async function spooledReports(directory: string): Promise<readonly SpooledReport[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(ending)).sort();
  return Promise.all(names.map((name) => spooled(directory, name.slice(0, -ending.length))));
}

const ending = '.report';

async function spooled(directory: string, name: string): Promise<SpooledReport> {
  const path = join(directory, `${name}${ending}`);
  const note = join(directory, `${name}.json`);
  const { file = path, about, at } = await readNote(note);
  return {
    name,
    path,
    file,
    at: at ?? Math.round((await stat(path)).mtimeMs),
    about,
    async done() {
      await rm(path, { force: true });
      await rm(note, { force: true });
    },
    async refuse(reason) {
      const failed = join(directory, 'failed');
      await mkdir(failed, { recursive: true });
      await writeFile(join(failed, `${name}.json`), JSON.stringify({ file, about, reason }));
      await rename(path, join(failed, `${name}${ending}`));
      await rm(note, { force: true });
    },
  };
}

interface Note {
  readonly file?: string;
  readonly about?: unknown;
  readonly at?: Instant;
}

async function readNote(path: string): Promise<Note> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Note;
  } catch (error) {
    const isLost = error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isLost) return {};
    throw error;
  }
}

/** Removes what pushes that were killed left behind: unfinished copies, and notes without their report. */
export async function removeLeftovers(directory: string, now: Instant): Promise<void> {
  const names = new Set(await readdir(directory));
  for (const name of names) {
    const isLeft =
      name.endsWith('.part') || (name.endsWith('.json') && !names.has(name.replace(/json$/, 'report')));
    if (!isLeft) continue;
    const path = join(directory, name);
    const about = await stat(path).catch(() => undefined); // Another push may have been faster.
    if (about !== undefined && now - about.mtimeMs > limits.spoolLeftoverMs) await rm(path, { force: true });
  }
}

/** Does the work while no other process works on the directory; false where one does. */
export async function alone(directory: string, work: () => Promise<void>): Promise<boolean> {
  const release = tryLock(directory);
  if (release === undefined) return false;
  try {
    await work();
    return true;
  } finally {
    release();
  }
}

function tryLock(directory: string): (() => void) | undefined {
  try {
    return lockDirectory(directory);
  } catch (error) {
    if (error instanceof DirectoryInUse) return undefined;
    throw error;
  }
}
