import { beforeAll, expect, test } from 'vitest';
import { BadInput } from '../../src/core/errors.ts';
import type { Scan, ScanFilter, Scanner } from '../../src/core/model.ts';
import { matchesScan } from '../../src/core/scan-filter.ts';
import {
  chance,
  day,
  fillAtRandom,
  firstDay,
  given,
  type LaboratoryApplication,
  openLaboratory,
  seedOf,
  walk,
} from '../pipeline/laboratory.ts';
import { eachDatabase } from '../support/databases.ts';
import { propertyRuns } from '../support/property-runs.ts';

const page = { limit: 100, backward: false };

eachDatabase(({ database }) => {
  const seed = seedOf('scans');
  let application: LaboratoryApplication;
  let all: Scan[];
  let scanners: readonly Scanner[];

  beforeAll(async () => {
    const laboratory = openLaboratory(database());
    application = laboratory.application;
    await fillAtRandom(laboratory, chance(seed));
    all = (await walk(application.scans, {}, page)).map(({ node }) => node);
    scanners = await application.scanners.all();
    return laboratory.close;
  });

  test('the newest observation comes first', () => {
    expect(all.length).toBe(20);
    expect(all).toEqual(all.toSorted((a, b) => b.at - a.at || b.id - a.id));
  });

  test('random filters give what the rule in core gives, in pages of any size, forward and backward', async () => {
    for (let run = 0; run < propertyRuns(60); run += 1) {
      const random = chance(seed + run);
      const filter = given<ScanFilter>({
        addressSpaceIds: random.maybe(0.3, () => random.some([1, 2], 0.6)),
        scannerIds: random.maybe(0.3, () => random.some([1, 2, 3, 4], 0.6)),
        scannerGroupIds: random.maybe(0.3, () => random.some([1, 2, 3], 0.6)),
        statuses: random.maybe(0.3, () => random.some(['applied', 'held'] as const, 0.6)),
        complete: random.maybe(0.3, () => random.is(0.5)),
        from: random.maybe(0.3, () => (firstDay + random.below(5) * day) * 1000),
        to: random.maybe(0.3, () => (firstDay + random.below(5) * day) * 1000),
      });
      const groupOf = ({ scannerId }: Scan) => scanners.find(({ id }) => id === scannerId)?.groupId ?? 0;
      const wanted = all.filter((scan) => matchesScan(filter, scan, groupOf(scan)));
      const limit = 1 + random.below(6);
      const forward = await walk(application.scans, filter, { limit, backward: false });
      expect({ filter, found: forward.map(({ node }) => node) }).toEqual({ filter, found: wanted });
      expect(await walk(application.scans, filter, { limit, backward: true })).toEqual(forward);
      expect(await application.scans.count(filter)).toBe(wanted.length);
    }
  });

  test('a scan is found by its number, with its receipt; numbers of none are left out', async () => {
    const [first] = all;
    if (first === undefined) throw new Error('nothing is listed');
    expect(await application.scans.find(first.id)).toEqual(first);
    expect(first.receipt.format).toBe('nmap-xml');
    expect(await application.scans.find(999_999)).toBeUndefined();
    expect(await application.scans.findMany([999_999, first.id])).toEqual([first]);
  });

  test('a cursor of another list is bad input', async () => {
    const after = Buffer.from('["1","10.0.0.1"]').toString('base64url');
    await expect(application.scans.page({}, { ...page, after })).rejects.toThrow(BadInput);
  });
});
