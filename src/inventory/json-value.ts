import { unreadable } from './inventory-events.ts';
import { echo } from './statement-row.ts';

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/**
 * Parses a JSON text of which one knows how many keys it has. Throws Unstated where it is no JSON, or where a key
 * stands twice in an object: two readers would take two values for it.
 */
export function parseJson(text: string, keys: number): Json {
  return uniquelyKeyed(parse(text), keys);
}

/** The value that was parsed from a text with so many keys. Throws Unstated where one of them is not in it. */
export function uniquelyKeyed(value: Json, keys: number): Json {
  if (countKeys(value) !== keys) unreadable('a key stands twice in one of its objects');
  return value;
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    return unreadable(`it is not JSON: ${echo((error as Error).message)}`);
  }
}

function countKeys(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner: readonly Json[] = isList(value) ? value : Object.values(value);
  let count = isList(value) ? 0 : inner.length;
  for (const each of inner) count += countKeys(each);
  return count;
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value);
}

/** The object that a record must be. Throws Unstated for anything else. */
export function asObject(value: Json): JsonObject {
  return isObject(value) ? value : unreadable('it is not an object');
}

/** The value of a key of its own; undefined where there is none, where it is null, or where this is no object. */
export function valueIn(value: Json | undefined, key: string): Json | undefined {
  if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
  return value[key] ?? undefined;
}

/** The value below several keys, one inside the other. */
export function valueAt(value: Json | undefined, ...keys: readonly string[]): Json | undefined {
  return keys.reduce<Json | undefined>(valueIn, value);
}

/**
 * A text, number or truth value as text; undefined for nothing. Throws Unstated for lists and objects, and for
 * numbers that JSON readers round: two different ids would become one.
 */
export function textOfJson(value: Json | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    return unreadable('it holds a number that is not whole, or too large: write it as text');
  return typeof value === 'object'
    ? unreadable('a list or object stands where a text belongs')
    : String(value);
}

/** The list at a key, or what stands there alone; empty where there is nothing. */
export function listAt(value: Json | undefined, key: string): readonly Json[] {
  const found = valueIn(value, key);
  if (found === undefined) return [];
  return isList(found) ? found : [found];
}
