import { beforeAll, describe, expect, test } from 'vitest';
import { changeKinds } from '../../src/core/change.ts';
import { changeMatcher } from '../../src/core/change-filter.ts';
import { BadInput } from '../../src/core/errors.ts';
import type { ChangeFilter, ChangePlace, LoggedChange, Scanner } from '../../src/core/model.ts';
import {
  type Chance,
  chance,
  day,
  fillAtRandom,
  firstDay,
  given,
  type LaboratoryApplication,
  openLaboratory,
  randomPlaces,
  seedOf,
  walk,
} from '../pipeline/laboratory.ts';
import { eachDatabase } from '../support/databases.ts';
import { propertyRuns } from '../support/property-runs.ts';

const page = { limit: 100, backward: false };

eachDatabase(({ database }) => {
  const seed = seedOf('changes');
  let application: LaboratoryApplication;
  let all: LoggedChange[];
  let scanners: readonly Scanner[];

  beforeAll(async () => {
    const laboratory = openLaboratory(database());
    application = laboratory.application;
    const random = chance(seed);
    await fillAtRandom(laboratory, random);
    for (const id of [1, 2, 3]) {
      const thresholds = { closedAfterScans: 1 + random.below(3), openAfterScans: 1 + random.below(3) };
      await application.scanners.update(id, { thresholds });
    }
    all = (await walk(application.changes, {}, page)).map(({ node }) => node);
    scanners = await application.scanners.all();
    return laboratory.close;
  });

  test('what was logged last comes first', () => {
    const places = all.map(({ id }) => id.split('.').map(Number) as [number, number]);
    expect(places).toEqual(places.toSorted((a, b) => b[0] - a[0] || b[1] - a[1]));
  });

  test('random filters give what the rule in core gives, in pages of any size, forward and backward', async () => {
    expect(all.some(({ retracts }) => retracts !== undefined)).toBe(true);
    for (let run = 0; run < propertyRuns(40); run += 1) {
      const random = chance(seed + run);
      const filter = randomFilter(random, all);
      const matcher = changeMatcher(filter);
      const groupOf = ({ scannerId }: LoggedChange) =>
        scanners.find(({ id }) => id === scannerId)?.groupId ?? 0;
      const wanted = all.filter((change) => matcher(change, groupOf(change)));
      const told = { seed: seed + run, filter: JSON.stringify(filter) };
      const limit = 4 + random.below(40);
      const forward = await walk(application.changes, filter, { limit, backward: false });
      expect({ ...told, found: forward.map(({ node }) => node) }).toEqual({ ...told, found: wanted });
      expect(await walk(application.changes, filter, { limit, backward: true })).toEqual(forward);
      expect({ ...told, count: await application.changes.count(filter) }).toEqual({
        ...told,
        count: wanted.length,
      });
    }
  });

  test('a listed entry is found by its id', async () => {
    expect(await application.changes.findMany(all.map(({ id }) => id))).toEqual(all);
    for (const change of all) expect(await application.changes.findMany([change.id])).toEqual([change]);
  });

  test('an id that no entry has finds nothing, and the others beside it are found', async () => {
    const last = all.at(0);
    const ids = [`${last?.sequence ?? 0}.999`, `${(last?.sequence ?? 0) + 10}.0`, 'x', '1', '1.-1'];
    expect(await application.changes.findMany([...ids, last?.id ?? ''])).toEqual([
      ...ids.map(() => undefined),
      last,
    ]);
    expect(await application.changes.findMany(ids)).toEqual(ids.map(() => undefined));
  });

  test('the entries about many hosts or endpoints at once are those that a filter means for each of them', async () => {
    const hosts = unique(all.map(({ addressSpaceId, address }) => ({ addressSpaceId, address })));
    const endpoints = unique(
      all.flatMap(({ addressSpaceId, address, port }) =>
        port === undefined ? [] : [{ addressSpaceId, address, port }],
      ),
    );
    const middle = all[Math.floor(all.length / 2)];
    for (const places of [hosts, endpoints]) {
      for (const asOf of [undefined, middle?.at]) {
        for (const request of [
          { limit: 2, backward: false },
          { limit: 3, backward: true },
          { limit: 3, backward: false, after: middle?.id ?? '' },
        ]) {
          const filters = places.map((place) => filterAt(place, asOf));
          const pages = await Promise.all(filters.map((filter) => application.changes.page(filter, request)));
          expect(await application.changes.pagesAt(places, request, asOf)).toEqual(pages);
        }
        const counts = await Promise.all(
          places.map((place) => application.changes.count(filterAt(place, asOf))),
        );
        expect(await application.changes.countAt(places, asOf)).toEqual(counts);
      }
    }
  });

  test('an entry that takes back another names it and repeats it; the other says that it was taken back', () => {
    const retractions = all.filter(({ retracts }) => retracts !== undefined);
    for (const { retracts, reason, kind, port, address } of retractions) {
      const other = all.find(({ id }) => id === retracts);
      expect(other).toMatchObject({ kind, address, retracted: true });
      expect(other?.port).toBe(port);
      expect(reason).toBe('thresholds_changed');
    }
    const taken = new Set(retractions.map(({ retracts }) => retracts));
    for (const change of all) expect(change.retracted).toBe(taken.has(change.id));
  });

  test.each(['', '5', '1.2.3', '-1.0', '1.0 ', "1'.0"])('the cursor "%s" is bad input', async (after) => {
    await expect(application.changes.page({}, { ...page, after })).rejects.toThrow(BadInput);
  });
});

eachDatabase(({ database }) => {
  describe('a row of very many ports', () => {
    test('is read in pages like any other, with every entry once', async () => {
      const { application, take, close } = openLaboratory(database());
      const { id: scannerId } = await application.scanners.create({ name: 'wide', groupId: 1 });
      const ports = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [i + 1, 'open']));
      await take({ scannerId, ports: '1-4000', at: firstDay, hosts: [{ address: '10.0.0.1', ports }] });
      const more = { ...ports, 3000: 'open' };
      await take({
        scannerId,
        ports: '1-4000',
        at: firstDay + day,
        hosts: [{ address: '10.0.0.1', ports: more }],
      });
      for (const backward of [false, true]) {
        const found = await walk(application.changes, {}, { limit: 99, backward });
        const opened = found.map(({ node }) => node.port ?? 0);
        expect(opened).toEqual([3000, ...Array.from({ length: 2000 }, (_, i) => 2000 - i), 0]);
        expect(new Set(found.map(({ cursor }) => cursor)).size).toBe(2002);
      }
      const filter = { ports: [{ first: 1990, last: 3000 }] };
      const found = await walk(application.changes, filter, { limit: 5, backward: false });
      expect(found.map(({ node }) => node.port)).toEqual([
        3000,
        ...Array.from({ length: 11 }, (_, i) => 2000 - i),
      ]);
      expect([await application.changes.count({}), await application.changes.count(filter)]).toEqual([
        2002, 12,
      ]);
      await close();
    });
  });
});

function randomFilter(random: Chance, all: readonly LoggedChange[]): ChangeFilter {
  return given<ChangeFilter>({
    ...randomPlaces(random),
    kinds: random.maybe(0.3, () => random.some(changeKinds, 0.4)),
    ports: random.maybe(0.3, () => random.one([[{ first: 80, last: 80 }], [{ first: 22, last: 445 }]])),
    scanIds: random.maybe(0.2, () => random.some([...new Set(all.map(({ scanId }) => scanId))], 0.3)),
    baseline: random.maybe(0.3, () => random.is(0.5)),
    from: random.maybe(0.2, () => random.one(all).at),
    to: random.maybe(0.2, () => random.one(all).at),
    retractions: random.maybe(0.3, () => random.is(0.5)),
  });
}

function filterAt({ addressSpaceId, address, port }: ChangePlace, asOf: number | undefined): ChangeFilter {
  return {
    addressSpaceIds: [addressSpaceId],
    networks: [address],
    ...(port === undefined ? {} : { ports: [{ first: port, last: port }] }),
    ...(asOf === undefined ? {} : { asOf }),
  };
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
