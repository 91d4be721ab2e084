import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { type Connection, connectTable, pageRequest } from '../../src/graphql/page.ts';

test('a page without a size has fifty items', () => {
  expect(pageRequest({})).toEqual({ limit: 50, backward: false });
});

test.each([{ first: 0 }, { first: 101 }, { last: 101 }, { last: -1 }])(
  '%j is an error that says the limits',
  (page) => {
    expect(() => pageRequest(page)).toThrow('a page has 1 to 100 items');
  },
);

test('items from the front and from the end at once are an error', () => {
  expect(() => pageRequest({ first: 1, last: 1 })).toThrow('not both');
});

test('a cursor of another list is an error', () => {
  expect(() => connectTable([], { after: 'x' })).toThrow('not a cursor of this list');
});

interface Row {
  readonly id: number;
}

const tables = fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { maxLength: 30 });
const sizes = fc.integer({ min: 1, max: 10 });

test.prop([tables, sizes])('pages in either direction have every item once', async (ids, size) => {
  const rows = ids.map((id) => ({ id }));
  const sorted = ids.toSorted((a, b) => a - b);
  const forward: number[] = [];
  for (let after: string | null = null; ; ) {
    const { edges, pageInfo }: Connection<Row> = connectTable(rows, { first: size, after });
    forward.push(...edges.map(({ node }) => node.id));
    expect(pageInfo.hasPreviousPage).toBe(after !== null && edges.length > 0);
    if (!pageInfo.hasNextPage) break;
    after = pageInfo.endCursor;
  }
  expect(forward).toEqual(sorted);

  const backward: number[] = [];
  for (let before: string | null = null; ; ) {
    const { edges, pageInfo }: Connection<Row> = connectTable(rows, { last: size, before });
    backward.unshift(...edges.map(({ node }) => node.id));
    if (!pageInfo.hasPreviousPage) break;
    before = pageInfo.startCursor;
  }
  expect(backward).toEqual(sorted);
  expect(await connectTable(rows, {}).totalCount()).toBe(ids.length);
});
