import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { limits } from '../limits.ts';

/** The bytes of an inventory that was begun to be read. */
export interface BufferedInventory {
  /** SHA-256 of the bytes; undefined where they are too many to be kept. */
  readonly digest: string | undefined;
  /** All bytes, once. */
  bytes(): AsyncGenerator<Uint8Array>;
}

/** Keeps an inventory of ordinary size in memory, so that it can be known before it is taken apart. */
export async function bufferInventory(source: AsyncIterable<Uint8Array>): Promise<BufferedInventory> {
  const iterator = source[Symbol.asyncIterator]();
  const hash = createHash('sha256');
  const chunks: Uint8Array[] = [];
  let size = 0;
  let isWhole = false;
  while (size <= limits.inventoryBufferedBytesMax) {
    const next = await iterator.next();
    isWhole = next.done === true;
    if (next.done === true) break;
    const chunk = Uint8Array.from(next.value);
    hash.update(chunk);
    chunks.push(chunk);
    size += chunk.length;
  }
  async function* bytes() {
    let taken = 0;
    for (const chunk of chunks) {
      yield chunk;
      taken += chunk.length;
      if (taken < limits.inventoryTurnBytes) continue;
      taken = 0;
      await setImmediate(); // What is in memory comes without waiting: others want to be served meanwhile.
    }
    while (!isWhole) {
      const next = await iterator.next();
      if (next.done === true) return;
      yield next.value;
    }
  }
  return { digest: isWhole ? hash.digest('hex') : undefined, bytes };
}
