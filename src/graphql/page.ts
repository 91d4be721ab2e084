import { BadInput } from '../core/errors.ts';
import type { ChangePlace, LoggedChange, Page, PageRequest } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import { limits } from '../limits.ts';
import type { Listing, PastListing } from './context.ts';
import { present } from './defined.ts';
import type { Loaders } from './loaders.ts';

/** The arguments of a connection, as the relay plugin defines them. */
export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly before?: string | null | undefined;
}

/** A page in the shape of a connection. The total is counted when it is asked for. */
export interface Connection<T> {
  readonly edges: { cursor: string; node: T }[];
  readonly pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
  readonly totalCount: () => Promise<number>;
}

/** One page of a listing as a connection. */
export async function connect<T, Filter>(
  listing: Listing<T, Filter>,
  filter: Filter,
  page: PageArguments,
): Promise<Connection<T>> {
  return toConnection(await listing.page(filter, pageRequest(page)), () => listing.count(filter));
}

/** One page of the entries about a host or endpoint as a connection. */
export async function connectChangesAt(
  place: ChangePlace,
  { page, asOf, loaders }: { page: PageArguments; asOf: Instant | undefined; loaders: Loaders },
): Promise<Connection<LoggedChange>> {
  const found = await loaders.changesAt(place, { request: pageRequest(page), asOf });
  return toConnection(found, () => loaders.countChangesAt(place, { asOf }));
}

/** The listing as of a moment; the present one without it. */
export function listingAsOf<T, Filter>(
  listing: PastListing<T, Filter>,
  asOf: Instant | null | undefined,
): Listing<T, Filter> {
  if (asOf == null) return listing;
  return {
    page: (filter, page) => listing.page(filter, page, asOf),
    count: (filter) => listing.count(filter, asOf),
  };
}

/** One page of a small table as a connection, in the order of its ids. */
export function connectTable<T extends { readonly id: number }>(
  rows: readonly T[],
  page: PageArguments,
): Connection<T> {
  return toConnection(pageOf(rows, pageRequest(page)), async () => rows.length);
}

/** Which page is wanted. Throws BadInput: a size beyond the limit is an error, never cut down silently. */
export function pageRequest({ first, last, after, before }: PageArguments): PageRequest {
  if (first != null && last != null) throw new BadInput('Give either "first" or "last", not both', 'last');
  const field = last == null ? 'first' : 'last';
  const limit = first ?? last ?? limits.pageItemsDefault;
  if (limit < 1 || limit > limits.pageItemsMax) {
    throw new BadInput(
      `"${field}" is ${limit}, but a page has 1 to ${limits.pageItemsMax} items; read on with "after"`,
      field,
    );
  }
  return { limit, backward: last != null, ...present({ after, before }) };
}

/** A page in the shape of a connection. */
export function toConnection<T>(page: Page<T>, totalCount: () => Promise<number>): Connection<T> {
  return {
    edges: page.items.map(({ cursor, node }) => ({ cursor, node })),
    pageInfo: {
      hasNextPage: page.hasNext,
      hasPreviousPage: page.hasPrevious,
      startCursor: page.items.at(0)?.cursor ?? null,
      endCursor: page.items.at(-1)?.cursor ?? null,
    },
    totalCount,
  };
}

function pageOf<T extends { readonly id: number }>(rows: readonly T[], request: PageRequest): Page<T> {
  const behind = request.after === undefined ? 0 : readCursor(request.after, 'after');
  const before =
    request.before === undefined ? Number.POSITIVE_INFINITY : readCursor(request.before, 'before');
  const sorted = rows.toSorted((a, b) => a.id - b.id);
  const range = sorted.filter(({ id }) => id > behind && id < before);
  const items = request.backward ? range.slice(-request.limit) : range.slice(0, request.limit);
  const [first, last] = [items.at(0)?.id ?? before, items.at(-1)?.id ?? behind];
  return {
    items: items.map((node) => ({ cursor: formatCursor(node.id), node })),
    hasNext: sorted.some(({ id }) => id > last),
    hasPrevious: sorted.some(({ id }) => id < first),
  };
}

function formatCursor(id: number): string {
  return Buffer.from(`id:${id}`).toString('base64url');
}

function readCursor(cursor: string, field: string): number {
  const match = /^id:(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (match === null) throw new BadInput(`"${cursor.slice(0, 80)}" is not a cursor of this list`, field);
  return Number(match[1]);
}
