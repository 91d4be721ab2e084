import { type SQL, sql } from 'drizzle-orm';
import { BadInput } from '../core/errors.ts';
import type { Page, PageRequest } from '../core/model.ts';
import { limits } from '../limits.ts';

/** Where a list is read: which way, between which places (both excluded), and how many items. */
export interface Stretch<Place> {
  readonly backward: boolean;
  readonly after: Place | undefined;
  readonly before: Place | undefined;
  /** One more than the page has, so that it shows whether there are more. */
  readonly limit: number;
}

/** How places of a list are written into cursors and read back; undefined where the text is no place. */
export interface CursorFormat<Place> {
  format(place: Place): string;
  read(text: string): Place | undefined;
}

/** The stretch that a request means. Throws BadInput for cursors of other lists. */
export function stretchOf<Place>(request: PageRequest, cursors: CursorFormat<Place>): Stretch<Place> {
  const { backward, limit } = request;
  const read = (field: 'after' | 'before') => {
    const text = request[field];
    return text === undefined ? undefined : readCursor(text, field, cursors);
  };
  return { backward, after: read('after'), before: read('before'), limit: limit + 1 };
}

/** The page of what was found in a stretch, in the direction in which it was read. */
export function pageOf<T, Place>(
  found: readonly { readonly place: Place; readonly node: T }[],
  request: PageRequest,
  cursors: CursorFormat<Place>,
): Page<T> {
  const isMore = found.length > request.limit;
  const kept = found.slice(0, request.limit);
  if (request.backward) kept.reverse();
  return {
    items: kept.map(({ place, node }) => ({ cursor: cursors.format(place), node })),
    hasNext: request.backward ? request.before !== undefined : isMore,
    hasPrevious: request.backward ? isMore : request.after !== undefined,
  };
}

/** Reads one cursor. Throws BadInput. */
export function readCursor<Place>(text: string, field: string, cursors: CursorFormat<Place>): Place {
  const place = cursors.read(text);
  if (place !== undefined) return place;
  const said = text.slice(0, limits.echoedCharactersMax);
  throw new BadInput(`"${said}" is not a cursor of this list: take one from its pages`, field);
}

/** Fields of the database's own text as an opaque cursor. */
export function packFields(fields: readonly string[]): string {
  return Buffer.from(JSON.stringify(fields)).toString('base64url');
}

/** The fields of an opaque cursor, each of which must match its pattern; else undefined. */
export function unpackFields(text: string, patterns: readonly RegExp[]): string[] | undefined {
  if (text.length > 256 || !/^[\w-]+$/.test(text)) return undefined;
  let fields: unknown;
  try {
    fields = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
  if (!Array.isArray(fields) || fields.length !== patterns.length) return undefined;
  const isRight = patterns.every((pattern, i) => typeof fields[i] === 'string' && pattern.test(fields[i]));
  return isRight ? (fields as string[]) : undefined;
}

/** `asc` or `desc`. */
export function directionOf(isDescending: boolean): SQL {
  return isDescending ? sql`desc` : sql`asc`;
}

/** All of the conditions; true where there is none. */
export function allOf(conditions: readonly (SQL | undefined)[]): SQL {
  const given = conditions.filter((condition) => condition !== undefined);
  return given.length === 0 ? sql`true` : sql`(${sql.join(given, sql` and `)})`;
}

/** At least one of the conditions; false where there is none. */
export function anyOf(conditions: readonly SQL[]): SQL {
  return conditions.length === 0 ? sql`false` : sql`(${sql.join([...conditions], sql` or `)})`;
}
