import { sql } from 'drizzle-orm';
import { beforeAll, describe, expect, test } from 'vitest';
import { addressesOfFilter } from '../../src/core/address-filter.ts';
import { holdsAddress } from '../../src/core/address-set.ts';
import { agree } from '../../src/core/agreement.ts';
import { holdsPort } from '../../src/core/endpoint.ts';
import { BadInput } from '../../src/core/errors.ts';
import type { EndpointFilter, EndpointRecord, Host, Scanner } from '../../src/core/model.ts';
import { decodeState } from '../../src/core/state.ts';
import type { Database } from '../../src/store/session.ts';
import {
  chance,
  day,
  fillAtRandom,
  firstDay,
  type LaboratoryApplication,
  openLaboratory,
  randomEndpointFilter,
  seedOf,
  walk,
} from '../pipeline/laboratory.ts';
import { eachDatabase } from '../support/databases.ts';
import { propertyRuns } from '../support/property-runs.ts';

const port = (number: number) => [{ first: number, last: number }];
const page = { limit: 100, backward: false };

eachDatabase(({ database }) => {
  const seed = seedOf('endpoints');
  let application: LaboratoryApplication;
  let all: EndpointRecord[];
  let hosts: ReadonlyMap<string, Host>;
  let scanners: readonly Scanner[];
  let kept: ReadonlySet<string>;

  beforeAll(async () => {
    const laboratory = openLaboratory(database());
    application = laboratory.application;
    await fillAtRandom(laboratory, chance(seed));
    all = (await walk(application.endpoints, {}, page)).map(({ node }) => node);
    const known = await walk(application.hosts, { statuses: ['up', 'gone', 'down'] }, page);
    hosts = new Map(known.map(({ node }) => [keyOf(node), node]));
    scanners = await application.scanners.all();
    kept = await readKept(database());
    return laboratory.close;
  });

  test('random filters give what a comparison one by one gives, in pages of any size, forward and backward', async () => {
    expect(all.length).toBeGreaterThan(20);
    for (let run = 0; run < propertyRuns(50); run += 1) {
      const random = chance(seed + run);
      const filter = randomEndpointFilter(random);
      const wanted = all.filter((record) => matches(record, filter)).map(endpointOf);
      const limit = 1 + random.below(9);
      const told = { seed: seed + run, filter: JSON.stringify(filter) };
      const forward = await walk(application.endpoints, filter, { limit, backward: false });
      expect({ ...told, found: forward.map(({ node }) => endpointOf(node)) }).toEqual({
        ...told,
        found: wanted,
      });
      const backward = await walk(application.endpoints, filter, { limit, backward: true });
      expect({ ...told, found: backward }).toEqual({ ...told, found: forward });
      expect({ ...told, count: await application.endpoints.count(filter) }).toEqual({
        ...told,
        count: wanted.length,
      });
    }
  });

  test('the list has every endpoint that any scanner keeps, once', () => {
    const endpoints = new Set([...kept].map((key) => key.split(' ').slice(0, 3).join(' ')));
    expect(all.map((record) => `${keyOf(record)} ${record.port}`).sort()).toEqual([...endpoints].sort());
  });

  test('a listed endpoint is the one that is found by its key and among those of its host', async () => {
    for (const record of all) {
      const { addressSpaceId, address, port: key } = record;
      expect(await application.endpoints.findMany([{ addressSpaceId, address, port: key }])).toEqual([
        record,
      ]);
    }
    expect(await application.endpoints.findMany(all)).toEqual(all);
  });

  test('the endpoints of many hosts at once are those that a filter means for each of them', async () => {
    const nobody = { addressSpaceId: 1, address: '192.0.2.77' };
    const places = [...hosts.values(), nobody].map(({ addressSpaceId, address }) => ({
      addressSpaceId,
      address,
    }));
    const after =
      (await application.endpoints.page({}, { limit: 7, backward: false })).items.at(-1)?.cursor ?? '';
    for (const asOf of [undefined, (firstDay + 3 * day) * 1000]) {
      for (const request of [
        { limit: 2, backward: false },
        { limit: 2, backward: true },
        { limit: 3, backward: false, after },
      ]) {
        const filters = places.map(({ addressSpaceId, address }) => ({
          addressSpaceIds: [addressSpaceId],
          networks: [address],
        }));
        const pages = await application.endpoints.pagesOfHosts(places, request, asOf);
        const single = filters.map(async (filter) => ({
          ...(await application.endpoints.page(filter, request, asOf)),
          total: await application.endpoints.count(filter, asOf),
        }));
        expect(pages).toEqual(await Promise.all(single));
        const records = await application.hosts.findMany(places, asOf);
        const known = records.map((record, i) => record ?? places[i] ?? nobody);
        expect(await application.endpoints.pagesOfHosts(known, request, asOf)).toEqual(pages);
      }
    }
  });

  test.each([
    ['no base64', '%%%'],
    ['no JSON', Buffer.from('x').toString('base64url')],
    ['another list', Buffer.from('["1","10.0.0.1"]').toString('base64url')],
    ['no address', Buffer.from('["1","10.0.0.300","22"]').toString('base64url')],
    ['SQL', Buffer.from(`["1","10.0.0.1'; drop table scan","22"]`).toString('base64url')],
  ])('a cursor that is %s is bad input', async (_name, after) => {
    await expect(application.endpoints.page({}, { ...page, after })).rejects.toThrow(BadInput);
  });

  function matches(record: EndpointRecord, filter: EndpointFilter): boolean {
    const { addressSpaceIds, scannerIds, scannerGroupIds, ports, verdicts, service, name, pending } = filter;
    const addresses = addressesOfFilter(filter);
    const asked = scanners
      .filter(({ id }) => scannerIds?.includes(id) ?? true)
      .filter(({ groupId }) => scannerGroupIds?.includes(groupId) ?? true)
      .map(({ id }) => id);
    const views = record.views.filter(({ scannerId }) => asked.includes(scannerId));
    const names = (hosts.get(keyOf(record))?.views ?? [])
      .filter(({ scannerId }) => asked.includes(scannerId))
      .flatMap((view) => view.names);
    const services = views.flatMap((view) => [
      view.service?.name,
      view.service?.product,
      view.service?.version,
    ]);
    return (
      views.some(({ scannerId }) => kept.has(`${keyOf(record)} ${record.port} ${scannerId}`)) &&
      (addressSpaceIds?.includes(record.addressSpaceId) ?? true) &&
      (addresses === undefined || holdsAddress(addresses, record.address)) &&
      (ports === undefined || holdsPort(ports, record.port)) &&
      (verdicts?.includes(agree(views.map(({ verdict }) => verdict))) ?? true) &&
      (pending === undefined || views.some((view) => view.pending !== undefined) === pending) &&
      (name === undefined || names.some((known) => known.includes(name.toLowerCase()))) &&
      (service === undefined || services.some((text) => text?.toLowerCase().includes(service.toLowerCase())))
    );
  }
});

/** Which scanner keeps which endpoint, from the stored states themselves. */
async function readKept(database: Database): Promise<Set<string>> {
  const rows = await database.rows<{
    addressSpaceId: number;
    address: string;
    scannerId: number;
    state: string;
  }>(sql`
    select address_space_id as "addressSpaceId", host(address) as address, scanner_id as "scannerId", state
    from host_state
  `);
  return new Set(
    rows.flatMap(({ state, scannerId, ...host }) =>
      Array.from(decodeState(state).endpoints.keys(), (key) => `${keyOf(host)} ${key} ${scannerId}`),
    ),
  );
}

function keyOf({ addressSpaceId, address }: { addressSpaceId: number; address: string }): string {
  return `${addressSpaceId} ${address}`;
}

function endpointOf({ addressSpaceId, address, port: key, verdict }: EndpointRecord): string {
  return `${addressSpaceId} ${address} ${key} ${verdict}`;
}

eachDatabase(({ database }) => {
  describe('one endpoint', () => {
    test('is open where any scanner sees it open, and every scanner says what it sees', async () => {
      const { application, take, close } = openLaboratory(database());
      const [a, b] = [await newScanner(application, 'a'), await newScanner(application, 'b')];
      await take({
        scannerId: a,
        at: firstDay,
        hosts: [{ address: '10.0.0.1', ports: { 22: 'open', 80: 'nginx' } }],
      });
      await take({ scannerId: b, at: firstDay, hosts: [{ address: '10.0.0.1', ports: { 80: 'filtered' } }] });
      const place = { addressSpaceId: 1, address: '10.0.0.1', port: 80 };
      const [record] = await application.endpoints.findMany([place]);
      expect(record?.verdict).toBe('open');
      expect(record?.views).toEqual([
        {
          scannerId: a,
          verdict: 'open',
          since: { at: firstDay * 1000, scan: expect.any(Number) },
          lastVerifiedAt: firstDay * 1000,
          service: { name: 'svc', product: 'nginx', probed: true },
        },
        { scannerId: b, verdict: 'not_open', lastVerifiedAt: firstDay * 1000 },
      ]);
      const other = { ...place, port: 22 };
      const looks = await application.endpoints.rawLooks([place, other, place]);
      expect(looks.map((said) => said.map(({ state }) => state))).toEqual([
        ['open', 'filtered'],
        ['open', 'closed'],
        ['open', 'filtered'],
      ]);
      await close();
    });

    test('of a host that is gone is unknown, and says since when', async () => {
      const { application, take, close } = openLaboratory(database());
      const scannerId = await newScanner(application, 'gone');
      const targets = '10.1.0.0/28';
      await take({
        scannerId,
        targets,
        at: firstDay,
        hosts: [{ address: '10.1.0.1', ports: { 22: 'open' } }],
      });
      await take({ scannerId, targets, at: firstDay + day, hosts: [] });
      const { items } = await application.endpoints.page(
        { scannerIds: [scannerId], verdicts: ['unknown'] },
        page,
      );
      expect(items.map(({ node }) => node)).toEqual([
        {
          addressSpaceId: 1,
          address: '10.1.0.1',
          port: 22,
          verdict: 'unknown',
          views: [
            {
              scannerId,
              verdict: 'unknown',
              unknownReason: 'host_gone',
              since: { at: (firstDay + day) * 1000, scan: expect.any(Number) },
              lastVerifiedAt: (firstDay + day) * 1000,
            },
          ],
        },
      ]);
      expect(await application.endpoints.count({ scannerIds: [scannerId], verdicts: ['open'] })).toBe(0);
      await close();
    });

    test.each([
      ['10.2.0.1', 23, 'not_open', undefined, 'closed ports in scope are not open'],
      ['10.2.0.2', 22, 'not_open', undefined, 'a covered address without a host has nothing open'],
      ['10.2.0.1', 8080, 'unknown', 'port_not_in_scope', 'a port that no scan looked at is unknown'],
      ['10.9.0.1', 22, 'unknown', 'never_scanned', 'an address that no scan looked at is unknown'],
      ['10.2.0.1', 65_536 + 161, 'unknown', 'inconclusive', 'open|filtered neither opens nor closes'],
      ['10.3.0.1', 22, 'unknown', 'scan_partial', 'a partial scan closes nothing'],
    ])('%s port %i is %s, %s: %s', async (address, key, verdict, unknownReason, _why) => {
      const { application, take, close } = openLaboratory(database());
      const name = 'reasons';
      const known = await application.scanners.findByName(name);
      const scannerId = known?.id ?? (await newScanner(application, name));
      const host = { address: '10.2.0.1', ports: { 22: 'open' } };
      const targets = '10.2.0.0/28';
      if (known === undefined) {
        await take({ scannerId, targets, at: firstDay, hosts: [host] });
        const silent = { address: '10.2.0.1', ports: { 161: 'open|filtered' } };
        await take({ scannerId, targets, protocol: 'udp', ports: '161', at: firstDay + 1, hosts: [silent] });
        const half = { address: '10.3.0.1', ports: { 80: 'open' } };
        await take({ scannerId, targets: '10.3.0.0/28', exit: 'error', at: firstDay + 2, hosts: [half] });
      }
      const [record] = await application.endpoints.findMany([{ addressSpaceId: 1, address, port: key }]);
      const view = record?.views.find((one) => one.scannerId === scannerId);
      expect([view?.verdict, view?.unknownReason]).toEqual([verdict, unknownReason]);
      await close();
    });

    test('of a host with thousands of open ports is listed, counted and found like any other', async () => {
      const { application, take, close } = openLaboratory(database());
      const [scannerId, narrow] = [
        await newScanner(application, 'wide'),
        await newScanner(application, 'narrow'),
      ];
      const ports = Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [i + 1, 'open']));
      const targets = '10.4.0.0/28';
      await take({
        scannerId,
        targets,
        ports: '1-2000',
        at: firstDay,
        hosts: [{ address: '10.4.0.1', ports }],
      });
      const some = { 7: 'open', 1999: 'open' };
      const host = { address: '10.4.0.1', ports: some };
      await take({ scannerId: narrow, targets, ports: '1-2000', at: firstDay, hosts: [host] });
      const filter = { networks: ['10.4.0.0/28'] };
      const all = await walk(application.endpoints, filter, page);
      expect(all.map(({ node }) => node.port)).toEqual([
        ...Array.from({ length: 1500 }, (_, i) => i + 1),
        1999,
      ]);
      expect(await application.endpoints.count(filter)).toBe(1501);
      expect(await application.endpoints.count({ ...filter, ports: [{ first: 1400, last: 1999 }] })).toBe(
        102,
      );
      const one = await application.endpoints.page(
        { ...filter, ports: port(1234), verdicts: ['open'] },
        page,
      );
      expect(one.items.map(({ node }) => node.port)).toEqual([1234]);
      await close();
    });
  });
});

async function newScanner(application: LaboratoryApplication, name: string): Promise<number> {
  return (await application.scanners.create({ name, groupId: 1, guardShare: 1 })).id;
}
