import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { ReportRejected } from '../core/errors.ts';
import type { Instant } from '../core/observation.ts';
import { ReportRefused } from '../input/agent.ts';
import { isGzip, unpack } from '../input/gunzip.ts';
import { limits } from '../limits.ts';

/** A report file that can be read from any place: the file itself, or an unpacked copy beside it. */
export interface UnpackedFile {
  readonly path: string;
  readonly bytes: number;
  /** The gzip broke off: whatever was unpacked is a part. */
  readonly isTruncated: boolean;
  /** Removes the copy, where there is one. */
  release(): Promise<void>;
}

/** Unpacks a report where it is packed. Throws ReportRejected for gzip that must not be unpacked. */
export async function unpackFile(path: string, spool: string): Promise<UnpackedFile> {
  if (!isGzip(await bytesAt(path, 0, 2))) {
    return { path, bytes: (await stat(path)).size, isTruncated: false, release: async () => undefined };
  }
  const copy = `${spool}.unpacked`;
  const unpacking = { isTruncated: false };
  const release = () => rm(copy, { force: true });
  try {
    const bytes = unpack(createReadStream(path), unpacking, { reportBytesMax: limits.reportBytesMax });
    await pipeline(bytes, createWriteStream(copy));
    return { path: copy, bytes: (await stat(copy)).size, isTruncated: unpacking.isTruncated, release };
  } catch (error) {
    await release();
    if (error instanceof ReportRefused) throw new ReportRejected(error.code, error.message);
    throw error;
  }
}

/** What the end of a report promises: whether it is whole, and when the scan ended. Only a guess, checked later. */
export async function guessEnd({
  path,
  bytes,
}: UnpackedFile): Promise<{ complete: boolean; endedAt: Instant | undefined }> {
  const from = Math.max(0, bytes - limits.reportTailBytes);
  const tail = (await bytesAt(path, from, bytes - from)).toString('latin1');
  const finished = /<finished\b[^>]*\btime="(\d{1,12})"/.exec(tail);
  if (finished === null) return { complete: true, endedAt: undefined };
  const complete = tail.includes('</nmaprun>') && !/<finished\b[^>]*\bexit="(?!success)/.test(tail);
  return { complete, endedAt: Number(finished[1]) * 1000 };
}

async function bytesAt(path: string, from: number, length: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
