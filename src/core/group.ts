/** The items by key, each group in the order of the items. */
export function groupBy<T, Key>(items: Iterable<T>, keyOf: (item: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** The items in pieces of the sizes of others, in their order. */
export function cutInto<T>(items: readonly T[], pieces: readonly { readonly length: number }[]): T[][] {
  let start = 0;
  return pieces.map(({ length }) => {
    start += length;
    return items.slice(start - length, start);
  });
}
