type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
type Present<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** The same fields without those that are undefined: `exactOptionalPropertyTypes` tells them apart. */
export function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** The same fields without those that are null or undefined: a filter left out and one set to null are the same. */
export function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as Present<T>;
}
