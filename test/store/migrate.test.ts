import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import { emptyDatabase, onDatabase } from '../support/databases.ts';

onDatabase('postgres', ({ database }) => {
  test('six processes that start together apply the migrations once', async () => {
    const url = await emptyDatabase('postgres');
    const databases = await Promise.all(Array.from({ length: 6 }, () => openDatabase({ url })));
    const [first] = databases;
    const steps = await first?.rows<{ steps: number }>(
      sql`select count(*)::int as steps from drportscan_migration`,
    );
    const spaces = await first?.rows(sql`select name from address_space`);
    await Promise.all(databases.map((opened) => opened.close()));
    expect(steps?.[0]?.steps).toBeGreaterThan(0);
    expect(spaces).toEqual([{ name: 'default' }]);
  });

  test('a second start leaves the migrations alone', async () => {
    const url = await emptyDatabase('postgres');
    const first = await openDatabase({ url });
    const before = await first.rows(sql`select * from drportscan_migration order by hash`);
    await first.close();
    const second = await openDatabase({ url });
    expect(await second.rows(sql`select * from drportscan_migration order by hash`)).toEqual(before);
    await second.close();
  });

  test('a COPY that breaks a rule on its last row fails at once, with the reason', async () => {
    const target = { table: 'address_space', columns: ['name'] };
    await expect(database().copy(target, 'one\ntwo\none\n')).rejects.toThrow(/address_space_name_unique/);
    expect(await database().rows(sql`select name from address_space`)).toEqual([{ name: 'default' }]);
  });
});
