import { expect, test } from 'vitest';
import { decideScan } from '../../src/pipeline/scan-status.ts';
import { createCoverage } from '../../src/store/coverage.ts';
import { createCache } from '../../src/store/least-recent.ts';
import { day, firstDay, openLaboratory } from '../pipeline/laboratory.ts';
import { eachDatabase } from '../support/databases.ts';

eachDatabase(({ database }) => {
  test('the latest look counts, of scans of whole networks and of single hosts, until it is discarded', async () => {
    const { application, take, close } = openLaboratory(database());
    const { id: scannerId } = await application.scanners.create({ name: 'a', groupId: 1, guardShare: 1 });
    const coverage = createCoverage();
    const looksAt = async (address: string) => {
      const found = await coverage.looksAt(database(), new Map([[scannerId, [address, '192.0.2.1']]]));
      expect(found.get(scannerId)?.get('192.0.2.1')).toEqual([]);
      return (found.get(scannerId)?.get(address) ?? []).map(({ scan }) => scan);
    };
    expect(await looksAt('10.0.0.1')).toEqual([]);

    const hosts = [{ address: '10.0.0.1', ports: { 22: 'open' } }];
    const networks = ['10.0.0.0/24', '10.0.0.0/25', '10.0.0.0/26', '10.0.1.0/24'];
    const scans: number[] = [];
    for (const [index, targets] of networks.entries()) {
      scans.push(
        (await take({ scannerId, targets, hosts: index < 3 ? hosts : [], at: firstDay + index * day })).id,
      );
    }
    expect(await looksAt('10.0.0.1')).toEqual([scans[2]]);
    expect(await looksAt('10.0.0.65')).toEqual([scans[1]]);
    expect(await looksAt('10.0.0.200')).toEqual([scans[0]]);
    expect(await looksAt('10.0.1.7')).toEqual([scans[3]]);

    const single = await take({ scannerId, targets: '10.0.0.1', hosts, at: firstDay + 5 * day });
    expect(await looksAt('10.0.0.1')).toEqual([single.id]);
    expect(await looksAt('10.0.0.2')).toEqual([scans[2]]);

    await decideScan(database(), single.id, { action: 'discard', now: Date.now() });
    expect(await looksAt('10.0.0.1')).toEqual([scans[2]]);
    await decideScan(database(), single.id, { action: 'restore', now: Date.now() });
    expect(await looksAt('10.0.0.1')).toEqual([single.id]);
    await close();
  });
});

test('a cache forgets what was not used for longest', () => {
  const cache = createCache<number, string>({ entriesMax: 2 });
  cache.set(1, 'one');
  cache.set(2, 'two');
  cache.get(1);
  cache.set(3, 'three');
  expect([cache.get(1), cache.get(2), cache.get(3)]).toEqual(['one', undefined, 'three']);
});
