import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readSide } from '../../src/cli/diff-side.ts';
import { compareScans } from '../../src/core/compare-scans.ts';
import { type DifferenceLine, linesOf, noDifferences } from '../../src/core/difference-lines.ts';
import { BadInput, NotFound } from '../../src/core/errors.ts';
import {
  type Chance,
  chance,
  day,
  firstDay,
  type LaboratoryApplication,
  nmapXml,
  openLaboratory,
  type Report,
  seedOf,
  walk,
} from '../pipeline/laboratory.ts';
import { eachDatabase } from '../support/databases.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const page = { limit: 100, backward: false };
const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.9', '10.0.0.10', '10.0.0.17', '2001:db8::1'];

function randomReport(random: Chance, scannerId: number, at: number): Report {
  const listed = addresses.filter(() => random.below(3) > 0);
  return {
    scannerId,
    at,
    targets: random.one(['10.0.0.0/28 2001:db8::/120', '10.0.0.0/27', '10.0.0.8/29']),
    ports: random.one(['1-1000', '1-100']),
    exit: random.below(4) === 0 ? 'error' : 'success',
    hosts: listed.map((address) => ({
      address,
      names: random.below(3) === 0 ? [`n${random.below(2)}.example`] : [],
      ports: Object.fromEntries(
        [22, 80, 443].flatMap((port) => {
          const said = random.one(['open', 'nginx', 'apache', 'filtered', '']);
          return said === '' ? [] : [[port, said] as const];
        }),
      ),
    })),
  };
}

eachDatabase(({ database }) => {
  const seed = seedOf('scan differences');
  const random = chance(seed);
  const directory = temporaryDirectory();
  let application: LaboratoryApplication;
  const taken: { id: number; file: string }[] = [];

  beforeAll(async () => {
    const laboratory = openLaboratory(database());
    application = laboratory.application;
    const scanner = async (name: string) =>
      (await application.scanners.create({ name, groupId: 1, guardShare: 1 })).id;
    const scanners = [await scanner('a'), await scanner('b')];
    for (let n = 0; n < 12; n += 1) {
      // Some come late, some are discarded, some say what the one before said.
      const at = firstDay + (random.below(4) === 0 ? random.below(12) : n) * day + n;
      const report = randomReport(random, random.one(scanners), at);
      for (const repeated of random.below(3) === 0 ? [report, { ...report, at: at + 60 }] : [report]) {
        const file = join(directory, `${taken.length}.xml`);
        writeFileSync(file, nmapXml(repeated));
        const { id } = await laboratory.take(repeated);
        taken.push({ id, file });
        if (random.below(5) === 0) await application.decisions.decideScan(id, 'discard');
      }
    }
    return laboratory.close;
  });

  const linesOfFiles = async (before: string, after: string): Promise<DifferenceLine[]> => {
    const [a, b] = [await readSide({ file: before }), await readSide({ file: after })];
    const counts = noDifferences();
    return [...compareScans(a, b)].flatMap((difference) => linesOf(difference, counts));
  };

  test('two stored scans differ as their reports do, in pages of any size, forward and backward', async () => {
    let lines = 0;
    for (const a of taken) {
      for (const b of [random.one(taken), random.one(taken)]) {
        const told = { seed, before: a.file, after: b.file };
        const expected = await linesOfFiles(a.file, b.file);
        const comparison = { before: a.id, after: b.id };
        const limit = 1 + random.below(5);
        const forward = await walk(application.scanDifferences, comparison, { limit, backward: false });
        expect({ ...told, lines: forward.map(({ node }) => node) }).toEqual({ ...told, lines: expected });
        expect(await walk(application.scanDifferences, comparison, { limit, backward: true })).toEqual(
          forward,
        );
        expect(await application.scanDifferences.count(comparison)).toBe(expected.length);
        lines += expected.length;
      }
    }
    expect(lines).toBeGreaterThan(20);
  });

  test('differences are narrowed by place, port, kind and subject', async () => {
    const [first, last] = [taken.at(0), taken.at(-1)];
    const comparison = { before: first?.id ?? 0, after: last?.id ?? 0 };
    const all = (await application.scanDifferences.page(comparison, page)).items.map(({ node }) => node);
    const narrowed = async (filter: object) =>
      (await application.scanDifferences.page({ ...comparison, ...filter }, page)).items.map(
        ({ node }) => node,
      );
    expect(await narrowed({ networks: ['10.0.0.0/29'] })).toEqual(
      all.filter(({ address }) => ['10.0.0.1', '10.0.0.2'].includes(address)),
    );
    expect(await narrowed({ symbols: ['?', '+'] })).toEqual(
      all.filter(({ symbol }) => '?+'.includes(symbol)),
    );
    expect(await narrowed({ subjects: ['host'] })).toEqual(all.filter(({ subject }) => subject === 'host'));
    const only80 = await narrowed({ ports: [{ first: 80, last: 80 }] });
    expect(only80).toEqual(
      all.filter(({ ports }) => /(^|,)80\//.test(ports ?? '') || /^1-/.test(ports ?? '')),
    );
  });

  test('a scan equals itself, and says so', async () => {
    // Of a scan that broke off before its first host there is nothing to compare.
    const { id = 0 } = taken.find(({ file }) => readFileSync(file, 'utf8').includes('exit="success"')) ?? {};
    const counts = await application.scanDifferences.counts({ before: id, after: id });
    expect(counts).toMatchObject({ ...noDifferences(), different: false, comparable: true });
    const networks = ['10.0.0.8/30'];
    const inside = await application.scanDifferences.counts({ before: id, after: id, networks });
    expect(inside.commonAddresses).toBe(4n);
  });

  test('scans of different networks can not be compared: they are neither equal nor different', async () => {
    const laboratory = openLaboratory(database());
    const { id: scannerId } = await application.scanners.create({ name: 'far', groupId: 1 });
    const scan = async (targets: string, address: string, at: number) =>
      (await laboratory.take({ scannerId, targets, at, hosts: [{ address, ports: { 22: 'open' } }] })).id;
    const before = await scan('10.9.0.0/28', '10.9.0.1', firstDay);
    const after = await scan('10.8.0.0/28', '10.8.0.1', firstDay + 60);
    expect(await application.scanDifferences.counts({ before, after })).toMatchObject({
      different: false,
      comparable: false,
      commonAddresses: 0n,
      hostsNotComparable: 2,
    });
    await laboratory.close();
  });

  test('scans that do not exist, were pruned or belong to other address spaces are refused', async () => {
    const laboratory = openLaboratory(database());
    const space = await application.addressSpaces.create({ name: 'other' });
    const group = await application.scannerGroups.create({ name: 'there', addressSpaceId: space.id });
    const { id: there } = await application.scanners.create({ name: 'there-1', groupId: group.id });
    const hosts = [{ address: '10.0.0.1', ports: { 22: 'open' } }];
    const { id: other } = await laboratory.take({ scannerId: there, at: firstDay, hosts });
    const { id: later } = await laboratory.take({
      scannerId: there,
      at: firstDay + day,
      hosts: [{ address: '10.0.0.1', ports: { 80: 'open' } }],
    });
    const [{ id } = { id: 0 }] = taken;
    const compared = (before: number, after: number) =>
      application.scanDifferences.page({ before, after }, page);
    await expect(compared(id, 9999)).rejects.toThrow(
      new NotFound('There is no scan 9999: "scans" lists those there are'),
    );
    await expect(compared(id, other)).rejects.toThrow('belong to different address spaces');
    await application.decisions.prune({ scannerIds: [there], dryRun: false });
    await expect(compared(other, later)).rejects.toThrow(BadInput);
    await laboratory.close();
  });
});
