import { expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { day, firstDay, openLaboratory, type ReportedHost } from './laboratory.ts';

const addresses = Array.from({ length: 14 }, (_, i) => `10.0.0.${i + 1}`);

/** Every day another port is open, so that every scan changes every host. */
const hostsOf = (scan: number): ReportedHost[] =>
  addresses.map((address) => ({ address, ports: { 22: 'open', [100 + scan]: 'open' } }));

eachDatabase(({ database }) => {
  test('runs while reports come in: neither fails, and nothing that came is lost', async () => {
    const { application, take, close } = openLaboratory(database());
    const scanner = async (name: string) =>
      (await application.scanners.create({ name, groupId: 1, guardShare: 1 })).id;
    const scanners = [await scanner('a'), await scanner('b')];
    const scanOn = (scannerId: number, scan: number) =>
      take({ scannerId, at: firstDay + scan * day, hosts: hostsOf(scan) });
    for (const id of scanners) for (let scan = 0; scan < 4; scan += 1) await scanOn(id, scan);

    const coming = scanners.map(async (id) => {
      for (let scan = 4; scan < 12; scan += 1) await scanOn(id, scan);
    });
    const before = (firstDay + 3 * day) * 1000;
    const pruning = scanners.map((id) =>
      application.decisions.prune({ scannerIds: [id], before, dryRun: false }),
    );
    const counts = await Promise.all(pruning);
    expect(counts.map(({ hosts }) => hosts)).toEqual([14, 14]);
    await Promise.all(coming);

    const filter = { verdicts: ['open' as const] };
    const { items } = await application.endpoints.page(filter, { limit: 100, backward: false });
    expect(items.map(({ node }) => `${node.address} ${node.port}`)).toEqual(
      addresses.flatMap((address) => [`${address} 22`, `${address} 111`]),
    );
    for (const { node } of items) expect(node.views.map(({ verdict }) => verdict)).toEqual(['open', 'open']);
    const place = { addressSpaceId: 1, address: '10.0.0.1', port: 106 };
    const [histories] = await application.history.of([place]);
    expect(histories?.[0]?.entries.map(({ kind }) => kind)).toEqual([
      'host_new',
      'port_opened',
      'port_closed',
    ]);
    const past = await application.endpoints.count(filter, (firstDay + 7 * day) * 1000);
    expect(past).toBe(28);
    await close();
  });
});
