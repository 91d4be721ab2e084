import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { limits } from '../limits.ts';
import { TemporaryFailure } from './failure.ts';

/** Waits; tests do not. */
export type Pause = (ms: number) => Promise<void>;

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
      await pause(limits.pushRetryMs * 2 ** (attempt - 1));
    }
  }
}

/** A report that waits for its server. */
export interface SpooledReport {
  readonly path: string;
  /** The name under which it was given. */
  readonly file: string;
  /** What goes with it, as it was given. */
  readonly about: unknown;
  /** It is at the server: it need not wait any more. */
  done(): Promise<void>;
  /** It was refused for good: it is kept aside with the reason. */
  refuse(reason: string): Promise<void>;
}

/** Copies a report into a spool directory. A report that waits there already is not copied again. */
export async function spoolReport(
  directory: string,
  { file, about, bytes }: { file: string; about: unknown; bytes: AsyncIterable<Uint8Array> },
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const part = join(directory, `${randomUUID()}.part`);
  try {
    const hash = createHash('sha256').update(JSON.stringify(about));
    await pipeline(bytes, hashing(hash), createWriteStream(part));
    await flushed(part);
    const digest = hash.digest('hex').slice(0, 32);
    const waiting = await readdir(directory);
    if (waiting.some((name) => name.endsWith(`${digest}.report`))) return;
    const name = `${new Date().toISOString().replaceAll(':', '')}-${digest}`;
    await writeFile(join(directory, `${name}.json`), JSON.stringify({ file, about }), { flush: true });
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

async function flushed(path: string): Promise<void> {
  const file = await open(path);
  await file.sync();
  await file.close();
}

/** The reports in a spool directory, in the order in which they came. */
export async function spooledReports(directory: string): Promise<readonly SpooledReport[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.report')).sort();
  const found: SpooledReport[] = [];
  for (const name of names) {
    const path = join(directory, name);
    const note = path.replace(/\.report$/, '.json');
    const { file, about } = JSON.parse(await readFile(note, 'utf8')) as { file: string; about: unknown };
    found.push({
      path,
      file,
      about,
      async done() {
        await rm(path, { force: true });
        await rm(note, { force: true });
      },
      async refuse(reason) {
        const failed = join(directory, 'failed');
        await mkdir(failed, { recursive: true });
        await writeFile(
          join(failed, name.replace(/\.report$/, '.json')),
          JSON.stringify({ file, about, reason }),
        );
        await rename(path, join(failed, name));
        await rm(note, { force: true });
      },
    });
  }
  return found;
}

/** Does the work while no other process works on the directory; false where one does. */
export async function alone(directory: string, work: () => Promise<void>): Promise<boolean> {
  const lock = join(directory, 'push.lock');
  if (!(await tookLock(lock))) return false;
  try {
    await work();
    return true;
  } finally {
    await rm(lock, { force: true });
  }
}

async function tookLock(lock: string): Promise<boolean> {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (isRunning(Number(await readFile(lock, 'utf8').catch(() => '')))) return false;
      await rm(lock, { force: true }); // Whoever held it was killed.
    }
  }
  return false;
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
