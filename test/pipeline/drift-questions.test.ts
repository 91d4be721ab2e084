import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import type { CoverageGrouping, UnscannedTarget } from '../../src/core/drift-model.ts';
import { packFields } from '../../src/store/page.ts';
import { eachDatabase } from '../support/databases.ts';
import { walk } from './laboratory.ts';
import { openTargetWorld, type TargetWorld, whatOf } from './target-world.ts';

const required = (selector: string, ports: string, owner?: string) => ({
  selector,
  ports,
  expect: 'required',
  view: 'inside',
  ...(owner === undefined ? {} : { owner }),
});

/** Verified, stale, out of scope, inconclusive and never scanned cells, two networks, three owners. */
async function mixed(world: TargetWorld): Promise<void> {
  await world.policy({ staleAfterSeconds: 48 * 3600, undeclaredHosts: 'ignore', undeclaredPorts: 'ignore' });
  await world.declare([
    required('10.0.0.1', '22/tcp,80/tcp', 'webops'),
    required('10.0.0.2', '22/tcp,443/tcp', 'dbops'),
    required('10.0.1.1', '22/tcp', 'webops'),
    required('10.9.0.1', '22/tcp'),
    { selector: '10.0.0.3', ports: '22/tcp', expect: 'forbidden', view: 'inside', owner: 'dbops' },
    { selector: '10.0.0.1', expect: 'present', owner: 'webops', view: 'inside' },
    { selector: 'group:x', ports: '22/tcp', expect: 'required', view: 'inside' },
    { group: 'x', address: '10.9.0.2' },
  ]);
  await world.scan({ targets: '10.0.1.0/24', hosts: { '10.0.1.1': '22' } });
  world.wait(72);
  await world.tick();
  await world.scan({
    hosts: { '10.0.0.1': '22 80:closed', '10.0.0.2': '22:open|filtered', '10.0.0.3': '22' },
  });
}

const inside = (world: TargetWorld) => ({
  addressSpaceId: world.spaceId,
  scannerGroupIds: [world.view('inside')],
});
const textOf = ({ address, port, reason, owner = '-' }: UnscannedTarget) =>
  `${address} ${whatOf(port)} ${reason} ${owner}`;

const unscanned = [
  '10.0.0.2 22/tcp inconclusive dbops',
  '10.0.0.2 443/tcp port_not_in_scope dbops',
  '10.0.1.1 22/tcp stale webops',
  '10.9.0.1 22/tcp never_scanned -',
  '10.9.0.2 22/tcp never_scanned -',
];

eachDatabase(({ database }) => {
  const open = async () => {
    const world = await openTargetWorld(database());
    await mixed(world);
    return world;
  };

  test('what nobody can say is listed with the reason and the owner', async () => {
    const world = await open();
    const { unscanned: list } = world.application.drift;
    const { items } = await list.page(inside(world), { limit: 100, backward: false });
    expect(items.map(({ node }) => textOf(node))).toEqual(unscanned);
    expect(await list.count(inside(world))).toBe(unscanned.length);
    expect(await list.count({ ...inside(world), networks: ['10.9.0.0/16'] })).toBe(2);
  });

  test('pages of what nobody can say have everything once, in order, both ways', async () => {
    const world = await open();
    await world.declare(
      ['10.0.0.1', '10.9.0.1'].map((address) => ({ ...required(address, '1-7/tcp'), view: 'outside' })),
    );
    const { unscanned: list } = world.application.drift;
    const place = { addressSpaceId: world.spaceId };
    const all = (await list.page(place, { limit: 1000, backward: false })).items.map(({ node }) => node);
    expect(all).toHaveLength(unscanned.length + 14);
    for (const limit of [1, 2, 3, 5, 1000]) {
      for (const backward of [false, true]) {
        const walked = await walk(list, place, { limit, backward });
        expect(walked.map(({ node }) => node)).toEqual(all);
      }
    }
  });

  test.each([
    'nonsense',
    packFields(['1', '...', '1']),
    packFields(['1', '10.0.0.1']),
    packFields(['x', '10.0.0.1', '1']),
  ])('a cursor of another list is refused: %s', async (after) => {
    const world = await openTargetWorld(database());
    await world.declare([required('10.0.0.1', '22/tcp')]);
    const list = world.application.drift.unscanned;
    await expect(list.page(inside(world), { limit: 5, backward: false, after })).rejects.toMatchObject({
      name: 'BadInput',
    });
  });

  describe('coverage', () => {
    test.each<[CoverageGrouping, Record<string, number[]>]>([
      ['view', { inside: [9, 4, 1, 3, 1] }],
      [
        'subnet',
        { '10.0.0.0/24': [6, 4, 0, 1, 1], '10.0.1.0/24': [1, 0, 1, 0, 0], '10.9.0.0/24': [2, 0, 0, 2, 0] },
      ],
      ['owner', { webops: [4, 3, 1, 0, 0], dbops: [3, 1, 0, 1, 1], '': [2, 0, 0, 2, 0] }],
    ])('by %s', async (groupBy, expected) => {
      const world = await open();
      const rows = await world.application.drift.coverage(inside(world), groupBy);
      const told = rows.map(({ key, declared, verified, stale, neverScanned, inconclusive }) => [
        key.startsWith('inside') ? 'inside' : key,
        [declared, verified, stale, neverScanned, inconclusive],
      ]);
      expect(Object.fromEntries(told)).toEqual(expected);
      for (const row of rows) {
        expect(row.verified + row.stale + row.neverScanned + row.inconclusive).toBe(row.declared);
      }
    });

    test('of a place without a target is empty', async () => {
      const world = await openTargetWorld(database());
      expect(await world.application.drift.coverage(inside(world), 'view')).toEqual([]);
    });
  });

  test.each([
    ['10.0.0.1', 'drift', 2, ['10.0.0.1 80/tcp'], []],
    ['10.0.0.2', 'unknown', 0, [], ['inconclusive', 'port_not_in_scope']],
    ['10.0.0.3', 'drift', 0, ['10.0.0.3 22/tcp'], []],
    ['10.0.0.4', 'undeclared', 0, [], []],
    ['10.9.0.1', 'unknown', 0, [], ['never_scanned']],
  ] as const)('%s is in %s', async (address, verdict, compliant, items, reasons) => {
    const world = await open();
    const [compliance] = await world.application.drift.complianceOf(world.spaceId, address);
    expect(compliance).toMatchObject({ verdict, compliant, scannerGroupId: world.view('inside') });
    expect(compliance?.items.map((item) => `${item.address} ${whatOf(item.port)}`)).toEqual(items);
    expect(compliance?.unknown.map(({ reason }) => reason)).toEqual(reasons);
  });

  test('verifying counts what it assessed, and says where the store says otherwise', async () => {
    const world = await open();
    const { drift } = world.application;
    expect(await drift.verify(inside(world))).toMatchObject({ open: 2, differences: [] });
    await database().rows(sql`
      update drift_item set kind = 'port_forbidden'
      where scanner_group_id = ${world.view('inside')} and address = '10.0.0.1'
    `);
    const { differences } = await drift.verify({ ...inside(world), networks: ['10.0.0.1'] });
    expect(differences).toMatchObject([
      { address: '10.0.0.1', stored: 'open port_forbidden', computed: 'open port_missing' },
    ]);
    expect((await drift.verify({ ...inside(world), networks: ['10.9.0.0/24'] })).assessed).toBe(2);
  });

  test('verifying leaves out what the next tick is about to assess', async () => {
    const world = await open();
    world.wait(72); // Everything is stale, and nobody ticked yet.
    expect(await world.application.drift.verify(inside(world))).toMatchObject({ open: 2, differences: [] });
  });
});
