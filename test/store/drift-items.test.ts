import { beforeAll, describe, expect, test } from 'vitest';
import { holdsAddress, readAddressSet } from '../../src/core/address-set.ts';
import { driftKinds } from '../../src/core/drift.ts';
import type { DriftFilter, DriftItem } from '../../src/core/drift-model.ts';
import { holdsPort } from '../../src/core/endpoint.ts';
import { chance, given, seedOf, walk } from '../pipeline/laboratory.ts';
import { openTargetWorld, type TargetWorld, tcp } from '../pipeline/target-world.ts';
import { eachDatabase } from '../support/databases.ts';

const hosts = Array.from({ length: 12 }, (_, i) => `10.0.0.${i + 1}`);

async function story(world: TargetWorld): Promise<void> {
  await world.policy({ staleAfterSeconds: 100 * 3600 });
  await world.declare(
    hosts.flatMap((selector, i) => [
      { selector, ports: '22/tcp', expect: i % 2 === 0 ? 'forbidden' : 'required', owner: `o${i % 3}` },
      ...(i % 4 === 0 ? [{ selector, expect: 'absent' }] : []),
    ]),
  );
  for (let day = 0; day < 5; day += 1) {
    const seen = hosts.filter((_, i) => (i + day) % 5 !== 0);
    const ports = (i: number) => ['22', '22 80', '80', ''][(i + day) % 4] ?? '';
    for (const by of ['a', 'z']) {
      await world.scan({ by, hosts: Object.fromEntries(seen.map((address, i) => [address, ports(i)])) });
    }
    world.wait(24);
  }
  const items = await world.items();
  const ids = items.filter(({ id }) => id % 3 === 0).map(({ id }) => id);
  await world.application.drift.acknowledge(ids, { actor: 'anna', note: '' });
  const waiver = { addressSpaceId: world.spaceId, reason: 'r', owner: 'o', expiresAt: world.now() + 1e9 };
  await world.application.drift.waivers.create({ ...waiver, network: '10.0.0.4/30', ports: '22/tcp' });
}

function means(filter: DriftFilter) {
  const { states = ['open'], scannerGroupIds, networks, ports, kinds, sides, owners, causes } = filter;
  const reading = networks === undefined ? undefined : readAddressSet(networks);
  return (item: DriftItem): boolean =>
    states.includes(item.state) &&
    (scannerGroupIds?.includes(item.scannerGroupId) ?? true) &&
    (reading === undefined || (reading.ok && holdsAddress(reading.addresses, item.address))) &&
    (ports === undefined || (item.port !== undefined && holdsPort(ports, item.port))) &&
    (kinds?.includes(item.kind) ?? true) &&
    (sides?.includes(item.side) ?? true) &&
    (owners?.includes(item.owner ?? '') ?? true) &&
    (causes?.includes(item.openedBy) ?? true) &&
    (filter.openedAfter === undefined || item.openedAt > filter.openedAfter) &&
    (filter.openedBefore === undefined || item.openedAt < filter.openedBefore) &&
    (filter.acknowledged ?? item.acknowledged !== undefined) === (item.acknowledged !== undefined) &&
    (filter.waived ?? item.waiverId !== undefined) === (item.waiverId !== undefined) &&
    (filter.unverifiable ?? item.unverifiable !== undefined) === (item.unverifiable !== undefined) &&
    (filter.flapping ?? item.flapping) === item.flapping;
}

eachDatabase(({ database, kind }) => {
  describe('drift items', () => {
    let world: TargetWorld;
    let all: DriftItem[];
    beforeAll(async () => {
      world = await openTargetWorld(database());
      await story(world);
      all = await world.items({ states: ['open', 'resolved'] });
      expect(all.length).toBeGreaterThan(30);
    });

    test('of any filter are those that it means, in pages of any size, both ways, and counted', async () => {
      const random = chance(seedOf(`drift items on ${kind}`));
      const moments = all.map(({ openedAt }) => openedAt);
      for (let round = 0; round < 60; round += 1) {
        const flag = () => random.maybe(0.15, () => random.is(0.5));
        const filter = given<DriftFilter>({
          addressSpaceIds: [world.spaceId],
          states: random.maybe(0.5, () => random.some(['open', 'resolved'] as const, 0.7)),
          scannerGroupIds: random.maybe(0.3, () =>
            random.some([world.view('inside'), world.view('outside')], 0.6),
          ),
          networks: random.maybe(0.3, () =>
            random.some(['10.0.0.0/30', '10.0.0.7', '10.0.0.9-10.0.0.11'], 0.6),
          ),
          ports: random.maybe(0.2, () => [{ first: tcp(random.below(100)), last: tcp(100) }]),
          kinds: random.maybe(0.2, () => random.some(driftKinds, 0.5)),
          sides: random.maybe(0.2, () => random.some(['missing', 'excess'] as const, 0.6)),
          owners: random.maybe(0.2, () => random.some(['o0', 'o1', 'nobody'], 0.6)),
          causes: random.maybe(0.2, () => random.some(['observation', 'expiry'] as const, 0.6)),
          openedAfter: random.maybe(0.2, () => random.one(moments)),
          openedBefore: random.maybe(0.2, () => random.one(moments)),
          acknowledged: flag(),
          waived: flag(),
          unverifiable: flag(),
          flapping: flag(),
        });
        const expected = all.filter(means(filter));
        const { items } = world.application.drift;
        const how = { limit: random.one([1, 3, 1000]), backward: random.is(0.5) };
        expect((await walk(items, filter, how)).map(({ node }) => node)).toEqual(expected);
        expect(await items.count(filter)).toBe(expected.length);
      }
    });

    test('are ordered by view, address, port and side', () => {
      const keys = all.map(({ scannerGroupId, address, port = -1, side }) => [
        scannerGroupId,
        Number(address.split('.')[3]),
        port,
        side,
      ]);
      const sorted = [...keys].sort((a, b) => {
        for (const i of [0, 1, 2] as const) if (a[i] !== b[i]) return Number(a[i]) - Number(b[i]);
        return String(a[3]) < String(b[3]) ? -1 : 1;
      });
      expect(keys).toEqual(sorted);
    });

    test('of now are those of the past as of now', async () => {
      for (const states of [['open'], ['resolved']] as const) {
        const present = await world.items({ states });
        const past = (await world.items({ states }, world.now())).map(({ asOf: _, ...item }) => item);
        expect(past).toEqual(present.map((item) => ({ ...item })));
      }
    });

    test('are found by their numbers', async () => {
      const [first] = all;
      expect(await world.application.drift.items.find(first?.id ?? 0)).toEqual(first);
      expect(await world.application.drift.items.find(999_999)).toBeUndefined();
    });
  });
});
