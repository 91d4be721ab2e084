import { gzipSync } from 'node:zlib';
import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { rowCounts } from '../laws/stored.ts';
import { eachDatabase } from '../support/databases.ts';
import { changesOfScan } from '../support/taking-in.ts';
import { hostElement } from './nmap-report.ts';
import { on, refusal, uploadsTo, web, webClosed } from './uploading.ts';

eachDatabase(({ database }) => {
  const { scannerOf, upload, uploadOne, settled } = uploadsTo(database);

  describe('a report that breaks off', () => {
    const whole = on(2, { hosts: [webClosed] });

    test.each<[string, string | Uint8Array, string]>([
      ['before its end', whole.slice(0, whole.indexOf('<runstats>')), 'the file ends before the run does'],
      ['in its gzip', gzipSync(whole).subarray(0, -8), 'the gzip is cut off'],
      ['because nmap failed', on(2, { hosts: [webClosed], exit: 'error' }), 'the tool ended with "error"'],
    ])('%s is partial, says why, and closes nothing', async (_name, text, reason) => {
      const scanner = await scannerOf();
      await upload(scanner, on(1, { hosts: [web, { address: '10.0.0.2' }] }));
      const observedAt = Date.parse('2026-03-02T00:00:00Z');
      const scan = await uploadOne(scanner, text, { observedAt });
      expect(scan.complete).toBe(false);
      expect(scan.receipt.partialReason).toContain(reason);
      expect(scan.receipt.warnings.join()).toContain('closes nothing');
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22 80', '10.0.0.2 up']);
    });

    test('in the middle, although its end is there, is partial too', async () => {
      const scanner = await scannerOf();
      await upload(scanner, on(1, { hosts: [web, { address: '10.0.0.2', ports: ['22 open'] }] }));
      const two = on(2, { hosts: [webClosed, { address: '10.0.0.2', ports: ['80 open'] }] });
      const scan = await uploadOne(scanner, two.replace(/<port protocol="tcp" portid="80">.*\n<\/host>/, ''));
      expect(scan.complete).toBe(false);
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22 80', '10.0.0.2 up 22']);
    });

    test('opens and adds what it found', async () => {
      const scanner = await scannerOf();
      await upload(scanner, on(1, { hosts: [webClosed] }));
      const found = on(2, { hosts: [web, { address: '10.0.0.3', ports: ['22 open'] }], exit: 'error' });
      const scan = await uploadOne(scanner, found);
      expect(await changesOfScan(database(), scan.id)).toEqual([
        'port_opened 10.0.0.1 80',
        'host_new 10.0.0.3',
        'port_opened 10.0.0.3 22',
      ]);
    });

    test('does not hide the same words of a later complete one', async () => {
      const scanner = await scannerOf();
      await upload(scanner, on(1, { hosts: [web] }));
      await upload(scanner, on(2, { hosts: [webClosed], exit: 'error' }));
      const scan = await uploadOne(scanner, on(3, { hosts: [webClosed] }));
      expect(await changesOfScan(database(), scan.id)).toEqual(['port_closed 10.0.0.1 80']);
    });
  });

  describe('a host that the tool gave up on', () => {
    test('keeps its open ports, while the others are closed', async () => {
      const scanner = await scannerOf();
      const other = { address: '10.0.0.2', ports: ['22 open'] };
      await upload(scanner, on(1, { hosts: [web, other] }));
      const hosts = [
        { ...web, ports: [], timedOut: true },
        { ...other, ports: [] },
      ];
      const scan = await uploadOne(scanner, on(2, { hosts }));
      expect(await changesOfScan(database(), scan.id)).toEqual(['port_closed 10.0.0.2 22']);
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22 80', '10.0.0.2 up']);
    });

    test('is looked at again when it answers with the words of the last complete scan', async () => {
      const scanner = await scannerOf({ thresholds: { closedAfterScans: 2 } });
      await upload(scanner, on(1, { hosts: [web] }));
      await upload(scanner, on(2, { hosts: [webClosed] }));
      await upload(scanner, on(3, { hosts: [{ ...webClosed, timedOut: true }] }));
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22 80']);
      await upload(scanner, on(4, { hosts: [webClosed] }));
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22']);
    });
  });

  describe('words that are known already', () => {
    test('still count towards a threshold', async () => {
      const scanner = await scannerOf({ thresholds: { closedAfterScans: 3, goneAfterScans: 2 } });
      await upload(scanner, on(1, { hosts: [web] }));
      for (const day of [2, 3]) await upload(scanner, on(day, { hosts: [webClosed] }));
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22 80']);
      await upload(scanner, on(4, { hosts: [webClosed] }));
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22']);
      await upload(scanner, on(5));
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22']);
      await upload(scanner, on(6));
      expect(await settled(scanner)).toEqual(['10.0.0.1 gone 22']);
    });

    test('are weighed anew where a scan of another kind said otherwise meanwhile', async () => {
      const scanner = await scannerOf();
      const quick = { ports: '80' };
      await upload(scanner, on(1, { hosts: [web] }));
      await upload(scanner, on(2, { ...quick, hosts: [{ address: '10.0.0.1' }] }));
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22']);
      await upload(scanner, on(3, { hosts: [web] }));
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22 80']);
      await upload(scanner, on(4, { ...quick, hosts: [{ address: '10.0.0.1' }] }));
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22']);
    });

    test('are weighed anew where a late scan of another kind says otherwise', async () => {
      const scanner = await scannerOf();
      await upload(scanner, on(1, { hosts: [web] }));
      await upload(scanner, on(3, { targets: '10.0.1.0/24' }));
      await upload(scanner, on(2, { ports: '80', hosts: [{ address: '10.0.0.1' }] }));
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22']);
      const scan = await uploadOne(scanner, on(4, { hosts: [web] }));
      expect(await changesOfScan(database(), scan.id)).toEqual(['port_reopened 10.0.0.1 80']);
    });

    test('about a host that was about to come back do not count twice', async () => {
      const scanner = await scannerOf({ thresholds: { backAfterScans: 2 } });
      await upload(scanner, on(1));
      for (const day of [2, 4, 6]) {
        await upload(scanner, on(day, { hosts: [web] }));
        await upload(scanner, on(day + 1));
      }
      expect(await settled(scanner)).toEqual([]);
      for (const day of [8, 9]) await upload(scanner, on(day, { hosts: [web] }));
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22 80']);
    });

    test('are stored as no longer said, also of a host that was never up', async () => {
      const scanner = await scannerOf({ thresholds: { goneAfterScans: 2 } });
      const options = '-v --open';
      await upload(scanner, on(2, { options, hosts: [{ address: '10.0.0.1', status: 'down' }] }));
      await upload(scanner, on(3, { options }));
      await upload(scanner, on(1, { options, hosts: [web] }));
      expect(await settled(scanner)).toEqual(['10.0.0.1 up']); // Down once; then nothing open, up or down.
    });

    test('count towards an opening, which a change of something else does not begin anew', async () => {
      const scanner = await scannerOf({ thresholds: { openAfterScans: 2 } });
      const quick = { ports: '80', hosts: [{ address: '10.0.0.1', ports: ['80 open'] }] };
      await upload(scanner, on(1, { hosts: [{ address: '10.0.0.1' }] }));
      await upload(scanner, on(2, { hosts: [webClosed] }));
      await upload(scanner, on(3, quick));
      await upload(scanner, on(4, { hosts: [webClosed] }));
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22']);
      for (const day of [5, 6]) await upload(scanner, on(day, quick));
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22 80']);
    });

    test('are recognised for addresses that have a second spelling', async () => {
      const scanner = await scannerOf();
      const hosts = [{ address: '::1:2', ports: ['22 open'] }];
      for (const day of [1, 2]) await upload(scanner, on(day, { targets: '-6 ::/64', hosts }));
      expect(await settled(scanner)).toEqual(['::0.1.0.2 up 22']);
      const gone = await uploadOne(scanner, on(3, { targets: '-6 ::/64' }));
      expect(gone.receipt.changes).toEqual({ host_gone: 1 });
    });
  });

  describe('a host that comes twice in one report', () => {
    test('is one host with the most informative states', async () => {
      const scanner = await scannerOf();
      const hosts = [
        { address: '10.0.0.1', ports: ['22 open'] },
        { address: '10.0.0.2' },
        { address: '10.0.0.1', ports: ['22 closed', '80 open'] },
      ];
      const scan = await uploadOne(scanner, on(1, { hosts }));
      expect(scan.receipt).toMatchObject({ hostsListed: 2, hostsUp: 2, endpointsOpen: 2 });
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22 80', '10.0.0.2 up']);
    });

    test('is so also where its first record is known', async () => {
      const scanner = await scannerOf();
      await upload(scanner, on(1, { hosts: [web] }));
      const scan = await uploadOne(scanner, on(2, { hosts: [web, webClosed] }));
      expect(scan.receipt.hostsListed).toBe(1);
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22 80']);
    });
  });

  describe('bad input', () => {
    test.each([
      ['nothing', '', 'EMPTY'],
      ['a letter', 'Dear Sir or Madam\n', 'NOT_A_REPORT'],
      [
        'entities',
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><nmaprun scanner="nmap">&b;</nmaprun>',
        'UNSAFE_XML',
      ],
    ])('%s is refused with a code', async (_name, text, code) => {
      const scanner = await scannerOf();
      const before = await rowCounts(database());
      expect(await refusal(upload(scanner, text))).toBe(code);
      expect(await rowCounts(database())).toEqual(before);
    });

    test('lines that cannot be read are listed with their place, and the rest is used', async () => {
      const scanner = await scannerOf();
      const text = '10.0.0.1 22 tcp\n10.0.0.1 99999 tcp\n10.0.0.01 80 tcp\n10.0.0.2 80 tcp\n';
      const scan = await uploadOne(scanner, text);
      expect(scan.receipt.problemCount).toBe(2);
      expect(scan.receipt.problems.map(({ line, offset }) => [line, offset])).toEqual([
        [2, 16],
        [3, 35],
      ]);
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22', '10.0.0.2 up 80']);
    });

    test('a record that cannot be read makes the scan partial', async () => {
      const scanner = await scannerOf();
      await upload(scanner, on(1, { hosts: [web, { address: '10.0.0.2' }] }));
      const bad = hostElement({ address: '10.0.0.299' });
      const scan = await uploadOne(scanner, on(2, { hosts: [webClosed, bad] }));
      expect(scan.receipt.problemCount).toBe(1);
      expect(scan.complete).toBe(false);
      expect(await settled(scanner)).toEqual(['10.0.0.1 up 22 80', '10.0.0.2 up']);
    });

    test('texts that no database holds are replaced', async () => {
      const scanner = await scannerOf();
      const header = { drportscan: 1, names: true, status: true, absent: 'down', args: '\ud800 \0 \\u0000' };
      const host = { address: '10.0.0.1', status: 'up', names: ['\udfff', 'a\0b', 'tab\tback\\slash'] };
      const end = { end: true, complete: true, endedAt: '2026-03-01T00:00:00.000Z' };
      const scan = await uploadOne(
        scanner,
        [header, host, end].map((line) => JSON.stringify(line)).join('\n'),
      );
      const [row] = await database().rows<{ args: string }>(
        sql`select receipt ->> 'args' as args from scan where id = ${scan.id}`,
      );
      expect(row?.args).toBe('\ufffd \ufffd \\u0000');
      expect(await settled(scanner)).toEqual(['10.0.0.1 up']);
    });
  });
});
