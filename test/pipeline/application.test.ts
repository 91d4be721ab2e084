import { expect, test } from 'vitest';
import type { Application } from '../../src/graphql/context.ts';
import { openDatabase } from '../../src/store/database.ts';
import { eachDatabase, onDatabase } from '../support/databases.ts';
import { day, firstDay, openLaboratory, walk } from './laboratory.ts';

const page = { limit: 100, backward: false };

eachDatabase(({ database }) => {
  test('the application is what the API asks for', async () => {
    const { application, close } = openLaboratory(database());
    const asApi: Application = application;
    expect(await asApi.addressSpaces.all()).toHaveLength(1);
    await close();
  });

  test('other thresholds fold the past again: what no longer holds is taken back', async () => {
    const { application, take, close } = openLaboratory(database());
    const { id: scannerId } = await application.scanners.create({ name: 'a', groupId: 1, guardShare: 1 });
    const host = (ports: Record<number, string>) => [{ address: '10.0.0.1', ports }];
    await take({ scannerId, at: firstDay, hosts: host({ 22: 'open', 80: 'open' }) });
    await take({ scannerId, at: firstDay + day, hosts: host({ 22: 'open' }) });
    const place = { addressSpaceId: 1, address: '10.0.0.1', port: 80 };
    const verdict = async () => (await application.endpoints.findMany([place]))[0]?.verdict;
    expect(await verdict()).toBe('not_open');

    await application.scanners.update(scannerId, { thresholds: { closedAfterScans: 2 } });
    expect(await verdict()).toBe('open');
    const [newest] = (await application.changes.page({}, page)).items;
    expect(newest?.node).toMatchObject({ kind: 'port_closed', port: 80, reason: 'thresholds_changed' });

    await application.scanners.update(scannerId, { thresholds: { closedAfterScans: 1 } });
    expect(await verdict()).toBe('not_open');
    const live = (await walk(application.changes, { retractions: false }, page)).filter(
      ({ node }) => !node.retracted,
    );
    expect(live.map(({ node }) => node.kind)).toEqual([
      'port_closed',
      'port_opened',
      'port_opened',
      'host_new',
    ]);
    await close();
  });

  test('thresholds that are refused change neither the scanner nor the past', async () => {
    const { application, close } = openLaboratory(database());
    const known = await application.scanners.findByName('a');
    const count = await application.changes.count({});
    const answer = application.scanners.update(known?.id ?? 0, {
      name: 'b',
      thresholds: { openAfterScans: 0 },
    });
    await expect(answer).rejects.toThrow('openAfterScans');
    expect(await application.scanners.findByName('a')).toEqual(known);
    expect(await application.changes.count({})).toBe(count);
    await close();
  });
});

onDatabase('postgres', ({ database, url }) => {
  test('what one process takes in, another sees, and it keeps no coverage of before', async () => {
    const second = await openDatabase({ url: url() });
    const [here, there] = [openLaboratory(database()), openLaboratory(second)];
    const { id: scannerId } = await here.application.scanners.create({ name: 'shared', groupId: 1 });
    const hosts = [{ address: '10.0.0.1', ports: { 22: 'open' } }];
    for (const at of [firstDay, firstDay + day, firstDay + 2 * day]) {
      await here.take({ scannerId, at, hosts });
      const { items } = await there.application.endpoints.page({}, page);
      expect(items.map(({ node }) => node.views[0]?.lastVerifiedAt)).toEqual([at * 1000]);
    }
    await here.close();
    await there.close();
    await second.close();
  });
});
