import { describe, expect, test } from 'vitest';
import type { DriftItem, WaiverInput } from '../../src/core/drift-model.ts';
import { eachDatabase } from '../support/databases.ts';
import { hourMs, openTargetWorld, type TargetWorld, tcp, textOf } from './target-world.ts';

const host = '10.0.0.1';
const ssh = (expected: string, more: object = {}) => ({
  externalId: 'ssh',
  selector: host,
  ports: '22/tcp',
  expect: expected,
  ...more,
});

/** A waiver for everything there is. */
const waiver = (world: TargetWorld, more: Partial<WaiverInput> = {}): WaiverInput => ({
  addressSpaceId: world.spaceId,
  network: '10.0.0.0/8',
  reason: 'accepted',
  owner: 'secops',
  expiresAt: world.now() + hourMs,
  ...more,
});

eachDatabase(({ database }) => {
  const open = async () => openTargetWorld(database());
  const drifting = async () => {
    const world = await open();
    await world.declare([ssh('forbidden'), { selector: '10.0.0.2', expect: 'present', owner: 'webops' }]);
    await world.scan({ hosts: { [host]: '22 80', '10.0.0.2': '' } });
    world.wait(1);
    await world.scan({ hosts: { [host]: '22 80' } });
    expect(await world.told()).toEqual([
      '10.0.0.1 22/tcp port_forbidden',
      '10.0.0.1 80/tcp port_unexpected',
      '10.0.0.2 host host_missing',
    ]);
    return world;
  };

  describe('an acknowledgement', () => {
    const seen = async () => {
      const world = await drifting();
      const [item] = await world.items();
      const ids = [item?.id ?? 0];
      const by = { actor: 'anna', note: 'on it' };
      await world.application.drift.acknowledge(ids, by);
      return { world, ids };
    };

    test('says who saw it, and closes and hides nothing', async () => {
      const { world } = await seen();
      expect(await world.items({ acknowledged: true })).toMatchObject([
        { state: 'open', acknowledged: { at: world.now(), by: 'anna', note: 'on it' } },
      ]);
      expect(await world.items()).toHaveLength(3);
      const [row] = await world.application.drift.summary({ addressSpaceIds: [world.spaceId] }, 'view');
      expect(row).toMatchObject({ open: 3, acknowledged: 1 });
      expect((await world.logged()).at(-1)).toBe('acknowledged by policy_change: 10.0.0.1 22/tcp');
    });

    test('survives scans and another kind, and ends with the episode', async () => {
      const { world } = await seen();
      world.wait(24);
      await world.scan({ hosts: { [host]: '22 80' } });
      await world.declare([
        { externalId: 'ssh', removed: true },
        { selector: host, expect: 'present' },
      ]);
      expect(await world.items({ acknowledged: true })).toMatchObject([
        { kind: 'port_unexpected', port: tcp(22) },
      ]);
      world.wait(24);
      await world.scan({ hosts: { [host]: '80' } });
      world.wait(24);
      await world.scan({ hosts: { [host]: '22 80' } });
      expect(await world.items({ ports: [{ first: tcp(22), last: tcp(22) }] })).toMatchObject([
        { episode: 2 },
      ]);
      expect(await world.items({ acknowledged: true })).toEqual([]);
    });

    test('needs somebody, and items that there are', async () => {
      const { world, ids } = await seen();
      const { drift } = world.application;
      await expect(drift.acknowledge(ids, { actor: ' ', note: '' })).rejects.toMatchObject({
        field: 'actor',
      });
      await expect(drift.acknowledge(ids, { actor: 'a', note: '\0' })).rejects.toMatchObject({
        field: 'note',
      });
      await expect(drift.acknowledge([], { actor: 'a', note: '' })).rejects.toMatchObject({ field: 'ids' });
      await expect(drift.acknowledge([999_999], { actor: 'a', note: '' })).rejects.toThrow(
        'no drift item 999999',
      );
    });
  });

  describe('a waiver', () => {
    test.each([
      ['reason', { reason: ' ' }],
      ['reason', { reason: 'a\0b' }],
      ['ticket', { ticket: 'x'.repeat(100_000) }],
      ['owner', { owner: '' }],
      ['expiresAt', { expiresAt: 0 }],
      ['network', { network: '10.0.0.1-10.0.0.6' }],
      ['network', { network: 'web01' }],
      ['ports', { ports: '99999' }],
    ])('needs %s', async (field, wrong) => {
      const world = await open();
      const work = async () => world.application.drift.waivers.create(waiver(world, wrong));
      await expect(work()).rejects.toMatchObject({ name: 'BadInput', field });
    });

    test.each([
      ['10.0.0.1/24', '10.0.0.0/24', '10.0.0.1'],
      ['2001:db8::1/64', '2001:db8::/64', '2001:db8::1'],
    ])('for %s is refused: it may be meant for %s or for %s', async (network, whole, one) => {
      const world = await open();
      const work = async () => world.application.drift.waivers.create(waiver(world, { network }));
      await expect(work()).rejects.toMatchObject({
        field: 'network',
        message: expect.stringContaining(`write ${whole} for the whole network, or ${one} for the host`),
      });
    });

    test.each([
      ['everything in a network', {}, [0, 1, 2]],
      ['one address', { network: '10.0.0.2' }, [2]],
      ['ports', { ports: '20-30/tcp' }, [0]],
      ['the host alone', { ports: 'host' }, [2]],
      ['a kind', { kind: 'port_unexpected' }, [1]],
      ['another network', { network: '192.168.0.0/16' }, []],
    ] as const)('is about %s', async (_name, what, waived) => {
      const world = await drifting();
      const items = await world.items();
      await world.application.drift.waivers.create(waiver(world, what));
      expect(await world.told({ waived: true })).toEqual(
        waived.map((i) => textOf(items[i] as (typeof items)[0])),
      );
      expect(await world.items({ waived: false })).toHaveLength(3 - waived.length);
      expect(
        await world.application.drift.items.count({ addressSpaceIds: [world.spaceId], waived: true }),
      ).toBe(waived.length);
      expect(await world.logged({ events: ['waived'] })).toHaveLength(waived.length);
    });

    test('of another view or address space is about nothing here', async () => {
      const world = await drifting();
      const other = await open();
      const { waivers } = world.application.drift;
      await waivers.create(waiver(world, { scannerGroupId: world.view('outside') }));
      await waivers.create({ ...waiver(world), addressSpaceId: other.spaceId });
      expect(await world.items({ waived: true })).toEqual([]);
    });

    test('hides nothing from assessment: what it is about resolves, and opens again waived', async () => {
      const world = await drifting();
      const [item] = await world.items();
      await world.application.drift.waivers.create({
        itemId: item?.id ?? 0,
        reason: 'r',
        owner: 'o',
        expiresAt: world.now() + 1000 * hourMs,
      });
      for (const ports of ['80', '22 80']) {
        world.wait(24);
        await world.scan({ hosts: { [host]: ports } });
      }
      expect(await world.items({ waived: true })).toMatchObject([
        { id: item?.id, episode: 2, openedBy: 'observation' },
      ]);
      expect((await world.logged()).slice(-3)).toEqual([
        'waived by policy_change: 10.0.0.1 22/tcp',
        'resolved by observation: 10.0.0.1 22/tcp',
        'reopened by observation: 10.0.0.1 22/tcp',
      ]);
      const [row] = await world.application.drift.summary({ addressSpaceIds: [world.spaceId] }, 'view');
      expect(row).toMatchObject({ open: 3, waived: 1 });
    });

    test('is seen in events as it was when they happened', async () => {
      const world = await drifting();
      world.wait(1);
      await world.application.drift.waivers.create(waiver(world, { expiresAt: world.now() + 100 * hourMs }));
      world.wait(24);
      await world.scan({ hosts: { [host]: '22 80 90' }, ports: '22,80,90' });
      world.wait(1000);
      await world.tick();
      const opened = await world.events({ events: ['opened'] });
      expect(opened.map(({ item }) => item?.waiverId !== undefined)).toEqual([false, false, false, true]);
      expect(await world.logged({ events: ['opened'], waived: false })).toHaveLength(3);
    });
  });

  describe('what is accepted into the target', () => {
    const to = (world: TargetWorld, more: object = {}) => ({
      sourceId: world.source(),
      actor: 'anna',
      reason: 'known good',
      ...more,
    });

    test('becomes statements of a source, and drift no longer', async () => {
      const world = await drifting();
      await world.declare([
        { externalId: 'ssh', removed: true },
        { selector: host, expect: 'present' },
      ]);
      const items = await world.items();
      const result = await world.application.drift.acceptIntoTarget(
        items.map(({ id }) => id),
        to(world, { validUntil: world.now() + 24 * hourMs }),
      );
      expect(result).toMatchObject({ outcome: 'applied', revision: { actor: 'anna', reason: 'known good' } });
      expect(await world.told()).toEqual([]);
      expect(await world.items({ states: ['resolved'] })).toMatchObject([
        { resolvedBy: 'target_change' },
        { resolvedBy: 'target_change' },
        { resolvedBy: 'target_change' },
      ]);
      world.wait(25);
      await world.tick();
      expect(await world.items({ causes: ['expiry'] })).toHaveLength(3);
      expect(await world.verify()).toEqual([]);
    });

    test('says which items stay open, because a locked statement overrules it', async () => {
      const world = await drifting();
      await world.founded('security');
      const rule = { externalId: 'no-ssh', selector: '10.0.0.0/24', ports: '22/tcp', expect: 'forbidden' };
      await world.declare([{ ...rule, locked: true }], { into: 'security' });
      const items = await world.items();
      const { stillOpenIds } = await world.application.drift.acceptIntoTarget(
        items.map(({ id }) => id),
        to(world),
      );
      const open = await world.items();
      expect(open).toMatchObject([{ kind: 'port_forbidden' }]);
      expect(stillOpenIds).toEqual(open.map(({ id }) => id));
    });

    test('is all of it or nothing: a source that may not speak of it says so', async () => {
      const world = await drifting();
      await world.founded('narrow', { networks: ['10.0.0.2'] });
      const other = await open();
      const ids = (await world.items()).map(({ id }) => id);
      const accept = (sourceId: number) =>
        world.application.drift.acceptIntoTarget(ids, to(world, { sourceId }));
      await expect(accept(world.source('narrow'))).rejects.toMatchObject({ code: 'UNREADABLE_ROWS' });
      await expect(accept(other.source())).rejects.toMatchObject({ name: 'BadInput', field: 'sourceId' });
      await expect(accept(999_999)).rejects.toMatchObject({ name: 'NotFound' });
      expect(await world.items()).toHaveLength(3);
    });
  });

  describe('the past', () => {
    test('is what was open then, as it was then', async () => {
      const world = await open();
      const moments: { at: number; items: DriftItem[] }[] = [];
      const remember = async () => {
        moments.push({ at: world.now(), items: await world.items() });
        world.wait(24);
      };
      await world.policy({ staleAfterSeconds: 72 * 3600 });
      await world.declare([{ selector: host, expect: 'present' }]);
      await world.scan({ hosts: { [host]: '22 80' } });
      await remember();
      const [item] = await world.items();
      await world.application.drift.acknowledge([item?.id ?? 0], { actor: 'anna', note: 'n' });
      await remember();
      world.wait(72);
      await world.tick();
      await remember();
      await world.scan({ hosts: { [host]: '22' } });
      await remember();
      await world.declare([ssh('forbidden', { owner: 'o' })]);
      await remember();
      await world.scan({ hosts: { [host]: '' } });
      await remember();
      await world.scan({ hosts: { [host]: '22 80' } });
      await remember();
      for (const { at, items } of moments) {
        const then = await world.items({}, at);
        expect(then.map(asLogged)).toEqual(items.map(asLogged));
      }
      expect(await world.items({}, moments[0]?.at)).toHaveLength(2);
      expect(await world.items({}, 0)).toEqual([]);
    });

    test('and its summary and count agree', async () => {
      const world = await drifting();
      const at = world.now();
      world.wait(24);
      await world.scan({ hosts: { [host]: '', '10.0.0.2': '' } });
      const { drift } = world.application;
      const filter = { addressSpaceIds: [world.spaceId] };
      expect(await drift.items.count(filter)).toBe(0);
      expect(await drift.items.count(filter, at)).toBe(3);
      expect(await drift.summary(filter, 'kind', at)).toMatchObject([
        { key: 'host_missing', open: 1 },
        { key: 'port_forbidden', open: 1 },
        { key: 'port_unexpected', open: 1 },
      ]);
    });
  });

  describe('the summary', () => {
    test.each([
      ['subnet', [['10.0.0.0/24', 3, 1, 2, 2]]],
      [
        'owner',
        [
          ['', 2, 0, 2, 1],
          ['webops', 1, 1, 0, 1],
        ],
      ],
      [
        'kind',
        [
          ['host_missing', 1, 1, 0, 1],
          ['port_forbidden', 1, 0, 1, 1],
          ['port_unexpected', 1, 0, 1, 1],
        ],
      ],
      ['view', [['inside', 3, 1, 2, 2]]],
      [
        'group',
        [
          ['web', 2, 0, 2, 1],
          ['', 1, 1, 0, 1],
          ['linux', 2, 0, 2, 1],
        ],
      ],
    ] as const)('by %s', async (groupBy, rows) => {
      const world = await drifting();
      await world.declare([
        { group: 'web', address: host },
        { group: 'linux', address: host },
      ]);
      const found = await world.application.drift.summary({ addressSpaceIds: [world.spaceId] }, groupBy);
      const told = found.map(({ key, open: count, missing, excess, hosts }) => [
        key === world.viewName('inside') ? 'inside' : key,
        count,
        missing,
        excess,
        hosts,
      ]);
      const sorted = (list: readonly (readonly unknown[])[]) => list.map((row) => row.join(' ')).sort();
      expect(sorted(told)).toEqual(sorted(rows));
    });
  });
});

/** The log does not tell what was declared of an item then, nor who acknowledged an earlier episode. */
function asLogged({
  acknowledged,
  statementId: _,
  owner: __,
  scanId: ___,
  asOf: ____,
  ...rest
}: DriftItem): object {
  return { ...rest, acknowledgedAt: acknowledged?.at };
}
