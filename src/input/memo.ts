import { limits } from '../limits.ts';

/** A memory of what short texts were read as. It forgets everything when it is full. */
export interface Memo<T> {
  get(text: string): T | undefined;
  set(text: string, value: T): void;
}

/** An empty memory. */
export function newMemo<T>(): Memo<T> {
  const known = new Map<string, T>();
  return {
    get: (text) => (text.length > limits.memoCharactersMax ? undefined : known.get(text)),
    set(text, value) {
      if (text.length > limits.memoCharactersMax) return;
      if (known.size >= limits.memoEntriesMax) known.clear();
      known.set(detached(text), value);
    },
  };
}

/** The same text in memory of its own: a slice would keep the whole text alive that it was cut from. */
export function detached(text: string): string {
  return Buffer.from(text).toString();
}
