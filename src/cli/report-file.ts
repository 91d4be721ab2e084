import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { Failure } from './failure.ts';
import { type Progress, startProgress } from './progress.ts';
import { terminalText } from './terminal-text.ts';

const chunkBytes = 256 << 10;

/** The bytes of a report file, or of standard input for `-`; throws Failure where it cannot be read. */
export function reportBytes(path: string): AsyncIterable<Uint8Array> {
  return path === '-' ? standardInput() : fileBytes(path);
}

/** The file is opened when its first bytes are asked for: an error before would find nobody. */
async function* fileBytes(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path, { highWaterMark: chunkBytes });
}

/** Reads a report with a progress bar. */
export async function withProgress<T>(
  path: string,
  work: (bytes: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const progress = startProgress(
    path === '-' ? 'standard input' : terminalText(basename(path)),
    sizeOf(path),
  );
  try {
    return await work(counted(reportBytes(path), progress));
  } finally {
    progress.end();
  }
}

/** Bytes of the file; undefined for standard input and pipes. Throws Failure where there is no such file. */
function sizeOf(path: string): number | undefined {
  if (path === '-') return undefined;
  const found = statSync(path);
  if (found.isDirectory()) throw new Failure(`${path} is a directory; name a file in it`);
  return found.isFile() ? found.size : undefined;
}

async function* counted(bytes: AsyncIterable<Uint8Array>, progress: Progress): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    yield chunk;
    progress.advance(chunk.length);
  }
}

function standardInput(): AsyncIterable<Uint8Array> {
  if (process.stdin.isTTY === true) {
    throw new Failure(
      'There is nothing to read: pipe a report into the command, or name a file instead of -',
    );
  }
  return process.stdin;
}
