import { beforeAll, expect, test } from 'vitest';
import { day, firstDay, type LaboratoryApplication, openLaboratory, walk } from '../pipeline/laboratory.ts';
import { eachDatabase } from '../support/databases.ts';

const page = { limit: 100, backward: false };
const host = (address: string, open: readonly number[], names: readonly string[] = []) => ({
  address,
  names,
  ports: Object.fromEntries(open.map((port) => [port, 'open'])),
});

eachDatabase(({ database }) => {
  let application: LaboratoryApplication;
  let outside: number;

  beforeAll(async () => {
    const laboratory = openLaboratory(database());
    application = laboratory.application;
    const group = await application.scannerGroups.create({ name: 'outside', addressSpaceId: 1 });
    outside = group.id;
    const scanner = async (name: string, groupId: number) =>
      (await application.scanners.create({ name, groupId, guardShare: 1 })).id;
    const [a, b, o] = [await scanner('a', 1), await scanner('b', 1), await scanner('o', outside)];
    const targets = '10.0.0.0/28 2001:db8::/64';
    const twin = (address: string, open: readonly number[]) => host(address, open, ['web.example']);
    const take = (scannerId: number, at: number, hosts: ReturnType<typeof host>[]) =>
      laboratory.take({ scannerId, at, targets, hosts });
    await take(a, firstDay, [
      host('10.0.0.1', [22, 80]),
      twin('10.0.0.2', [80, 443]),
      twin('2001:db8::2', [80, 25]),
    ]);
    await take(b, firstDay + 3600, [host('10.0.0.1', [22]), twin('10.0.0.2', [80, 443])]);
    await take(o, firstDay + 7200, [host('10.0.0.1', [22]), host('10.0.0.2', [443])]);
    await take(o, firstDay + day, [host('10.0.0.1', [22]), host('10.0.0.2', [])]);
    return laboratory.close;
  });

  const rows = async (question: Parameters<LaboratoryApplication['vantage']['page']>[0], asOf?: number) => {
    const { items } = await application.vantage.page(question, page, asOf);
    expect(await application.vantage.count(question, asOf)).toBe(items.length);
    return items.map(
      ({ node }) => `${node.address} ${node.port} ${node.cells.map(({ verdict }) => verdict).join(' ')}`,
    );
  };

  test('the matrix shows groups side by side', async () => {
    expect(await rows({ networks: ['10.0.0.0/28'] })).toEqual([
      '10.0.0.1 22 open open',
      '10.0.0.1 80 open not_open',
      '10.0.0.2 80 open not_open',
      '10.0.0.2 443 open not_open',
    ]);
  });

  test('a group without scanners is no column of the matrix, unless it is asked for', async () => {
    const { id } = await application.scannerGroups.create({ name: 'empty', addressSpaceId: 1 });
    const narrow = { networks: ['10.0.0.1'], ports: [{ first: 22, last: 22 }] };
    expect(await rows(narrow)).toEqual(['10.0.0.1 22 open open']);
    expect(await rows({ ...narrow, scannerGroupIds: [1, id] })).toEqual(['10.0.0.1 22 open unknown']);
    await expect(application.vantage.page({ notOpenIn: [id] }, page)).rejects.toThrow(
      '"notOpenIn" names a group that is not among the columns, or has no scanner in service',
    );
    await application.scannerGroups.remove(id);
  });

  test('the matrix can be narrowed to what is open inside and outside', async () => {
    expect(await rows({ openIn: [1, outside] })).toEqual(['10.0.0.1 22 open open']);
    expect(await rows({ openIn: [1], notOpenIn: [outside], ports: [{ first: 443, last: 443 }] })).toEqual([
      '10.0.0.2 443 open not_open',
    ]);
  });

  test('the matrix answers for a past moment', async () => {
    const asOf = (firstDay + 7200) * 1000;
    expect(await rows({ openIn: [1, outside] }, asOf)).toEqual([
      '10.0.0.1 22 open open',
      '10.0.0.2 443 open open',
    ]);
  });

  test('pages of the matrix join to the whole, in both directions', async () => {
    const { items } = await application.vantage.page({}, page);
    for (const backward of [false, true]) {
      expect(await walk(application.vantage, {}, { limit: 2, backward })).toEqual(items);
    }
  });

  test('scanners of one group that see different things are inconsistent, with what each says', async () => {
    const { items } = await application.inconsistencies.page({}, page);
    expect(await application.inconsistencies.count({})).toBe(items.length);
    expect(
      items.map(({ node }) => [
        node.address,
        node.port,
        node.sides.map(({ verdict, status, lookedAt }) => [verdict ?? status, lookedAt]),
      ]),
    ).toEqual([
      [
        '10.0.0.1',
        80,
        [
          ['open', firstDay * 1000],
          ['not_open', (firstDay + 3600) * 1000],
        ],
      ],
      [
        '2001:db8::2',
        undefined,
        [
          ['up', firstDay * 1000],
          ['down', (firstDay + 3600) * 1000],
        ],
      ],
    ]);
  });

  test('looks that lie further apart than the window are not held against each other', async () => {
    await application.scannerGroups.update(1, { agreementWindowSeconds: 1800 });
    expect(await application.inconsistencies.count({})).toBe(0);
    await application.scannerGroups.update(1, { agreementWindowSeconds: 86_400 });
  });

  test('twins share a name, and differ in what is open on one address only', async () => {
    const { items } = await application.twins.page({}, page);
    expect(items.map(({ node }) => node)).toEqual([
      {
        addressSpaceId: 1,
        v4: '10.0.0.2',
        v6: '2001:db8::2',
        names: ['web.example'],
        macs: [],
        openOnBoth: 1,
        differences: [
          { port: 25, openOn: 6, other: 'not_open' },
          { port: 443, openOn: 4, other: 'not_open' },
        ],
      },
    ]);
  });
});
