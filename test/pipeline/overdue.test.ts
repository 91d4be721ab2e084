import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { raiseOverdue } from '../../src/pipeline/overdue.ts';
import { openDatabase } from '../../src/store/database.ts';
import { eachDatabase } from '../support/databases.ts';
import { openLaboratory } from './laboratory.ts';

const hourMs = 3_600_000;

eachDatabase(({ kind, database, url }) => {
  test('a scanner whose scan does not come is told of once, by whoever looks first, and again for the next one', async () => {
    const { application, take, close } = openLaboratory(database());
    const silent = await application.scanners.create({
      name: 'silent',
      groupId: 1,
      expectEverySeconds: 3600,
    });
    await application.scanners.create({ name: 'carefree', groupId: 1 });
    const added = silent.createdAt;
    const others = kind === 'postgres' ? await openDatabase({ url: url() }) : undefined;
    const look = async (now: number) => {
      const told = await Promise.all([database(), others ?? database()].map((one) => raiseOverdue(one, now)));
      return told.reduce((sum, count) => sum + count, 0);
    };
    expect(await look(added + hourMs - 1)).toBe(0);
    expect(await look(added + hourMs)).toBe(1);
    expect(await look(added + 2 * hourMs)).toBe(0);
    const [event] = await database().rows<{ kind: string; details: { dueAt: number } }>(
      sql`select kind, details from scan_event order by sequence limit 1`,
    );
    expect(event).toEqual({ kind: 'scanner_overdue', details: { dueAt: added + hourMs } });

    const controller = new AbortController();
    for await (const told of application.scans.follow({ scannerIds: [silent.id] }, '0', controller.signal)) {
      expect(told).toMatchObject({ kind: 'scanner_overdue', scannerId: silent.id, dueAt: added + hourMs });
      break;
    }
    const { receivedAt } = await take({ scannerId: silent.id, at: Math.floor(added / 1000), hosts: [] });
    expect(await look(receivedAt + hourMs - 1)).toBe(0);
    expect(await look(receivedAt + hourMs)).toBe(1);
    await application.decisions.retireScanner(silent.id);
    expect(await look(receivedAt + 9 * hourMs)).toBe(0);
    await others?.close();
    await close();
  });
});
