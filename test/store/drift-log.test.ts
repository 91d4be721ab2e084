import { beforeAll, describe, expect, test } from 'vitest';
import type { DriftEvent, DriftEventFilter } from '../../src/core/drift-model.ts';
import { driftLog } from '../../src/store/drift-log.ts';
import { walk } from '../pipeline/laboratory.ts';
import { openTargetWorld, type TargetWorld, tcp } from '../pipeline/target-world.ts';
import { eachDatabase } from '../support/databases.ts';

/** Two views, two owners, every kind of event. */
async function story(world: TargetWorld): Promise<void> {
  const both = [
    { externalId: 'a', selector: '10.0.0.1', ports: '22/tcp', expect: 'forbidden', owner: 'webops' },
    { externalId: 'b', selector: '10.0.0.2', ports: '80/tcp', expect: 'required', owner: 'dbops' },
  ];
  await world.policy({ staleAfterSeconds: 48 * 3600 });
  await world.declare(both);
  for (const by of ['a', 'z']) await world.scan({ by, hosts: { '10.0.0.1': '22', '10.0.0.2': '22 80' } });
  const items = await world.items();
  await world.application.drift.acknowledge([items[0]?.id ?? 0], { actor: 'anna', note: '' });
  await world.application.drift.waivers.create({
    addressSpaceId: world.spaceId,
    network: '10.0.0.2',
    reason: 'r',
    owner: 'o',
    expiresAt: world.now() + 3_600_000,
  });
  for (const ports of ['80', '22', '80', '22', '80', '22']) {
    world.wait(24);
    await world.tick();
    await world.scan({ hosts: { '10.0.0.1': ports, '10.0.0.2': ports } });
  }
  await world.scan({ by: 'z', hosts: { '10.0.0.1': '22', '10.0.0.2': '22' } });
  await world.declare([
    { externalId: 'a', removed: true },
    { selector: '10.0.0.1', expect: 'present' },
  ]);
}

const filters: readonly [string, DriftEventFilter][] = [
  ['events', { events: ['opened', 'reopened'] }],
  ['no events', { events: [] }],
  ['causes', { causes: ['target_change', 'expiry'] }],
  ['kinds', { kinds: ['port_missing'] }],
  ['sides', { sides: ['excess'] }],
  ['owners', { owners: ['dbops'] }],
  ['networks', { networks: ['10.0.0.2/31'] }],
  ['families', { families: [6] }],
  ['ports', { ports: [{ first: tcp(1), last: tcp(79) }] }],
  ['acknowledged', { acknowledged: true }],
  ['not waived', { waived: false }],
  ['unverifiable', { unverifiable: true }],
  ['flapping', { flapping: true }],
  ['several at once', { owners: ['webops'], sides: ['excess'], waived: false, events: ['reopened'] }],
];

/** The same, decided event by event. */
function means({
  events,
  causes,
  kinds,
  sides,
  owners,
  networks,
  families,
  ports,
  ...flags
}: DriftEventFilter) {
  return ({ kind, cause, item }: DriftEvent): boolean => {
    if (!(events?.includes(kind) ?? true) || !(causes?.includes(cause) ?? true)) return false;
    if (item === undefined) return true;
    const port = item.port ?? -1;
    return (
      (kinds?.includes(item.kind) ?? true) &&
      (sides?.includes(item.side) ?? true) &&
      (owners?.includes(item.owner ?? '') ?? true) &&
      (networks === undefined || item.address === '10.0.0.2') &&
      families === undefined &&
      (ports?.some(({ first, last }) => first <= port && port <= last) ?? true) &&
      (flags.acknowledged ?? item.acknowledged !== undefined) === (item.acknowledged !== undefined) &&
      (flags.waived ?? item.waiverId !== undefined) === (item.waiverId !== undefined) &&
      (flags.unverifiable ?? item.unverifiable !== undefined) === (item.unverifiable !== undefined) &&
      (flags.flapping ?? item.flapping) === item.flapping
    );
  };
}

eachDatabase(({ database }) => {
  describe('the drift log', () => {
    let world: TargetWorld;
    let all: DriftEvent[];
    beforeAll(async () => {
      world = await openTargetWorld(database());
      await story(world);
      all = await world.events();
    });

    test('is in the order in which things happened, and tells each of them', () => {
      expect(all.map(({ sequence }) => sequence)).toEqual(
        all.map(({ sequence }) => sequence).sort((a, b) => a - b),
      );
      const told = ['acknowledged', 'became_unverifiable', 'changed', 'flapping', 'imported', 'opened'];
      const more = ['reopened', 'resolved', 'verifiable_again', 'waived', 'waiver_expired'];
      expect([...new Set(all.map(({ kind }) => kind))].sort()).toEqual([...told, ...more]);
    });

    test.each(filters)(
      'filtered by %s has what is meant, in pages, counted, and as it is followed',
      async (_name, filter) => {
        const expected = all.filter(means(filter));
        const { events } = world.application.drift;
        const here = { ...filter, addressSpaceIds: [world.spaceId] };
        expect(await world.events(filter)).toEqual(expected);
        expect(await events.count(here)).toBe(expected.length);
        for (const limit of [1, 7]) {
          for (const backward of [false, true]) {
            const walked = await walk(events, here, { limit, backward });
            expect(walked.map(({ node }) => node)).toEqual([...expected].reverse());
          }
        }
        const behind = { sequence: 0, n: 0 };
        const read = await driftLog.read(database(), { behind, filter: here, limit: 1000 });
        expect(read.map(({ item }) => item)).toEqual(expected);
        expect(all.filter(driftLog.matcher(here))).toEqual(expected);
      },
    );

    test('is resumed behind any of its cursors', async () => {
      for (const [i, event] of all.entries()) {
        const behind = driftLog.readCursor(driftLog.formatCursor({ sequence: event.sequence, n: 0 }));
        const filter = { addressSpaceIds: [world.spaceId] };
        const rest = await driftLog.read(database(), {
          behind: behind ?? { sequence: 0, n: 0 },
          filter,
          limit: 5,
        });
        expect(rest.map(({ item }) => item.sequence)).toEqual(
          all.slice(i + 1, i + 6).map(({ sequence }) => sequence),
        );
      }
    });

    test('refuses the cursor of another list', async () => {
      const { events } = world.application.drift;
      const request = { limit: 1, backward: false, after: 'x' };
      await expect(events.page({}, request)).rejects.toMatchObject({ name: 'BadInput', field: 'after' });
    });

    test('replayed from empty gives the drift that is open', () => {
      const open = new Map<number, DriftEvent['item']>();
      for (const { kind, item } of all) {
        if (item === undefined) continue;
        if (kind === 'resolved') open.delete(item.id);
        else if (kind === 'opened' || kind === 'reopened' || open.has(item.id)) open.set(item.id, item);
      }
      return world.items().then((items) => {
        const told = [...open.values()].map((item) => `${item?.id} ${item?.kind} ${item?.episode}`);
        expect(told.sort()).toEqual(items.map((item) => `${item.id} ${item.kind} ${item.episode}`).sort());
      });
    });
  });
});
