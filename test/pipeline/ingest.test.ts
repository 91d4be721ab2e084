import { gzipSync } from 'node:zlib';
import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { BadInput, NotFound } from '../../src/core/errors.ts';
import type { ScannerInput } from '../../src/core/settings.ts';
import type { IngestRequest, Reading } from '../../src/pipeline/ingest.ts';
import { takeIn } from '../../src/pipeline/intake.ts';
import { rowCounts, storedStates } from '../laws/stored.ts';
import { eachDatabase } from '../support/databases.ts';
import { changesOfScan } from '../support/taking-in.ts';
import { on, receivedAt, refusal, uploadsTo, web, webClosed } from './uploading.ts';

eachDatabase(({ database }) => {
  const { scannerOf, upload, uploadOne, settled } = uploadsTo(database);

  describe('where the scope comes from', () => {
    const silent = { targets: '-iL hosts.txt', ports: '' };

    test.each([
      ['the report', {}, {}, {}, ['report', 'report']],
      [
        'the upload, which narrows the report',
        {},
        { addresses: ['10.0.0.0/30'], ports: '22' },
        {},
        ['upload', 'upload'],
      ],
      [
        'the upload, where the report is silent',
        silent,
        { addresses: ['10.0.0.0/24'], ports: '22,80' },
        {},
        ['upload', 'upload'],
      ],
      [
        'the scanner, where both are silent',
        silent,
        {},
        { defaultAddresses: ['10.0.0.0/24'], defaultPorts: '22,80' },
        ['scanner_default', 'scanner_default'],
      ],
      [
        'the report before the scanner',
        {},
        {},
        { defaultAddresses: ['192.0.2.0/24'], defaultPorts: '1' },
        ['report', 'report'],
      ],
      ['the listed hosts, where nobody says', silent, {}, {}, ['listed_hosts', 'none']],
    ] as const)('%s', async (_name, report, given, defaults, origins) => {
      const scanner = await scannerOf(defaults as Partial<ScannerInput>);
      const scan = await uploadOne(
        scanner,
        on(1, { ...report, hosts: [web] }),
        given as Partial<IngestRequest>,
      );
      expect([scan.receipt.addressOrigin, scan.receipt.portOrigin]).toEqual(origins);
    });

    test('a host that is missing from the scope is gone', async () => {
      const scanner = await scannerOf();
      await upload(scanner, on(1, { hosts: [web, { address: '10.0.0.2' }] }));
      const scan = await uploadOne(scanner, on(2, { hosts: [{ address: '10.0.0.2' }] }));
      expect(await changesOfScan(database(), scan.id)).toEqual(['host_gone 10.0.0.1']);
      expect(await settled(scanner)).toEqual(['10.0.0.1 gone 22 80', '10.0.0.2 up']);
    });

    test('without a scope of addresses, a missing host is not gone, and the receipt says so', async () => {
      const scanner = await scannerOf();
      const targets = '-iL hosts.txt';
      await upload(scanner, on(1, { targets, hosts: [web, { address: '10.0.0.2' }] }));
      const scan = await uploadOne(scanner, on(2, { targets, hosts: [{ address: '10.0.0.2' }] }));
      expect(await changesOfScan(database(), scan.id)).toEqual([]);
      expect(scan.receipt.warnings.join()).toContain('No scope of addresses is known');
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22 80', '10.0.0.2 up']);
    });

    test('without a scope of ports nothing is closed, and the receipt says so', async () => {
      const scanner = await scannerOf();
      await upload(scanner, on(1, { hosts: [web] }));
      const scan = await uploadOne(scanner, on(2, { ports: '', hosts: [webClosed] }));
      expect(await changesOfScan(database(), scan.id)).toEqual([]);
      expect(scan.receipt.warnings.join()).toContain('No scope of ports is known');
    });

    test('hosts and open ports outside are left out, and counted', async () => {
      const scanner = await scannerOf();
      const hosts = [web, { address: '192.0.2.1', ports: ['22 open'] }];
      const scan = await uploadOne(scanner, on(1, { hosts }), { ports: '22' });
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22']);
      expect(scan.receipt.warnings).toEqual([
        '1 listed hosts are outside the scope and were left out.',
        '1 open ports are outside the scope and were left out.',
      ]);
    });

    test.each([
      ['addresses that the report did not scan', { addresses: ['10.0.0.0/23'] }, 'SCOPE_CONTRADICTS_REPORT'],
      ['ports that the report did not scan', { ports: '22,443' }, 'SCOPE_CONTRADICTS_REPORT'],
      ['an address that is none', { addresses: ['10.0.0.01'] }, 'BAD_SCOPE'],
      ['ports that are none', { ports: '22,http' }, 'BAD_SCOPE'],
    ])('an upload may not claim %s', async (_name, given, code) => {
      const scanner = await scannerOf();
      const before = await rowCounts(database());
      expect(await refusal(upload(scanner, on(1, { hosts: [web] }), given))).toBe(code);
      expect(await rowCounts(database())).toEqual(before);
    });
  });

  describe('the time of a scan', () => {
    test('is its end, as the report says', async () => {
      const scan = await uploadOne(await scannerOf(), on(5));
      expect([scan.at, scan.receipt.timeOrigin]).toEqual([Date.parse('2026-03-05T00:00:00Z'), 'scan_end']);
    });

    test('is what the upload says, if it says so', async () => {
      const observedAt = Date.parse('2026-02-01T00:00:00Z');
      const scan = await uploadOne(await scannerOf(), on(5), { observedAt });
      expect([scan.at, scan.receipt.timeOrigin]).toEqual([observedAt, 'upload']);
    });

    test('is that of its receipt where nothing says it, with a warning', async () => {
      const scan = await uploadOne(await scannerOf(), '10.0.0.1 22 tcp\n');
      expect([scan.at, scan.receipt.timeOrigin]).toEqual([receivedAt, 'receipt']);
      expect(scan.receipt.warnings.join()).toContain('The report says no time');
    });

    test.each([
      ['the report', 'FUTURE', on(1, { endedAt: '2026-04-01T00:10:01Z' }), {}],
      ['the upload', 'FUTURE', on(1), { observedAt: receivedAt + 600_001 }],
      ['a run that has not ended', 'FUTURE', '10.0.0.1 22 tcp 2026-04-01T00:10:01Z\n', {}],
    ])('is refused where %s puts it into the future', async (_name, code, text, given) => {
      const before = await rowCounts(database());
      expect(await refusal(upload(await scannerOf(), text, given))).toBe(code);
      expect(await rowCounts(database())).toEqual(before);
    });

    test('may be as far ahead as clocks differ', async () => {
      const scan = await uploadOne(await scannerOf(), on(1, { endedAt: '2026-04-01T00:10:00Z' }));
      expect(scan.at).toBe(receivedAt + 600_000);
    });
  });

  describe('a scanner', () => {
    test('that does not exist takes nothing', async () => {
      await expect(upload(999_999, on(1))).rejects.toBeInstanceOf(NotFound);
    });

    test('that is retired takes nothing', async () => {
      const scanner = await scannerOf();
      await database().rows(sql`update scanner set retired_at = now() where id = ${scanner}`);
      await expect(upload(scanner, on(1))).rejects.toBeInstanceOf(BadInput);
    });
  });

  describe('the same report', () => {
    test('is answered with its first receipt also when it comes with another time', async () => {
      const scanner = await scannerOf();
      const text = on(5, { hosts: [web] });
      const observedAt = Date.parse('2026-02-01T00:00:00Z');
      const [first] = await upload(scanner, text, { observedAt });
      const [again] = await upload(scanner, text);
      expect(again).toMatchObject({ scan: first?.scan, repeated: true });
      expect(again?.note).toMatch(/ignored: time\. .*"scan discard/);
    });

    test('packed and unpacked is the same', async () => {
      const scanner = await scannerOf();
      const text = on(5, { hosts: [web] });
      const [first] = await upload(scanner, gzipSync(text));
      expect(await upload(scanner, text)).toEqual([{ scan: first?.scan, repeated: true }]);
    });

    test('of another scanner is another scan', async () => {
      const text = on(5, { hosts: [web] });
      const [one, two] = [await upload(await scannerOf(), text), await upload(await scannerOf(), text)];
      expect([one[0]?.repeated, two[0]?.repeated]).toEqual([false, false]);
    });
  });

  describe('a file with several runs', () => {
    const three = [1, 2, 3].map((day) => on(day, { hosts: [day === 2 ? webClosed : web] })).join('');

    test('is several scans, in the order of the file', async () => {
      const scanner = await scannerOf();
      const results = await upload(scanner, three);
      const changes = results.map(({ scan }) => changesOfScan(database(), scan.id));
      expect(await Promise.all(changes)).toEqual([
        [
          'host_new 10.0.0.1 baseline',
          'port_opened 10.0.0.1 22 baseline',
          'port_opened 10.0.0.1 80 baseline',
        ],
        ['port_closed 10.0.0.1 80'],
        ['port_reopened 10.0.0.1 80'],
      ]);
    });

    test('is repeated run by run', async () => {
      const scanner = await scannerOf();
      const first = await upload(scanner, three);
      const again = await upload(scanner, three);
      expect(again).toEqual(first.map(({ scan }) => ({ scan, repeated: true })));
    });

    test('is taken in entirely or not at all', async () => {
      const scanner = await scannerOf();
      const before = await rowCounts(database());
      const text = on(1, { hosts: [web] }) + on(2, { endedAt: '2027-01-01T00:00:00Z' });
      expect(await refusal(upload(scanner, text))).toBe('FUTURE');
      expect(await rowCounts(database())).toEqual(before);
    });
  });

  describe('a scan in several files', () => {
    const left = on(1, { targets: '10.0.0.0/25', hosts: [web] });
    const right = on(1, { targets: '10.0.0.128/25', hosts: [{ address: '10.0.0.129' }] });

    test('is one scan of everything that its parts looked at', async () => {
      const scanner = await scannerOf();
      const results = await upload(scanner, [left, right]);
      expect(results).toHaveLength(1);
      expect(results[0]?.scan.receipt).toMatchObject({ hostsListed: 2, scopeAddresses: ['10.0.0.0/24'] });
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22 80', '10.0.0.129 up']);
    });

    test('is the same in any order of its parts', async () => {
      const scanner = await scannerOf();
      const [first] = await upload(scanner, [left, right]);
      expect(await upload(scanner, [right, left])).toEqual([{ scan: first?.scan, repeated: true }]);
    });

    test('closes only what its complete parts looked at', async () => {
      const scanner = await scannerOf();
      await upload(scanner, [left, right]);
      const parts = [
        on(2, { targets: '10.0.0.0/25', hosts: [webClosed] }),
        on(2, { targets: '10.0.0.128/25', exit: 'error' }),
      ];
      const scan = await uploadOne(scanner, parts);
      expect(scan.complete).toBe(false);
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22', '10.0.0.129 up']);
    });

    test('takes all runs of a part', async () => {
      const scanner = await scannerOf();
      const third = on(1, { targets: '10.0.1.0/24', hosts: [{ address: '10.0.1.1' }] });
      expect(await upload(scanner, [left + third, right])).toHaveLength(1);
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22 80', '10.0.0.129 up', '10.0.1.1 up']);
    });

    test('is refused as a whole where one part is no report', async () => {
      const scanner = await scannerOf();
      const before = await rowCounts(database());
      expect(await refusal(upload(scanner, [left, 'good morning\n']))).toBe('NOT_A_REPORT');
      expect(await rowCounts(database())).toEqual(before);
    });
  });

  describe('what goes wrong on the way', () => {
    test.each(['begin', 'states', 'write'] as const)('leaves nothing behind (%s)', async (method) => {
      const scanner = await scannerOf();
      await upload(scanner, on(1, { hosts: [web] }));
      const [before, states] = [await rowCounts(database()), await storedStates(database(), scanner)];
      const reading: Reading = (request, store) =>
        takeIn(request, {
          ...store,
          async [method](...given: never[]) {
            await (store[method] as (...values: never[]) => Promise<unknown>)(...given);
            throw new Error('the power is gone');
          },
        });
      const broken = upload(scanner, on(2, { hosts: [webClosed, { address: '10.0.0.9' }] }), { reading });
      await expect(broken).rejects.toThrow('the power is gone');
      expect(await rowCounts(database())).toEqual(before);
      expect(await storedStates(database(), scanner)).toEqual(states);
    });

    test('is nothing to the next report', async () => {
      const scanner = await scannerOf();
      await refusal(upload(scanner, 'Dear Sir or Madam\n'));
      expect((await uploadOne(scanner, on(1, { hosts: [web] }))).receipt.hostsUp).toBe(1);
    });
  });
});
