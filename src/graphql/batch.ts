import { limits } from '../limits.ts';

/** Loads one item; all that are asked for in one go with the same arguments are loaded together. */
export type Batched<Item, Args, Value> = (item: Item, args: Args) => Promise<Value>;

/** `loadMany` gives the values in the order of the items. */
export function batched<Item, Args, Value>(
  loadMany: (items: readonly Item[], args: Args) => Promise<readonly Value[]>,
): Batched<Item, Args, Value> {
  const waiting = new Map<string, Batch<Item, Value>>();
  return async (item, args) => {
    const key = JSON.stringify(args);
    let batch = waiting.get(key);
    if (batch === undefined || batch.items.length >= limits.batchItemsMax) {
      batch = collect((items) => {
        if (waiting.get(key)?.items === items) waiting.delete(key);
        return loadMany(items, args);
      });
      waiting.set(key, batch);
    }
    const place = batch.items.push(item) - 1;
    return (await batch.values)[place] as Value;
  };
}

interface Batch<Item, Value> {
  readonly items: Item[];
  readonly values: Promise<readonly Value[]>;
}

function collect<Item, Value>(
  load: (items: readonly Item[]) => Promise<readonly Value[]>,
): Batch<Item, Value> {
  const items: Item[] = [];
  // After all promises that are settled already: then all siblings have asked.
  const values = new Promise<void>((resolve) => setImmediate(resolve)).then(() => load(items));
  return { items, values };
}
