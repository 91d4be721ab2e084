import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CallerError, NotFound } from '../core/errors.ts';
import type { Application, PreparedUpload, ScanUpload, Uploads } from '../graphql/context.ts';
import { limits } from '../limits.ts';
import { checkUpload } from '../pipeline/report-uploads.ts';
import { HttpError } from './answer.ts';

/** Uploads in parts: each part is a file until all are here; then they are taken in as one scan. */
export interface Spool extends Uploads {
  /** Takes one part in; the last missing one makes the scan whole, and it is taken in. */
  receive(id: string, part: number, bytes: AsyncIterable<Uint8Array>): Promise<PreparedUpload>;
  close(): Promise<void>;
}

interface Kept {
  upload: PreparedUpload;
  readonly directory: string;
  readonly parts: Map<number, number>;
  ingesting: boolean;
}

/** Takes in the parts of a scan. */
export type TakeIn = Application['scans']['uploadFiles'];

/** Opens a spool in a new directory of its own below this one, after removing those of dead processes. */
export async function openSpool(takeIn: TakeIn, parent: string = tmpdir()): Promise<Spool> {
  await removeLeftovers(parent);
  const directory = await mkdtemp(join(parent, `${prefix}${process.pid}-`));
  const uploads = new Map<string, Kept>();
  const get = (id: string): Kept => {
    const kept = uploads.get(id);
    if (kept === undefined) throw new NotFound('There is no such upload (any more); create a new one');
    return kept;
  };

  return {
    create: async (about, parts) => {
      checkUpload(about, Date.now());
      await forgetExpired(uploads);
      if (uploads.size >= limits.preparedUploadsMax)
        throw new HttpError(429, 'Too many uploads are prepared');
      const kept = prepare(about, parts, directory);
      await mkdir(kept.directory);
      uploads.set(kept.upload.id, kept);
      return kept.upload;
    },
    find: async (id) => uploads.get(id)?.upload,
    receive: async (id, part, bytes) => {
      const kept = get(id);
      checkPart(kept, part);
      await store(kept, part, bytes);
      if (kept.parts.size === kept.upload.parts && !kept.ingesting) await ingest(takeIn, kept);
      return kept.upload;
    },
    close: () => rm(directory, { recursive: true, force: true }),
  };
}

function prepare(about: ScanUpload, parts: number, directory: string): Kept {
  const id = randomUUID();
  const expiresAt = Date.now() + limits.uploadExpiryMs;
  return {
    upload: { ...about, id, parts, received: [], expiresAt },
    directory: join(directory, id),
    parts: new Map(),
    ingesting: false,
  };
}

function checkPart({ upload, ingesting }: Kept, part: number): void {
  if (!Number.isInteger(part) || part < 1 || part > upload.parts) {
    throw new NotFound(`The upload has the parts 1 to ${upload.parts}`);
  }
  if (ingesting || upload.result !== undefined) throw new HttpError(409, 'All parts of the upload are here');
}

/** A part counts once it is whole: until then it has another name, and an earlier one stays. */
async function store(kept: Kept, part: number, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const arriving = join(kept.directory, `${part}.${randomUUID()}`);
  try {
    await pipeline(bytes, createWriteStream(arriving, { mode: 0o600 }));
    const { size } = await stat(arriving);
    checkPart(kept, part); // The other parts may have become whole meanwhile.
    await rename(arriving, join(kept.directory, String(part)));
    kept.parts.set(part, size);
  } catch (error) {
    await rm(arriving, { force: true });
    throw error;
  }
  const received = Array.from(kept.parts, ([number, size]) => ({ part: number, bytes: size }));
  kept.upload = { ...kept.upload, received: received.toSorted((a, b) => a.part - b.part) };
}

async function ingest(takeIn: TakeIn, kept: Kept): Promise<void> {
  kept.ingesting = true;
  try {
    const { failure: _earlier, ...upload } = kept.upload;
    const result = await takeIn(upload, pathsOf(kept));
    kept.upload = { ...upload, result };
    await rm(kept.directory, { recursive: true, force: true });
  } catch (error) {
    const failure = error instanceof CallerError ? error.message : 'Unexpected error.';
    kept.upload = { ...kept.upload, failure };
    throw error;
  } finally {
    kept.ingesting = false;
  }
}

function pathsOf({ directory, upload }: Kept): string[] {
  return Array.from({ length: upload.parts }, (_, index) => join(directory, String(index + 1)));
}

async function forgetExpired(uploads: Map<string, Kept>): Promise<void> {
  const now = Date.now();
  for (const [id, { upload, directory, ingesting }] of uploads) {
    if (upload.expiresAt > now || ingesting) continue;
    uploads.delete(id);
    await rm(directory, { recursive: true, force: true });
  }
}

const prefix = 'drportscan-spool-';

async function removeLeftovers(parent: string): Promise<void> {
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
