import { execute, parse } from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import { createLoaders } from '../../src/graphql/loaders.ts';
import { schema } from '../../src/graphql/schema.ts';
import type { Database } from '../../src/store/session.ts';
import { openLaboratory } from '../pipeline/laboratory.ts';
import { eachDatabase } from '../support/databases.ts';
import { seed } from './seed.ts';

/** The same database, counting its statements. */
function counting(database: Database): { database: Database; statements: () => number } {
  let count = 0;
  const rows: Database['rows'] = (statement) => {
    count += 1;
    return database.rows(statement);
  };
  return { database: { ...database, rows }, statements: () => count };
}

const endpoint =
  '{ port verdict host { address } raw { state } changes(first: 2) { totalCount nodes { id } } }';
const change = `{ id host { address } endpoint ${endpoint} retracts { id } }`;
const host = `{
  address
  history { looks entries { kind } }
  endpoints(first: 5) { totalCount nodes ${endpoint} }
  changes(first: 5) { totalCount nodes ${change} }
}`;

const lists = {
  hosts: `query ($first: Int) { hosts(first: $first) { nodes ${host} } }`,
  endpoints: `query ($first: Int) { endpoints(first: $first) { nodes ${endpoint} } }`,
  changes: `query ($first: Int) { changes(first: $first, filter: { baseline: false }) { nodes ${change} } }`,
  scanners: `query ($first: Int) { scanners(first: $first) { nodes { name health { overdue heldScans } } } }`,
};

eachDatabase((place) => {
  let counted: ReturnType<typeof counting>;
  let laboratory: ReturnType<typeof openLaboratory>;

  beforeAll(async () => {
    counted = counting(place.database());
    laboratory = openLaboratory(counted.database);
    await seed(laboratory.application);
    return laboratory.close;
  });

  const statementsFor = async (
    query: string,
    first: number,
  ): Promise<{ items: number; statements: number }> => {
    const { application } = laboratory;
    const before = counted.statements();
    const answer = await execute({
      schema,
      document: parse(query),
      variableValues: { first },
      contextValue: { application, loaders: createLoaders(application) },
    });
    expect(answer.errors).toBeUndefined();
    const [page] = Object.values(answer.data ?? {}) as [{ nodes: unknown[] }];
    return { items: page.nodes.length, statements: counted.statements() - before };
  };

  test.each(Object.entries(lists))(
    'a page of %s with all that hangs on its rows costs as many statements as a short page',
    async (name, query) => {
      await statementsFor(query, 100); // What is cached is cached.
      const short = await statementsFor(query, name === 'changes' ? 6 : 1);
      const many = await statementsFor(query, 100);
      expect(many.items).toBeGreaterThan(short.items);
      expect(many.statements).toBeLessThanOrEqual(short.statements + 4);
    },
  );
});
