/** Bytes that grow at the end and are dropped at the beginning, without copying each byte more than a few times. */
export interface GrowingBytes {
  /** All bytes held; valid until the next call. */
  view(): Buffer;
  /** Adds bytes at the end and gives all that are held. */
  append(bytes: Uint8Array): Buffer;
  /** Drops bytes at the beginning. */
  drop(count: number): void;
}

const SMALLEST = 4 << 10;

/** Begins without any bytes. */
export function growingBytes(): GrowingBytes {
  let store = Buffer.allocUnsafe(0);
  let start = 0;
  let end = 0;
  return {
    view: () => store.subarray(start, end),
    append(bytes) {
      if (end + bytes.length > store.length) {
        const needed = end - start + bytes.length;
        const next = needed * 2 > store.length ? Buffer.allocUnsafe(Math.max(SMALLEST, needed * 2)) : store;
        next.set(store.subarray(start, end));
        store = next;
        end -= start;
        start = 0;
      }
      store.set(bytes, end);
      end += bytes.length;
      return store.subarray(start, end);
    },
    drop(count) {
      start += count;
    },
  };
}
