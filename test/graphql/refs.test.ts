import { expect, test } from 'vitest';
import { ask } from '../server/ask.ts';
import { eachDatabase } from '../support/databases.ts';
import { seededServer } from './seeded-server.ts';

interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: number;
}

const connections = ['addressSpaces', 'scannerGroups', 'scanners', 'scans', 'hosts', 'endpoints', 'changes'];

eachDatabase((place) => {
  const server = seededServer(place);
  const read = async (field: string, args: string): Promise<Page> => {
    const document = `{ ${field}(${args}) { totalCount edges { cursor node { id } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
    const { data, errors } = await ask(server.url(), document);
    expect(errors).toBeUndefined();
    return data?.[field] as Page;
  };
  const idsOf = ({ edges }: Page) => edges.map(({ node }) => node.id);

  test.each(connections)('pages of %s in both directions have every item once', async (field) => {
    const all = idsOf(await read(field, 'first: 100'));
    expect(all.length).toBeGreaterThan(1);
    expect(new Set(all).size).toBe(all.length);

    for (const size of [1, 2, 3]) {
      const forward: string[] = [];
      for (let place = ''; ; ) {
        const page = await read(field, `first: ${size}${place}`);
        expect(page.totalCount).toBe(all.length);
        expect(page.pageInfo.hasPreviousPage).toBe(place !== '');
        forward.push(...idsOf(page));
        if (!page.pageInfo.hasNextPage) break;
        place = `, after: "${page.pageInfo.endCursor}"`;
      }
      expect(forward).toEqual(all);

      const backward: string[] = [];
      for (let place = ''; ; ) {
        const page = await read(field, `last: ${size}${place}`);
        expect(page.pageInfo.hasNextPage).toBe(place !== '');
        backward.unshift(...idsOf(page));
        if (!page.pageInfo.hasPreviousPage) break;
        place = `, before: "${page.pageInfo.startCursor}"`;
      }
      expect(backward).toEqual(all);
    }
  });

  test.each(connections)('between two cursors of %s lies what lies between them', async (field) => {
    const { edges } = await read(field, 'first: 100');
    const [first, last] = [edges[0], edges.at(-1)];
    const page = await read(field, `first: 100, after: "${first?.cursor}", before: "${last?.cursor}"`);
    expect(idsOf(page)).toEqual(edges.slice(1, -1).map(({ node }) => node.id));
  });

  test.each(connections)('a cursor that is none is a mistake of the caller: %s', async (field) => {
    for (const cursor of ['nonsense', '', "' or 1=1 --", 'eyJhIjoxfQ']) {
      const answer = await ask(
        server.url(),
        `query ($after: String) { ${field}(after: $after) { nodes { id } } }`,
        { after: cursor },
      );
      expect(answer.errors?.[0]?.extensions?.['code'], cursor).toBe('BAD_INPUT');
    }
    expect(server.failures()).toEqual([]);
  });
});
