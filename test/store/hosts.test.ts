import { beforeAll, expect, test } from 'vitest';
import { addressesOfFilter } from '../../src/core/address-filter.ts';
import { holdsAddress } from '../../src/core/address-set.ts';
import { BadInput } from '../../src/core/errors.ts';
import type { EndpointRecord, Host, HostFilter, Scanner } from '../../src/core/model.ts';
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
  const seed = seedOf('hosts');
  let application: LaboratoryApplication;
  let all: Host[];
  let endpoints: EndpointRecord[];
  let scanners: readonly Scanner[];

  beforeAll(async () => {
    const laboratory = openLaboratory(database());
    application = laboratory.application;
    await fillAtRandom(laboratory, chance(seed));
    all = (await walk(application.hosts, { statuses: ['up', 'gone', 'down'] }, page)).map(({ node }) => node);
    endpoints = (await walk(application.endpoints, {}, page)).map(({ node }) => node);
    scanners = await application.scanners.all();
    return laboratory.close;
  });

  test('random filters give what a comparison one by one gives, in pages of any size, forward and backward', async () => {
    for (let run = 0; run < propertyRuns(40); run += 1) {
      const random = chance(seed + run);
      const filter = randomFilter(random);
      const wanted = all.filter((host) => matches(host, filter));
      const told = { seed: seed + run, filter: JSON.stringify(filter) };
      const limit = 1 + random.below(6);
      const forward = await walk(application.hosts, filter, { limit, backward: false });
      expect({ ...told, found: forward.map(({ node }) => node) }).toEqual({ ...told, found: wanted });
      expect(await walk(application.hosts, filter, { limit, backward: true })).toEqual(forward);
      expect(await application.hosts.count(filter)).toBe(wanted.length);
    }
  });

  test('a listed host is the one that is found by its key', async () => {
    for (const host of all) expect(await application.hosts.findMany([host])).toEqual([host]);
    const nobody = { addressSpaceId: 1, address: '192.0.2.77' };
    const places = [nobody, ...all.toReversed()];
    expect(await application.hosts.findMany(places)).toEqual([undefined, ...all.toReversed()]);
  });

  test('a page between two cursors ends before the second', async () => {
    const { items } = await application.hosts.page({}, page);
    const [after, before] = [items[1]?.cursor ?? '', items[4]?.cursor ?? ''];
    const between = await application.hosts.page({}, { ...page, after, before });
    expect(between.items).toEqual(items.slice(2, 4));
    expect([between.hasNext, between.hasPrevious]).toEqual([false, true]);
  });

  test.each([
    ['a network', { networks: ['10.0.0.0/33'] }, 'networks'],
    ['an ambiguous address', { networks: ['010.0.0.1'] }, 'networks'],
    ['a name', { name: 'x'.repeat(300) }, 'name'],
  ])('%s that cannot be read is bad input and says where', async (_name, filter, field) => {
    const answer = application.hosts.page(filter, page);
    await expect(answer).rejects.toThrow(BadInput);
    await expect(answer).rejects.toMatchObject({ field });
  });

  function matches(host: Host, filter: HostFilter): boolean {
    const { addressSpaceIds, scannerIds, scannerGroupIds, statuses, name, openPorts, pending } = filter;
    const addresses = addressesOfFilter(filter);
    const asked = scanners
      .filter(({ id }) => scannerIds?.includes(id) ?? true)
      .filter(({ groupId }) => scannerGroupIds?.includes(groupId) ?? true)
      .map(({ id }) => id);
    const views = host.views.filter(({ scannerId }) => asked.includes(scannerId));
    const own = endpoints.filter(
      ({ addressSpaceId, address }) => addressSpaceId === host.addressSpaceId && address === host.address,
    );
    const openFor = (scannerId: number) =>
      own.filter(({ views: of }) =>
        of.some((view) => view.scannerId === scannerId && view.verdict === 'open'),
      );
    return (
      (addressSpaceIds?.includes(host.addressSpaceId) ?? true) &&
      (addresses === undefined || holdsAddress(addresses, host.address)) &&
      (name === undefined ||
        views.some(({ names }) => names.some((one) => one.includes(name.toLowerCase())))) &&
      views.some(
        (view) =>
          (statuses?.includes(view.status) ?? (pending === true || view.status !== 'down')) &&
          (pending === undefined || (view.pending !== undefined) === pending) &&
          (openPorts === undefined || openFor(view.scannerId).some(({ port }) => isIn(openPorts, port))),
      )
    );
  }
});

eachDatabase(({ database }) => {
  test('a host that was never up is listed only where pending or down hosts are asked for', async () => {
    const { application, take, close } = openLaboratory(database());
    const thresholds = { backAfterScans: 2 };
    const { id: scannerId } = await application.scanners.create({ name: 'slow', groupId: 1, thresholds });
    await take({ scannerId, at: firstDay, hosts: [] });
    await take({ scannerId, at: firstDay + day, hosts: [{ address: '10.0.0.3', ports: { 22: 'open' } }] });
    const addressesOf = async (filter: HostFilter) =>
      (await application.hosts.page(filter, page)).items.map(({ node }) => node.address);
    expect(await addressesOf({})).toEqual([]);
    expect(await addressesOf({ pending: true })).toEqual(['10.0.0.3']);
    expect(await addressesOf({ statuses: ['down'] })).toEqual(['10.0.0.3']);
    const [host] = await application.hosts.findMany([{ addressSpaceId: 1, address: '10.0.0.3' }]);
    expect(host?.views.map(({ status, pending }) => [status, pending])).toEqual([
      ['down', { count: 1, needed: 2, since: (firstDay + day) * 1000 }],
    ]);
    await take({
      scannerId,
      at: firstDay + 2 * day,
      hosts: [{ address: '10.0.0.3', ports: { 22: 'open' } }],
    });
    expect(await addressesOf({ statuses: ['up'] })).toEqual(['10.0.0.3']);
    await close();
  });

  test('a host of which only a port is pending is none whose status is', async () => {
    const { application, take, close } = openLaboratory(database());
    const thresholds = { closedAfterScans: 2, goneAfterScans: 2 };
    const { id } = await application.scanners.create({ name: 'patient', groupId: 1, thresholds });
    const filter = { scannerIds: [id] };
    const addressesOf = async (pending: boolean) =>
      (await application.hosts.page({ ...filter, pending }, page)).items.map(({ node }) => node.address);
    const hosts = ['10.0.0.1', '10.0.0.2'].map((address) => ({ address, ports: { 22: 'open', 80: 'open' } }));
    await take({ scannerId: id, at: firstDay, hosts });
    await take({
      scannerId: id,
      at: firstDay + day,
      hosts: [{ address: '10.0.0.1', ports: { 22: 'open' } }],
    });
    expect(await addressesOf(true)).toEqual(['10.0.0.2']);
    expect(await addressesOf(false)).toEqual(['10.0.0.1']);
    await close();
  });
});

function isIn(ports: NonNullable<HostFilter['openPorts']>, port: number): boolean {
  return ports.some(({ first, last }) => first <= port && port <= last);
}

function randomFilter(random: Chance): HostFilter {
  return given<HostFilter>({
    ...randomPlaces(random),
    name: random.maybe(0.2, () => random.one(['HOST-10-0-0', '-5.', 'nothing', '%'])),
    statuses: random.maybe(0.4, () => random.some(['up', 'gone', 'down'] as const, 0.5)),
    openPorts: random.maybe(0.4, () => random.one([[{ first: 80, last: 80 }], [{ first: 22, last: 445 }]])),
  });
}
