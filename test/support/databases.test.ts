import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import { eachDatabase, emptyDatabase, freshDatabase } from './databases.ts';

const tables = sql`
  select count(*)::int as count
  from information_schema.tables
  where table_schema = 'public'
`;

eachDatabase(({ kind, database, url }) => {
  test('a suite has a database of its kind with the present schema', async () => {
    const [row] = await database().rows<{ count: number }>(tables);
    expect(database().kind).toBe(kind);
    expect(row?.count).toBeGreaterThan(1);
  });

  test('another database has the same schema, but other data', async () => {
    await database().rows(sql`create table only_here (a int)`);
    const other = await freshDatabase(kind);
    expect(other).not.toBe(url());

    const opened = await openDatabase({ url: other });
    const found = await opened.rows(sql`select to_regclass('only_here')::text as name`);
    await opened.close();
    expect(found).toEqual([{ name: null }]);
  });

  test('an empty database gets its schema when it is opened', async () => {
    const opened = await openDatabase({ url: await emptyDatabase(kind) });
    const [row] = await opened.rows<{ count: number }>(tables);
    await opened.close();
    expect(row?.count).toBeGreaterThan(1);
  });
});
