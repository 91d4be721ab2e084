import { isList, isObject, type Json, textOfJson, valueAt, valueIn } from './json-value.ts';

/** Which records a page holds; `unknown` where it holds none. */
export type NetboxKind = 'service' | 'address' | 'unknown';

/** Counts the pages of a file: only all of them together are everything. */
export interface NetboxPages {
  /** A page of the REST API, and what its records were. */
  page(page: Json, kind: NetboxKind): void;
  /** Services came in a form that does not say how many there are. */
  uncounted(): void;
  /** Why not all pages are here; undefined where they are. */
  whyMissing(): string | undefined;
  readonly isSnapshot: boolean;
}

/** Begins without any page. */
export function netboxPages(): NetboxPages {
  const seen: Record<NetboxKind, number> = { service: 0, address: 0, unknown: 0 };
  const counts = new Map<NetboxKind, Set<number>>();
  let isCounted = false;
  let isUncounted = false;
  return {
    page(page, kind) {
      const results = valueIn(page, 'results');
      const count = Number(textOfJson(valueIn(page, 'count')) ?? Number.NaN);
      seen[kind] += isList(results) ? results.length : 0;
      counts.set(kind, new Set([...(counts.get(kind) ?? []), count]));
      if (kind !== 'address') isCounted = true;
    },
    uncounted() {
      isUncounted = true;
    },
    whyMissing() {
      for (const [kind, said] of counts) {
        const [count = 0] = said;
        const what = kind === 'address' ? 'addresses' : 'services';
        if (said.size > 1) return `its pages do not agree how many ${what} there are`;
        if (Number.isNaN(count)) return `a page does not say how many ${what} there are`;
        if (kind === 'unknown' && counts.has('service')) continue;
        if (seen[kind] !== count)
          return `${seen[kind]} of ${count} ${what} are here: pages are missing or double`;
      }
      return undefined;
    },
    get isSnapshot() {
      return isCounted && !isUncounted;
    },
  };
}

/** Whether a JSON object is a page of the REST API. */
export function isPage(value: Json): boolean {
  return isObject(value) && isList(valueIn(value, 'results'));
}

/** Whether it is the result of a GraphQL query. */
export function isGraphqlResult(value: Json): boolean {
  return isObject(valueAt(value, 'data'));
}
