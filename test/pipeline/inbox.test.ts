import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ReportRejected } from '../../src/core/errors.ts';
import { limits } from '../../src/limits.ts';
import { type InboxEvent, openInbox } from '../../src/pipeline/inbox.ts';
import { openReaders } from '../../src/pipeline/readers.ts';
import { openReportUploads } from '../../src/pipeline/report-uploads.ts';
import { onDatabase } from '../support/databases.ts';
import { newScanner } from '../support/taking-in.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { nmapReport } from './nmap-report.ts';

/** An inbox with one folder, a clock that the test turns, and a way to take reports in. */
function inboxWith(take: (scanner: string, path: string) => Promise<object>) {
  const directory = temporaryDirectory();
  const folder = join(directory, 'lan-1');
  mkdirSync(folder);
  const clock = { now: 0 };
  const events: InboxEvent[] = [];
  const open = () =>
    openInbox({
      directory,
      take,
      isRefusal: (error) => error instanceof ReportRejected,
      now: () => clock.now,
      tell: (event) => events.push(event),
    });
  const first = open();
  const settle = async (inbox = first) => {
    const before = await inbox.look();
    clock.now += limits.inboxSettleMs;
    return [before, await inbox.look()];
  };
  return { folder, clock, events, open, settle, first };
}

const on = (day: number) => nmapReport({ endedAt: `2026-03-0${day}T00:00:00Z` });

test('a file that grows is left alone until it stays as it is', async () => {
  const { folder, clock, events, first } = inboxWith(async () => ({}));
  writeFileSync(join(folder, 'a.xml'), on(1).slice(0, 100));
  expect(await first.look()).toBe(1);
  clock.now += limits.inboxSettleMs;
  writeFileSync(join(folder, 'a.xml'), on(1));
  expect(await first.look()).toBe(1);
  clock.now += limits.inboxSettleMs - 1;
  expect(await first.look()).toBe(1);
  expect(events).toEqual([]);
  clock.now += 1;
  expect(await first.look()).toBe(0);
  expect(events.map(({ kind, file }) => [kind, file])).toEqual([['taken', 'a.xml']]);
});

test('files are taken in the order of their observation, and lie in old/ with their receipts', async () => {
  const { folder, settle, events } = inboxWith(async (scanner) => ({ scanner }));
  writeFileSync(join(folder, 'a.xml'), on(3));
  writeFileSync(join(folder, 'b.xml'), on(1));
  writeFileSync(join(folder, 'c.xml'), on(2));
  writeFileSync(join(folder, 'd.xml.part'), on(4));
  expect(await settle()).toEqual([3, 0]);
  expect(events.map(({ file }) => file)).toEqual(['b.xml', 'c.xml', 'a.xml']);
  expect(readdirSync(folder)).toEqual(['d.xml.part', 'old']);
  expect(readdirSync(join(folder, 'old'))).toEqual(
    ['a.xml', 'b.xml', 'c.xml'].flatMap((name) => [name, `${name}.receipt.json`]),
  );
  expect(JSON.parse(readFileSync(join(folder, 'old', 'a.xml.receipt.json'), 'utf8'))).toEqual({
    scanner: 'lan-1',
  });
});

test('a file that is refused lies in failed/ with the reason; a second one of its name beside it', async () => {
  const { folder, settle } = inboxWith(async () => {
    throw new ReportRejected('NOT_A_REPORT', 'This is no report.');
  });
  for (const text of ['hello', 'hello again']) {
    writeFileSync(join(folder, 'a.txt'), text);
    await settle();
  }
  expect(readdirSync(join(folder, 'failed'))).toEqual([
    '2-a.txt',
    '2-a.txt.error.json',
    'a.txt',
    'a.txt.error.json',
  ]);
  expect(readFileSync(join(folder, 'failed', 'a.txt.error.json'), 'utf8')).toContain('This is no report.');
});

test('where the fault is not the report, it stays and is tried again', async () => {
  const state = { isAway: true };
  const { folder, settle, events, first } = inboxWith(async () => {
    if (state.isAway) throw new Error('the server is away');
    return {};
  });
  writeFileSync(join(folder, 'a.xml'), on(1));
  expect(await settle()).toEqual([1, 1]);
  state.isAway = false;
  expect(await first.look()).toBe(0);
  expect(events.map(({ kind }) => kind)).toEqual(['postponed', 'taken']);
});

onDatabase('pglite', ({ database }) => {
  test('a file that was taken in when the process died is taken once', async () => {
    const readers = openReaders();
    const parts = { readers, spool: temporaryDirectory(), now: () => Date.now() };
    const uploads = openReportUploads(database(), parts);
    const scannerId = await newScanner(database());
    const taken: boolean[] = [];
    const { folder, open, settle } = inboxWith(async (_scanner, path) => {
      const { repeated, scan } = await uploads.uploadFiles({ scannerId }, [path]);
      taken.push(repeated);
      if (taken.length === 1) throw new Error('killed before the file was moved');
      return { scan: scan.id };
    });
    writeFileSync(join(folder, 'a.xml'), on(1));
    await settle();
    await settle(open());
    expect(taken).toEqual([false, true]);
    expect(existsSync(join(folder, 'old', 'a.xml'))).toBe(true);
    await readers.close();
  });
});
