import { Buffer } from 'node:buffer';
import { createGunzip, type Gunzip } from 'node:zlib';
import { limits } from '../limits.ts';
import { ReportRefused } from './agent.ts';

/** What was learned about the bytes once they have been read to their end. */
export interface Unpacking {
  /** The gzip stream ended in the middle; what came before is good. */
  isTruncated: boolean;
}

/** Limits that a caller may tighten. */
export interface ByteLimits {
  readonly reportBytesMax: number;
}

/**
 * The bytes of a report: as they are, or unpacked where they begin as gzip (RFC 1952; several members are one
 * stream). Throws ReportRefused TOO_LARGE beyond the size or the ratio, CORRUPT for damaged gzip.
 */
export async function* unpack(
  source: AsyncIterable<Uint8Array>,
  unpacking: Unpacking,
  { reportBytesMax }: ByteLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = atLeast(source, 2);
  let total = 0;
  const count = (chunk: Uint8Array) => {
    total += chunk.length;
    if (total > reportBytesMax)
      throw new ReportRefused('TOO_LARGE', `The report is larger than ${reportBytesMax} bytes.`);
    return chunk;
  };
  for await (const { chunk, rest } of chunks) {
    if (!isGzip(chunk)) {
      yield count(chunk);
      for await (const next of rest) yield count(next);
      return;
    }
    for await (const next of gunzip(chunk, rest, unpacking)) yield count(next);
  }
}

/** Whether bytes begin as gzip does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

interface Beginning {
  readonly chunk: Uint8Array;
  readonly rest: AsyncIterable<Uint8Array>;
}

/** The first bytes, at least so many if there are, and what follows them. Gives nothing for an empty source. */
async function* atLeast(source: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Beginning> {
  const iterator = source[Symbol.asyncIterator]();
  let first: Uint8Array = Buffer.alloc(0);
  while (first.length < count) {
    const next = await iterator.next();
    if (next.done === true) break;
    first = first.length === 0 ? next.value : Buffer.concat([first, next.value]);
  }
  try {
    if (first.length > 0)
      yield { chunk: first, rest: { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) } };
  } finally {
    await iterator.return?.();
  }
}

async function* gunzip(
  first: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
  unpacking: Unpacking,
): AsyncGenerator<Uint8Array> {
  const stream = createGunzip({ chunkSize: 64 << 10 });
  stream.on('error', () => {}); // Whoever waits is told by `settled`.
  const counted = { read: 0, written: 0 };
  let ready: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => {
    try {
      check(chunk, counted);
      ready.push(chunk);
    } catch (error) {
      stream.destroy(error as Error);
    }
  });
  const taken = () => {
    const chunks = ready;
    ready = [];
    return chunks;
  };
  try {
    for await (const piece of pieces(first, rest)) {
      counted.read += piece.length;
      await settled(stream, (done) => stream.write(piece, done));
      yield* taken();
    }
    await settled(stream, (done) => stream.once('end', done).end());
  } catch (cause) {
    if (!isTruncation(cause)) throw asRefusal(cause);
    unpacking.isTruncated = true;
  } finally {
    stream.destroy();
  }
  yield* taken();
}

/** Counts what comes out. Throws ReportRefused for gzip within gzip and beyond the ratio. */
function check(chunk: Buffer, counted: { readonly read: number; written: number }): void {
  if (counted.written === 0 && isGzip(chunk)) {
    throw new ReportRefused('CORRUPT', 'The gzip holds gzip again; unpack it first.');
  }
  counted.written += chunk.length;
  if (counted.written > limits.gzipRatioFloorBytes && counted.written > limits.gzipRatioMax * counted.read) {
    throw new ReportRefused(
      'TOO_LARGE',
      `The gzip unpacks to more than ${limits.gzipRatioMax} times its size.`,
    );
  }
}

/** Small pieces, so that what one of them unpacks to is small as well. */
async function* pieces(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const size = 16 << 10;
  for (let at = 0; at < first.length; at += size) yield first.subarray(at, at + size);
  for await (const chunk of rest) {
    for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size);
  }
}

/** Waits until a write is done, or fails with the stream. */
function settled(stream: Gunzip, write: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (stream.errored) return reject(stream.errored);
    stream.once('error', reject);
    write((error) => {
      stream.off('error', reject);
      if (error) reject(stream.errored ?? error);
      else resolve();
    });
  });
}

function isTruncation(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
}

/** zlib's complaints about data are the file's fault; everything else is passed on. */
function asRefusal(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined || !code.startsWith('Z_')) return error;
  return new ReportRefused('CORRUPT', 'The gzip is damaged and cannot be unpacked.', {
    cause: error as Error,
  });
}
