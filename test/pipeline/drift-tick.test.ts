import { describe, expect, test } from 'vitest';
import { tickDrift } from '../../src/pipeline/drift-tick.ts';
import { openDatabase } from '../../src/store/database.ts';
import { eachDatabase, onDatabase } from '../support/databases.ts';
import { hourMs, openTargetWorld, type TargetWorld } from './target-world.ts';

const host = '10.0.0.1';
const ssh = (expected: string, more: object = {}) => ({
  selector: host,
  ports: '22/tcp',
  expect: expected,
  ...more,
});
const later = (world: TargetWorld, hours: number) => new Date(world.now() + hours * hourMs).toISOString();

eachDatabase(({ database, kind, url }) => {
  const open = async () => openTargetWorld(database());

  describe('when a statement begins or ends to hold', () => {
    test('the tick opens and resolves what that changes, by expiry', async () => {
      const world = await open();
      const window = { validFrom: later(world, 10), validUntil: later(world, 20) };
      await world.declare([{ selector: host, expect: 'present' }, ssh('forbidden', window)]);
      await world.policy({ undeclaredPorts: 'ignore' });
      await world.scan({ hosts: { [host]: '22' } });
      expect(await world.told()).toEqual([]);
      world.wait(9);
      expect(await world.tick()).toBe(0);
      world.wait(1);
      expect(await world.tick()).toBeGreaterThan(0);
      expect(await world.told()).toEqual(['10.0.0.1 22/tcp port_forbidden']);
      world.wait(10);
      await world.tick();
      expect(await world.told()).toEqual([]);
      expect(await world.logged({ causes: ['expiry'] })).toEqual([
        'opened by expiry: 10.0.0.1 22/tcp',
        'resolved by expiry: 10.0.0.1 22/tcp',
      ]);
      expect(await world.tick()).toBe(0);
      expect(await world.verify()).toEqual([]);
    });

    test('several ends that were slept through are one step', async () => {
      const world = await open();
      await world.declare([
        { selector: host, expect: 'present' },
        ssh('allowed', { externalId: 'a', validUntil: later(world, 5) }),
        ssh('forbidden', { externalId: 'b', selector: '10.0.0.0/24', validUntil: later(world, 50) }),
      ]);
      await world.policy({ undeclaredPorts: 'ignore' });
      await world.scan({ hosts: { [host]: '22' } });
      world.wait(1000);
      await world.tick();
      expect(await world.told()).toEqual([]);
      expect(await world.tick()).toBe(0);
      expect(await world.verify()).toEqual([]);
    });
  });

  describe('evidence that gets stale', () => {
    const aged = async () => {
      const world = await open();
      await world.policy({ staleAfterSeconds: 24 * 3600, undeclaredHosts: 'drift' });
      await world.declare([ssh('required')]);
      await world.scan({ hosts: { [host]: '22:closed', '10.0.0.2': '80' } });
      return world;
    };

    test('closes nothing: what is open is marked, whatever its kind', async () => {
      const world = await aged();
      const items = [
        '10.0.0.1 22/tcp port_missing',
        '10.0.0.2 host host_unexpected',
        '10.0.0.2 80/tcp port_unexpected',
      ];
      expect(await world.told()).toEqual(items);
      world.wait(25);
      await world.tick();
      expect(await world.told()).toEqual(items.map((item) => `${item} (stale)`));
      expect(await world.logged({ causes: ['expiry'] })).toEqual([
        'became_unverifiable by expiry: 10.0.0.1 22/tcp',
        'became_unverifiable by expiry: 10.0.0.2 host',
        'became_unverifiable by expiry: 10.0.0.2 80/tcp',
      ]);
      expect(await world.tick()).toBe(0);
      expect(await world.verify()).toEqual([]);
    });

    test('is fresh again with a scan that says the same', async () => {
      const world = await aged();
      world.wait(25);
      await world.tick();
      await world.scan({ hosts: { [host]: '22:closed', '10.0.0.2': '80' } });
      expect(await world.items({ unverifiable: true })).toEqual([]);
      expect(await world.items()).toHaveLength(3);
      expect(await world.logged({ events: ['verifiable_again'] })).toHaveLength(3);
      expect(await world.verify()).toEqual([]);
    });

    test('is fresh again with a scan that was made before it got stale, and came after', async () => {
      const world = await aged();
      world.wait(25);
      await world.tick();
      await world.scan({ hosts: { [host]: '22:closed', '10.0.0.2': '80' }, hoursAgo: 5 });
      expect(await world.items({ unverifiable: true })).toEqual([]);
      expect(await world.verify()).toEqual([]);
    });

    test('is told of once, although the scanner goes on looking elsewhere', async () => {
      const world = await aged();
      for (let day = 0; day < 3; day += 1) {
        world.wait(25);
        await world.tick();
        await world.scan({ hosts: {}, targets: '10.8.0.0/24' });
      }
      expect(await world.logged({ events: ['became_unverifiable'] })).toHaveLength(3);
      expect(await world.verify()).toEqual([]);
    });
  });

  describe('a waiver', () => {
    const waived = async (hours: number) => {
      const world = await open();
      await world.declare([ssh('forbidden')]);
      await world.scan({ hosts: { [host]: '22' } });
      const [item] = await world.items();
      const { waivers } = world.application.drift;
      const waiver = await waivers.create({
        itemId: item?.id ?? 0,
        reason: 'until the move',
        owner: 'webops',
        expiresAt: world.now() + hours * hourMs,
      });
      return { world, waiver, waivers };
    };

    test('ends by the clock at once, and its end is told once', async () => {
      const { world } = await waived(5);
      expect(await world.items({ waived: true })).toHaveLength(1);
      world.wait(5);
      expect(await world.items({ waived: true })).toEqual([]); // Nobody need tick for it.
      expect(await world.tick()).toBe(1);
      expect(await world.tick()).toBe(0);
      expect((await world.logged()).slice(-2)).toEqual([
        'waived by policy_change: 10.0.0.1 22/tcp',
        'waiver_expired by expiry: 10.0.0.1 22/tcp',
      ]);
    });

    test('that ended and is extended holds at once, which is told, and ends again', async () => {
      const { world, waiver, waivers } = await waived(5);
      world.wait(6);
      await world.tick();
      await waivers.extend(waiver.id, world.now() + 5 * hourMs);
      expect(await world.items({ waived: true })).toHaveLength(1);
      world.wait(5);
      await world.tick();
      expect((await world.logged()).slice(-4)).toEqual([
        'waived by policy_change: 10.0.0.1 22/tcp',
        'waiver_expired by expiry: 10.0.0.1 22/tcp',
        'waived by policy_change: 10.0.0.1 22/tcp',
        'waiver_expired by expiry: 10.0.0.1 22/tcp',
      ]);
    });

    test('that is revoked ends at once, by a decision, and is told once', async () => {
      const { world, waiver, waivers } = await waived(5);
      await Promise.all([waivers.revoke(waiver.id), waivers.revoke(waiver.id)]);
      expect(await world.items({ waived: true })).toEqual([]);
      world.wait(10);
      await world.tick();
      expect(await world.logged({ events: ['waiver_expired'] })).toEqual([
        'waiver_expired by policy_change: 10.0.0.1 22/tcp',
      ]);
      await expect(waivers.extend(waiver.id, world.now() + hourMs)).rejects.toThrow('was revoked');
    });

    test('whose end another waiver outlasts tells nothing of the item', async () => {
      const { world, waivers } = await waived(5);
      await waivers.create({
        addressSpaceId: world.spaceId,
        network: '10.0.0.0/24',
        reason: 'the whole rack',
        owner: 'netops',
        expiresAt: world.now() + 50 * hourMs,
      });
      world.wait(6);
      await world.tick();
      expect(await world.logged({ events: ['waiver_expired'] })).toEqual([]);
      expect(await world.items({ waived: true })).toHaveLength(1);
    });
  });

  test('time that goes on tells everything once, however many processes look at the clock', async () => {
    const world = await open();
    const until = { validUntil: later(world, 5) };
    const hosts = Array.from({ length: 40 }, (_, i) => `10.0.0.${i + 1}`);
    await world.declare(hosts.map((selector) => ({ ...ssh('forbidden', until), selector })));
    await world.scan({ hosts: Object.fromEntries(hosts.map((address) => [address, '22'])) });
    await world.policy({ undeclaredPorts: 'ignore', undeclaredHosts: 'ignore' });
    await world.application.drift.waivers.create({
      addressSpaceId: world.spaceId,
      network: '10.0.0.0/24',
      reason: 'r',
      owner: 'o',
      expiresAt: world.now() + 2 * hourMs,
    });
    world.wait(3);
    const others = kind === 'postgres' ? [await openDatabase({ url: url() })] : [];
    const tickAll = () =>
      Promise.all([database(), ...others, database()].map((one) => tickDrift(one, world.now())));
    await tickAll();
    expect(await world.logged({ events: ['waiver_expired'] })).toHaveLength(hosts.length);
    world.wait(3);
    await tickAll();
    expect(await world.logged({ events: ['resolved'] })).toHaveLength(hosts.length);
    for (const other of others) await other.close();
  });
});

onDatabase('postgres', ({ database, url }) => {
  test('a tick and the scans that come meanwhile never wait for one another in a circle', async () => {
    const world = await openTargetWorld(database());
    const other = await openDatabase({ url: url() });
    await world.policy({ staleAfterSeconds: 3600 });
    const hosts = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`10.0.0.${i + 1}`, '22']));
    await world.declare([{ selector: '10.0.0.0/24', ports: '22/tcp', expect: 'required' }]);
    for (let round = 0; round < 5; round += 1) {
      const ports = round % 2 === 0 ? '22' : '22:closed';
      const seen = Object.fromEntries(Object.keys(hosts).map((address) => [address, ports]));
      const scans = [
        world.scan({ hosts: seen, hoursAgo: 0.1 }),
        world.scan({ by: 'z', hosts: seen, hoursAgo: 0.1 }),
      ];
      await Promise.all([...scans, tickDrift(other, world.now()), world.tick()]);
      world.wait(2);
    }
    await world.tick();
    expect(await world.verify()).toEqual([]);
    await other.close();
  });
});
