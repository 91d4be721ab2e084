import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { ReportRejected } from '../../src/core/errors.ts';
import { limits } from '../../src/limits.ts';
import { type Blame, type InboxEvent, type InboxReport, openInbox } from '../../src/pipeline/inbox.ts';
import { openReaders } from '../../src/pipeline/readers.ts';
import { openReportUploads } from '../../src/pipeline/report-uploads.ts';
import { onDatabase } from '../support/databases.ts';
import { newScanner } from '../support/taking-in.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { nmapReport } from './nmap-report.ts';

/** What is away, and for whom. */
class Away extends Error {
  readonly blame: Blame;
  constructor(blame: Blame) {
    super(`the ${blame} is away`);
    this.blame = blame;
  }
}

function blame(error: unknown): Blame {
  if (error instanceof Away) return error.blame;
  return error instanceof ReportRejected ? 'report' : 'file';
}

/** An inbox with one folder, a clock that the test turns, and a way to take reports in. */
function inboxWith(take: (report: InboxReport) => Promise<object>) {
  const directory = temporaryDirectory();
  const folder = join(directory, 'lan-1');
  mkdirSync(folder);
  const clock = { now: Date.now() };
  const events: InboxEvent[] = [];
  const tell = (event: InboxEvent) => void events.push(event);
  const open = () => openInbox({ directory, take, blame, now: () => clock.now, tell });
  const first = open();
  const settle = async (inbox = first) => {
    await inbox.look();
    clock.now += limits.inboxSettleMs;
    return inbox.look();
  };
  const told = () => events.map(({ kind, place }) => `${kind} ${place}`);
  const why = (place: string) => {
    const event = events.find((one) => one.place === place && one.kind !== 'taken');
    return event?.kind === 'left' ? (event.error as Error).message : undefined;
  };
  return { directory, folder, clock, events, told, why, open, settle, first };
}

const taken = async () => ({});
const on = (day: number) => nmapReport({ endedAt: `2026-03-0${day}T00:00:00Z` });
const cutOff = on(1).slice(0, 150);

test('a file that grows is left alone until it stays as it is', async () => {
  const { folder, clock, told, first } = inboxWith(taken);
  const path = join(folder, 'a.xml');
  writeFileSync(path, on(1).slice(0, 100));
  expect(await first.look()).toEqual({ settling: 1, waiting: 0 });
  clock.now += limits.inboxSettleMs;
  writeFileSync(path, on(1));
  expect(await first.look()).toEqual({ settling: 1, waiting: 0 });
  clock.now += limits.inboxSettleMs - 1;
  expect(await first.look()).toEqual({ settling: 1, waiting: 0 });
  expect(told()).toEqual([]);
  clock.now += 1;
  expect(await first.look()).toEqual({ settling: 0, waiting: 0 });
  expect(told()).toEqual(['taken lan-1/a.xml']);
});

test.each([
  ['breaks off', cutOff],
  ['is empty', ''],
])('a file that %s is given an hour to grow on, and is told of once', async (_name, text) => {
  const { folder, clock, told, settle, first } = inboxWith(taken);
  const path = join(folder, 'a.xml');
  writeFileSync(path, text);
  expect(await settle()).toEqual({ settling: 0, waiting: 1 });
  clock.now += limits.inboxUnfinishedMs / 2;
  await first.look();
  expect(told()).toEqual(['left lan-1/a.xml']);

  appendFileSync(path, on(1).slice(text.length, text.length + 150));
  utimesSync(path, clock.now / 1000, clock.now / 1000);
  await settle();
  clock.now += limits.inboxUnfinishedMs - limits.inboxSettleMs - 1;
  await first.look();
  expect(told().filter((line) => line.startsWith('taken'))).toEqual([]);
  clock.now += 2;
  expect(await first.look()).toEqual({ settling: 0, waiting: 0 });
  expect(told().at(-1)).toBe('taken lan-1/a.xml');
});

test('a list without an end is left alone until it kept still for longer', async () => {
  const { folder, clock, told, settle, first } = inboxWith(taken);
  writeFileSync(join(folder, 'naabu.txt'), '192.0.2.1:80\n192.0.2.2:443\n');
  expect(await settle()).toEqual({ settling: 1, waiting: 0 });
  appendFileSync(join(folder, 'naabu.txt'), '192.0.2.3:443\n');
  utimesSync(join(folder, 'naabu.txt'), clock.now / 1000, clock.now / 1000);
  await first.look();
  clock.now += limits.inboxOpenEndedMs - 1;
  expect(await first.look()).toEqual({ settling: 1, waiting: 0 });
  expect(told()).toEqual([]);
  clock.now += 1;
  expect(await first.look()).toEqual({ settling: 0, waiting: 0 });
  expect(told()).toEqual(['taken lan-1/naabu.txt']);
});

test('a report that broke off long ago is not waited for', async () => {
  const { folder, told, settle } = inboxWith(taken);
  writeFileSync(join(folder, 'a.xml'), cutOff);
  utimesSync(join(folder, 'a.xml'), 1_700_000_000, 1_700_000_000);
  await settle();
  expect(told()).toEqual(['taken lan-1/a.xml']);
});

test('files are taken in the order of their observation, and lie in old/ with their receipts', async () => {
  const { folder, settle, told } = inboxWith(async ({ scanner }) => ({ scanner }));
  writeFileSync(join(folder, 'a.xml'), on(3));
  writeFileSync(join(folder, 'b.xml'), on(1));
  writeFileSync(join(folder, 'c.xml'), on(2));
  writeFileSync(join(folder, 'd.xml.part'), on(4));
  expect(await settle()).toEqual({ settling: 0, waiting: 0 });
  expect(told()).toEqual(['taken lan-1/b.xml', 'taken lan-1/c.xml', 'taken lan-1/a.xml']);
  expect(readdirSync(folder)).toEqual(['d.xml.part', 'old']);
  expect(readdirSync(join(folder, 'old'))).toEqual(
    ['a.xml', 'b.xml', 'c.xml'].flatMap((name) => [name, `${name}.receipt.json`]),
  );
  expect(JSON.parse(readFileSync(join(folder, 'old', 'a.xml.receipt.json'), 'utf8'))).toEqual({
    scanner: 'lan-1',
  });
});

test('a file whose report says no time was observed when it was written; one that says it, then', async () => {
  const times = new Map<string, number | undefined>();
  const { folder, settle } = inboxWith(async ({ path, observedAt }) => {
    times.set(basename(path), observedAt);
    return {};
  });
  writeFileSync(join(folder, 'lines.txt'), '192.0.2.1:80\n192.0.2.2:443\n');
  utimesSync(join(folder, 'lines.txt'), 1_772_000_000, 1_772_000_000);
  writeFileSync(join(folder, 'a.xml'), on(1));
  await settle();
  expect(Object.fromEntries(times)).toEqual({ 'lines.txt': 1_772_000_000_000, 'a.xml': undefined });
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

test.each([
  ['file', ['left lan-1/a.xml', 'left lan-1/b.xml', 'left lan-2/c.xml'], 3],
  ['folder', ['left lan-1', 'left lan-2'], 2],
  ['everything', ['left '], 1],
] as const)(
  'where the fault is with the %s, files stay and are tried again, and it is told once',
  async (fault, told, tries) => {
    const state = { isAway: true, tries: 0 };
    const inbox = inboxWith(async () => {
      state.tries += 1;
      if (state.isAway) throw new Away(fault);
      return {};
    });
    mkdirSync(join(inbox.directory, 'lan-2'));
    for (const [index, path] of ['lan-1/a.xml', 'lan-1/b.xml', 'lan-2/c.xml'].entries())
      writeFileSync(join(inbox.directory, path), on(index + 1));
    expect(await inbox.settle()).toEqual({ settling: 0, waiting: 3 });
    expect(state.tries).toBe(tries);
    await inbox.first.look();
    expect(inbox.told()).toEqual(told);
    state.isAway = false;
    expect(await inbox.first.look()).toEqual({ settling: 0, waiting: 0 });
    expect(inbox.told().slice(told.length)).toEqual(
      ['lan-1/a.xml', 'lan-1/b.xml', 'lan-2/c.xml'].map((place) => `taken ${place}`),
    );
  },
);

test('what cannot be moved is taken in once, and moved when it can be', async () => {
  const counts = { taken: 0 };
  const { folder, settle, first, told } = inboxWith(async () => ({ taken: ++counts.taken }));
  writeFileSync(join(folder, 'old'), 'in the way');
  utimesSync(join(folder, 'old'), 0, 0);
  writeFileSync(join(folder, 'a.xml'), on(1));
  await settle();
  await first.look();
  expect(told()).toContain('left lan-1/a.xml');
  rmSync(join(folder, 'old'));
  expect(await first.look()).toEqual({ settling: 0, waiting: 0 });
  expect(counts.taken).toBeLessThanOrEqual(2); // The other one is the file that was in the way.
  expect(existsSync(join(folder, 'old', 'a.xml'))).toBe(true);
});

test('nothing is moved through a link', async () => {
  const elsewhere = temporaryDirectory();
  const { folder, settle, why } = inboxWith(taken);
  symlinkSync(elsewhere, join(folder, 'old'));
  writeFileSync(join(folder, 'a.xml'), on(1));
  await settle();
  expect(why('lan-1/a.xml')).toMatch(/old is not a directory/);
  expect(readdirSync(elsewhere)).toEqual([]);
  expect(existsSync(join(folder, 'a.xml'))).toBe(true);
});

test('a file that another one replaced while it was taken in stays, and is taken in too', async () => {
  const read: string[] = [];
  const inbox = inboxWith(async ({ path }) => {
    read.push(readFileSync(path, 'utf8'));
    if (read.length === 1) {
      writeFileSync(`${path}.part`, on(2));
      renameSync(`${path}.part`, path);
    }
    return { report: read.length };
  });
  writeFileSync(join(inbox.folder, 'a.xml'), on(1));
  await inbox.settle();
  expect(readdirSync(inbox.folder)).toContain('a.xml');
  await inbox.settle();
  expect(read).toEqual([on(1), on(2)]);
  expect(readFileSync(join(inbox.folder, 'old', 'a.xml'), 'utf8')).toBe(on(2));
});

test('a file that somebody else put away meanwhile is no failure, and leaves no note without its file', async () => {
  const { folder, settle, told } = inboxWith(async ({ path }) => {
    rmSync(path);
    return {};
  });
  writeFileSync(join(folder, 'a.xml'), on(1));
  expect(await settle()).toEqual({ settling: 0, waiting: 0 });
  expect(told()).toEqual(['taken lan-1/a.xml']);
  expect(readdirSync(join(folder, 'old'))).toEqual([]);
});

test('what is no report file in a folder of a scanner is left alone, and told of once', async () => {
  const { directory, folder, settle, first, why, told } = inboxWith(taken);
  const secret = join(temporaryDirectory(), 'secret.xml');
  writeFileSync(secret, on(1));
  symlinkSync(secret, join(folder, 'link.xml'));
  symlinkSync(temporaryDirectory(), join(directory, 'lan-2'));
  mkdirSync(join(folder, 'sub'));
  execFileSync('mkfifo', [join(folder, 'pipe.xml')]);
  writeFileSync(join(directory, 'loose.xml'), on(1));
  writeFileSync(join(folder, '.hidden.xml'), on(1));
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0x2e, 0x78])]), on(1));
  await settle();
  await first.look();
  expect(why('lan-1/link.xml')).toMatch(/link, which is not followed/);
  expect(why('lan-2')).toMatch(/^It is no folder of a scanner, but a link, which is not followed/);
  expect(why('lan-1/sub')).toMatch(/directory; move its files up/);
  expect(why('lan-1/pipe.xml')).toMatch(/pipe/);
  expect(why('loose.xml')).toMatch(/folder with the name of its scanner/);
  expect(why('lan-1/\ufffd.x')).toMatch(/not UTF-8/);
  expect(told()).toHaveLength(6);
});

test('names with any characters, and of any length, are taken in', async () => {
  const { folder, settle, told } = inboxWith(taken);
  const names = ['a\nb.xml', '\u001b[31mred.xml', "it's %s $(x) `y`.xml", '-rf', `${'ü'.repeat(125)}.xml`];
  for (const [index, name] of names.entries()) writeFileSync(join(folder, name), on(index + 1));
  expect(await settle()).toEqual({ settling: 0, waiting: 0 });
  expect(told()).toEqual(names.map((name) => `taken lan-1/${name}`));
  expect(readdirSync(join(folder, 'old'))).toHaveLength(names.length * 2);
});

test('a look that is called off ends with the file that is being taken in', async () => {
  const calledOff = new AbortController();
  const { folder, clock, told, first } = inboxWith(async () => {
    calledOff.abort();
    return {};
  });
  for (const day of [1, 2, 3]) writeFileSync(join(folder, `${day}.xml`), on(day));
  await first.look();
  clock.now += limits.inboxSettleMs;
  expect(await first.look(calledOff.signal)).toEqual({ settling: 0, waiting: 2 });
  expect(told()).toEqual(['taken lan-1/1.xml']);
});

onDatabase('pglite', ({ database }) => {
  test('a file that was taken in when the process died is taken once', async () => {
    const readers = openReaders();
    const parts = { readers, spool: temporaryDirectory(), now: () => Date.now() };
    const uploads = openReportUploads(database(), parts);
    const scannerId = await newScanner(database());
    const repeats: boolean[] = [];
    const { folder, open, settle } = inboxWith(async ({ path }) => {
      const { repeated, scan } = await uploads.uploadFiles({ scannerId }, [path]);
      repeats.push(repeated);
      if (repeats.length === 1) throw new Error('killed before the file was moved');
      return { scan: scan.id };
    });
    writeFileSync(join(folder, 'a.xml'), on(1));
    await settle();
    await settle(open());
    expect(repeats).toEqual([false, true]);
    expect(existsSync(join(folder, 'old', 'a.xml'))).toBe(true);
    await readers.close();
  });
});
