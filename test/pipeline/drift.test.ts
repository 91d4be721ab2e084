import { describe, expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { openTargetWorld, tcp } from './target-world.ts';

const host = '10.0.0.1';
const ssh = (expected: string, more: object = {}) => ({
  externalId: 'ssh',
  selector: host,
  ports: '22/tcp',
  expect: expected,
  ...more,
});
const up = (ports: string) => ({ hosts: { [host]: ports } });

eachDatabase(({ database }) => {
  const open = async () => openTargetWorld(database());

  describe('a drift item', () => {
    test('opens and resolves by observation, and opens again as another episode', async () => {
      const world = await open();
      await world.declare([ssh('required')]);
      const scans: number[] = [];
      for (const seen of ['22:closed', '22', '22:closed']) {
        scans.push((await world.scan(up(seen))).id);
        world.wait(24);
      }
      const [item] = await world.items();
      expect(item).toMatchObject({ episode: 2, openedBy: 'observation', scanId: scans[2] });
      expect(item?.firstOpenedAt).toBe((item?.openedAt ?? 0) - 48 * 3_600_000);
      expect(await world.logged()).toEqual([
        'imported by target_change: the target',
        'opened by observation: 10.0.0.1 22/tcp',
        'resolved by observation: 10.0.0.1 22/tcp',
        'reopened by observation: 10.0.0.1 22/tcp',
      ]);
      expect(await world.verify()).toEqual([]);
    });

    test('opens and resolves by a change of the target, which says who made it', async () => {
      const world = await open();
      await world.declare([{ selector: host, expect: 'present' }, ssh('allowed')]);
      await world.scan(up('22'));
      const opened = await world.declare([ssh('forbidden', { owner: 'webops', ticket: 'CHG1' })]);
      const [item] = await world.items();
      expect(item).toMatchObject({ openedBy: 'target_change', owner: 'webops', ticket: 'CHG1' });
      expect(item?.scanId).toBeUndefined();
      const fixed = await world.declare([ssh('allowed')]);
      const events = await world.events({ causes: ['target_change'] });
      expect(events.map(({ kind, revision, counts }) => ({ kind, revision, counts }))).toMatchObject([
        { kind: 'imported', revision: 1, counts: { opened: 0, resolved: 0 } },
        { kind: 'opened', revision: opened.revision?.number },
        { kind: 'imported', revision: 2, counts: { opened: 1, resolved: 0 } },
        { kind: 'resolved', revision: fixed.revision?.number },
        { kind: 'imported', revision: 3, counts: { opened: 0, resolved: 1 } },
      ]);
      const [resolved] = await world.items({ states: ['resolved'] });
      expect(resolved).toMatchObject({ resolvedBy: 'target_change', resolvedAt: world.now() });
    });

    test('opens and resolves by a change of a policy', async () => {
      const world = await open();
      await world.declare([{ selector: host, expect: 'optional' }]);
      await world.policy({ undeclaredPorts: 'allow' });
      await world.scan(up('22'));
      await world.policy({ undeclaredPorts: 'drift' });
      await world.policy({ undeclaredPorts: 'ignore' });
      expect(await world.logged({ causes: ['policy_change'] })).toEqual([
        'opened by policy_change: 10.0.0.1 22/tcp',
        'resolved by policy_change: 10.0.0.1 22/tcp',
      ]);
    });

    test('resolves when its host is retired from memory', async () => {
      const world = await open();
      await world.declare([{ selector: '10.0.0.2', expect: 'optional' }]);
      await world.scan(up('22'));
      expect(await world.told()).toEqual([
        '10.0.0.1 host host_unexpected',
        '10.0.0.1 22/tcp port_unexpected',
      ]);
      await world.application.decisions.forgetHost({ addressSpaceId: world.spaceId, address: host });
      expect(await world.told({ networks: [host] })).toEqual([]);
      expect(await world.logged({ causes: ['host_retired'] })).toEqual([
        'resolved by host_retired: 10.0.0.1 host',
        'resolved by host_retired: 10.0.0.1 22/tcp',
      ]);
      expect(await world.verify()).toEqual([]);
    });

    test('that was unexpected and gets forbidden is the same item', async () => {
      const world = await open();
      await world.declare([{ selector: host, expect: 'present' }]);
      await world.scan(up('22'));
      const [before] = await world.items();
      await world.declare([ssh('forbidden')]);
      const [after, ...others] = await world.items();
      expect(others).toEqual([]);
      expect(after).toEqual({ ...before, kind: 'port_forbidden', statementId: after?.statementId });
      expect(await world.items({ states: ['resolved'] })).toEqual([]);
      expect((await world.logged()).at(-2)).toBe('changed by target_change: 10.0.0.1 22/tcp');
      expect((await world.events()).at(-2)?.item).toMatchObject({ id: after?.id, kind: 'port_forbidden' });
    });

    test('is one for each address space, view, address, protocol, port and side', async () => {
      const [world, other] = [await open(), await open()];
      for (const each of [world, other]) {
        await each.declare([
          ssh('required', { externalId: 'missing' }),
          { selector: host, expect: 'present' },
        ]);
        await each.declare([
          { selector: host, ports: '22/udp,22/tcp', expect: 'forbidden', view: 'outside' },
        ]);
        await each.scan({ by: 'a', ...up('22:closed') });
        await each.scan({ by: 'z', ...up('22') });
      }
      const items = await world.items({ addressSpaceIds: [world.spaceId, other.spaceId] });
      expect(new Set(items.map(({ id }) => id)).size).toBe(4);
      const sides = items.map(({ addressSpaceId, port, side }) => [addressSpaceId, port, side]);
      expect(sides).toEqual([
        [world.spaceId, tcp(22), 'missing'],
        [world.spaceId, tcp(22), 'excess'],
        [other.spaceId, tcp(22), 'missing'],
        [other.spaceId, tcp(22), 'excess'],
      ]);
    });

    test('on the other side is another item, and the first is resolved', async () => {
      const world = await open();
      await world.declare([ssh('forbidden')]);
      await world.scan(up('22'));
      const [first] = await world.items();
      await world.declare([ssh('required')]);
      world.wait(24);
      await world.scan(up('22:closed'));
      const [second] = await world.items();
      expect(second).toMatchObject({ side: 'missing', episode: 1 });
      expect(second?.id).not.toBe(first?.id);
      expect(await world.items({ states: ['resolved'] })).toMatchObject([
        { side: 'excess', resolvedBy: 'target_change' },
      ]);
    });

    test('never closes because nobody looked', async () => {
      const world = await open();
      await world.declare([ssh('required')]);
      await world.scan(up('22:closed'));
      world.wait(24);
      await world.scan({ ...up('80:closed'), ports: '80' });
      await world.scan({ hosts: {}, exit: 'error', hoursAgo: 0.5 });
      await world.scan({ hosts: {}, targets: '10.7.0.0/24', hoursAgo: 0.25 });
      expect(await world.told()).toEqual(['10.0.0.1 22/tcp port_missing']);
      expect(await world.logged({ events: ['resolved'] })).toEqual([]);
      expect(await world.verify()).toEqual([]);
    });

    test('on a host that went is unverifiable, and verifiable when it returns', async () => {
      const world = await open();
      await world.declare([ssh('forbidden')]);
      await world.scan(up('22'));
      world.wait(24);
      await world.scan({ hosts: {} });
      expect(await world.told()).toEqual(['10.0.0.1 22/tcp port_forbidden (host_gone)']);
      expect(await world.told({ unverifiable: false })).toEqual([]);
      world.wait(24);
      await world.scan(up('22'));
      expect(await world.told()).toEqual(['10.0.0.1 22/tcp port_forbidden']);
      expect((await world.logged()).slice(1)).toEqual([
        'opened by observation: 10.0.0.1 22/tcp',
        'became_unverifiable by observation: 10.0.0.1 22/tcp',
        'verifiable_again by observation: 10.0.0.1 22/tcp',
      ]);
      expect(await world.verify()).toEqual([]);
    });

    test('that flaps is marked once, and no longer when it has been quiet for a week', async () => {
      const world = await open();
      await world.declare([ssh('required')]);
      for (let i = 0; i < 9; i += 1) {
        world.wait(4);
        await world.scan(up(i % 2 === 0 ? '22:closed' : '22'));
      }
      expect(await world.items({ flapping: true })).toHaveLength(1);
      expect(await world.logged({ events: ['flapping'] })).toHaveLength(1);
      world.wait(8 * 24);
      await world.tick();
      expect(await world.items({ flapping: true })).toEqual([]);
      expect(await world.items()).toMatchObject([{ flapping: false, episode: 5 }]);
    });
  });

  describe('drift stays right', () => {
    const settled = async () => {
      const world = await open();
      await world.declare([ssh('required'), { selector: '10.0.0.2', expect: 'present' }]);
      const first = await world.scan({ hosts: { [host]: '22', '10.0.0.2': '' } });
      world.wait(24);
      return { world, first };
    };

    test('when a scan is discarded and restored', async () => {
      const { world } = await settled();
      const bad = await world.scan({ hosts: {} });
      expect(await world.told()).toEqual(['10.0.0.2 host host_missing']);
      await world.application.decisions.decideScan(bad.id, 'discard');
      expect(await world.told()).toEqual([]);
      expect(await world.verify()).toEqual([]);
      await world.application.decisions.decideScan(bad.id, 'restore');
      expect(await world.told()).toEqual(['10.0.0.2 host host_missing']);
      expect(await world.items()).toMatchObject([{ episode: 2, openedBy: 'observation', scanId: bad.id }]);
      expect(await world.verify()).toEqual([]);
    });

    test('when a held scan is released', async () => {
      const world = await openTargetWorld(database(), { scanners: { guardShare: 0.5 } });
      const hosts = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`10.0.0.${i + 1}`, '22']));
      await world.declare([ssh('required'), { selector: host, expect: 'present' }]);
      await world.policy({ undeclaredPorts: 'ignore', undeclaredHosts: 'ignore' });
      await world.scan({ hosts });
      world.wait(24);
      const held = await world.scan({ hosts: {} });
      expect(held.status).toBe('held');
      expect(await world.told()).toEqual([]);
      await world.application.decisions.decideScan(held.id, 'release');
      expect(await world.told()).toEqual(['10.0.0.1 host host_missing']);
      expect(await world.verify()).toEqual([]);
    });

    test('when a scan comes late', async () => {
      const { world } = await settled();
      world.wait(48);
      await world.scan({ hosts: { [host]: '22', '10.0.0.2': '' } });
      await world.scan({ hosts: { [host]: '22:closed' }, hoursAgo: 30 });
      expect(await world.told()).toEqual([]);
      await world.scan({ hosts: { '10.5.0.77': '22' }, targets: '10.5.0.77', hoursAgo: 30 });
      expect(await world.told()).toContain('10.5.0.77 22/tcp port_unexpected');
      expect(await world.verify()).toEqual([]);
    });

    test('when history is pruned', async () => {
      const { world } = await settled();
      await world.scan({ hosts: { [host]: '22:closed' } });
      const before = await world.items();
      world.wait(24 * 100);
      await world.application.decisions.prune({ before: world.now() - 24 * 3_600_000, dryRun: false });
      expect(await world.items()).toEqual(before);
      expect(await world.verify()).toEqual([]);
    });

    test('when other thresholds make another history: the cause is a policy', async () => {
      const { world } = await settled();
      await world.scan({ hosts: { [host]: '22:closed', '10.0.0.2': '' } });
      const thresholds = { closedAfterScans: 2, openAfterScans: 1, goneAfterScans: 1, backAfterScans: 1 };
      await world.application.scanners.update(world.scanner('a'), { thresholds });
      expect(await world.told()).toEqual([]);
      expect((await world.logged()).at(-1)).toBe('resolved by policy_change: 10.0.0.1 22/tcp');
      expect(await world.verify()).toEqual([]);
    });

    test('when the only scanner of a view is retired: what is open stays so, and nothing proves it', async () => {
      const { world } = await settled();
      await world.scan({ hosts: { [host]: '22:closed', '10.0.0.2': '' } });
      await world.application.decisions.retireScanner(world.scanner('a'));
      expect(await world.told()).toEqual(['10.0.0.1 22/tcp port_missing (never_scanned)']);
      await world.employ('b', 'inside');
      await world.scan({ by: 'b', hosts: { [host]: '22', '10.0.0.2': '' } });
      expect(await world.told()).toEqual([]);
      expect(await world.verify()).toEqual([]);
    });

    test('when a scanner moves to another view', async () => {
      const { world } = await settled();
      await world.scan({ hosts: { [host]: '22:closed', '10.0.0.2': '' } });
      await world.application.scanners.update(world.scanner('a'), { groupId: world.view('outside') });
      const items = await world.items();
      expect(items.map(({ scannerGroupId, unverifiable }) => [scannerGroupId, unverifiable?.reason])).toEqual(
        [
          [world.view('inside'), 'never_scanned'],
          [world.view('outside'), undefined],
        ],
      );
      expect(items.map(({ openedBy }) => openedBy)).toEqual(['observation', 'policy_change']);
      expect(await world.verify()).toEqual([]);
    });

    test('when a view is removed: it cannot be once it had drift', async () => {
      const { world } = await settled();
      const { scannerGroups, scanners } = world.application;
      await world.scan({ hosts: { [host]: '22:closed', '10.0.0.2': '' } });
      await scanners.update(world.scanner('a'), { groupId: world.view('outside') });
      await expect(scannerGroups.remove(world.view('inside'))).rejects.toMatchObject({ name: 'InUse' });
      expect(await world.items({ scannerGroupIds: [world.view('inside')] })).toHaveLength(1);
    });

    test('when the priority of a source changes', async () => {
      const world = await open();
      await world.founded('policy', { priority: 5 });
      await world.declare([ssh('required')]);
      await world.declare([ssh('allowed')], { into: 'policy' });
      await world.scan(up('22:closed'));
      expect(await world.told()).toEqual([]);
      await world.application.targets.sources.update(world.source('cmdb'), { priority: 9 });
      expect(await world.told()).toEqual(['10.0.0.1 22/tcp port_missing']);
      expect(await world.items()).toMatchObject([{ openedBy: 'policy_change' }]);
      expect(await world.verify()).toEqual([]);
    });

    test('when everything that was declared is taken back: nothing deviates from nothing', async () => {
      const { world } = await settled();
      await world.scan({ hosts: { '10.0.0.2': '80' } });
      const override = { brakes: ['empty_snapshot', 'deletes'] as const, reason: 'the end' };
      await world.declare([], { mode: 'snapshot', override });
      expect(await world.told()).toEqual([]);
      expect(await world.verify()).toEqual([]);
    });
  });

  test('scans, imports, decisions and ticks at once never block one another, and drift is right after them', async () => {
    const world = await open();
    await world.employ('b', 'inside');
    await world.policy({ staleAfterSeconds: 3600 });
    const hosts = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`10.0.0.${i + 1}`, '22']));
    await world.declare(
      Object.keys(hosts).map((selector) => ({ selector, ports: '22/tcp', expect: 'required' })),
    );
    await world.scan({ hosts, hoursAgo: 0.1 });
    for (let round = 0; round < 4; round += 1) {
      world.wait(2);
      const mixed = Object.fromEntries(
        Object.keys(hosts).map((one, i) => [one, i % 3 === round % 3 ? '80' : '22']),
      );
      await Promise.all([
        world.scan({ by: 'a', hosts: mixed, hoursAgo: 0.1 }),
        world.scan({ by: 'b', hosts, hoursAgo: 0.2 }),
        world.tick(),
        world.declare([ssh(round % 2 === 0 ? 'forbidden' : 'allowed')]),
        world.tick(),
        world.application.decisions
          .forgetHost({ addressSpaceId: world.spaceId, address: '10.0.0.30' })
          .catch((error: Error) => expect(error.name).toBe('NotFound')), // Nobody saw it yet.
        world.policy({ undeclaredPorts: round % 2 === 0 ? 'ignore' : 'drift' }),
      ]);
      expect(await world.verify()).toEqual([]);
    }
  });
});
