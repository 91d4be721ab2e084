import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { nmapReport } from '../pipeline/nmap-report.ts';
import { type Outcome, run, runCli, startCli } from '../support/program.ts';
import { requires } from '../support/requires.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';
import { type FaultyProxy, startFaultyProxy } from './faulty-proxy.ts';

const server = { url: '' };
let scanners = 0;

beforeAll(async () => {
  const running = startCli(['serve', '--port', '0', '--data', temporaryDirectory()], {
    env: { DATABASE_URL: undefined },
  });
  server.url = (await running.prints(/listens on (http:\S+)/))[1] ?? '';
});

interface Setting {
  readonly proxy: FaultyProxy;
  readonly spool: string;
  readonly scanner: string;
  readonly arguments: readonly string[];
  /** A report in a file, observed on this day of March. */
  readonly report: (day: number, hosts?: number) => string;
}

/** A proxy, an empty spool and a new scanner. */
async function setting(): Promise<Setting> {
  const [proxy, spool, directory] = [
    await startFaultyProxy(server.url),
    temporaryDirectory(),
    temporaryDirectory(),
  ];
  const scanner = `relay-${++scanners}`;
  return {
    proxy,
    spool,
    scanner,
    arguments: ['--server', proxy.url, '--scanner', scanner, '--create', '--json'],
    report: (day, hosts = 1) => {
      const path = join(directory, `${day}.xml`);
      const listed = Array.from({ length: hosts }, (_, i) => ({
        address: `10.0.${i >> 8}.${i & 255}`,
        ports: ['22 open'],
      }));
      writeFileSync(
        path,
        nmapReport({ endedAt: `2026-03-0${day}T00:00:00Z`, targets: '10.0.0.0/16', hosts: listed }),
      );
      return path;
    },
  };
}

const push = (files: readonly string[], { arguments: rest }: Setting, more: readonly string[] = []) =>
  runCli(['push', ...files, ...rest, ...more]);

const receipts = ({ stdout }: Outcome) =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { repeated: boolean; at: string; timeOrigin: string });

async function scansOf({ scanner }: Setting): Promise<number> {
  const listed = await runCli(['scans', '--scanner', scanner, '--output', 'jsonl', '--server', server.url]);
  return listed.stdout.split('\n').filter(Boolean).length;
}

const waiting = ({ spool }: Setting) => readdirSync(spool).filter((name) => name.endsWith('.report')).length;

test.each([
  [
    'the connection breaks during the upload',
    'broken upload',
    /closed the connection.*\n.*Trying again in 1 s|Trying again in 1 s/,
  ],
  ['the answer is lost', 'lost answer', /Trying again in 1 s/],
  ['the answer breaks off', 'broken answer', /broke before the receipt came\. Trying again in 1 s/],
  ['a proxy finds no server', { status: 502 }, /answers 502.* Trying again in 1 s/],
  [
    'the server is busy, and says for how long',
    { status: 429, headers: { 'retry-after': '2' }, detail: 'Busy', code: 'REFUSED' },
    /Busy\. Trying again in 2 s/,
  ],
  [
    'the server stops',
    { status: 503, detail: 'The server is stopping', code: 'REFUSED' },
    /stopping\. Trying again in 1 s/,
  ],
  [
    'the server itself fails',
    { status: 500, detail: 'Unexpected error.', code: 'INTERNAL' },
    /Unexpected error\. Trying again in 1 s/,
  ],
] as const)('a report that fills many packets is there once, although %s', async (name, fault, told) => {
  const at = await setting();
  at.proxy.faults.push(fault);
  const pushed = await push([at.report(1, 5000)], at);
  expect(pushed.code, pushed.stderr).toBe(0);
  expect(pushed.stderr).toMatch(told);
  expect(receipts(pushed)).toMatchObject([{ repeated: /the answer (is lost|breaks off)/.test(name) }]);
  expect(at.proxy.uploads()).toBe(2);
  expect(await scansOf(at)).toBe(1);
});

test.each([
  [{ status: 422, detail: 'This is no scan report.', code: 'NOT_A_REPORT' }, /This is no scan report/],
  [{ status: 413, detail: 'A report may have 1 byte', code: 'TOO_LARGE' }, /may have 1 byte/],
] as const)('a refusal of %o is not tried again, and the report is kept aside', async (fault, told) => {
  const at = await setting();
  at.proxy.faults.push(fault);
  const pushed = await push([at.report(1)], at, ['--spool', at.spool]);
  expect(pushed.code).toBe(2);
  expect(pushed.stderr).toMatch(told);
  expect(pushed.stderr).not.toMatch(/Trying again/);
  expect(at.proxy.uploads()).toBe(1);
  expect(waiting(at)).toBe(0);
  expect(readdirSync(join(at.spool, 'failed'))).toHaveLength(2);
});

test.each([
  [{ status: 404, detail: 'There is no page' }, /answers 404.*Is this a Dr\. Portscan server/],
  [{ status: 401, body: 'who?' }, /answers 401: who\?\. Is this a Dr\. Portscan server/],
  [{ status: 413, body: '<html>too large' }, /answers 413.*limits the size of requests/],
  [{ status: 200, body: '<html>hello' }, /answers 200.*Is this a Dr\. Portscan server/],
  [{ status: 200, body: '{"ok":true}' }, /answers 200.*Is this a Dr\. Portscan server/],
  [{ status: 302, headers: { location: 'http://elsewhere/' } }, /sends us on to http:\/\/elsewhere\//],
  [{ status: 421, detail: 'Not my name', code: 'REFUSED' }, /Not my name/],
] as const)(
  'an answer of %o says nothing about the report: all of them wait, and no other is tried',
  async (fault, told) => {
    const at = await setting();
    at.proxy.faults.push(fault);
    const pushed = await push([at.report(1), at.report(2)], at, ['--spool', at.spool]);
    expect(pushed.code).toBe(2);
    expect(pushed.stderr).toMatch(told);
    expect(pushed.stderr).toMatch(/2 report\(s\) wait in/);
    expect(at.proxy.uploads()).toBe(1);
    expect(waiting(at)).toBe(2);
    expect(existsSync(join(at.spool, 'failed'))).toBe(false);
  },
);

test('a report of a scanner that the server does not know waits, and the others are sent', async () => {
  const at = await setting();
  const send = (scanner: string, ...files: string[]) =>
    runCli(['push', ...files, '--scanner', scanner, '--server', at.proxy.url, '--spool', at.spool]);
  const unknown = await send('nobody', at.report(1));
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toMatch(/no scanner "nobody".* 1 report\(s\) wait in/);
  const sent = await push([at.report(2)], at, ['--spool', at.spool]);
  expect(receipts(sent)).toHaveLength(1);
  expect(waiting(at)).toBe(1);
  await runCli(['scanner', 'add', 'nobody', '--server', at.proxy.url]);
  expect(await send('nobody')).toMatchObject({ code: 0 });
  expect(waiting(at)).toBe(0);
});

test('a file that cannot be read does not keep the others from the server', async () => {
  const at = await setting();
  const missing = join(temporaryDirectory(), 'missing.xml');
  const pushed = await push([at.report(1), missing, at.report(2)], at, ['--spool', at.spool]);
  expect(pushed.code).toBe(2);
  expect(pushed.stderr).toMatch(/missing\.xml does not exist/);
  expect(receipts(pushed)).toHaveLength(2);
  expect(waiting(at)).toBe(0);
});

test('without a file and a spool there is nothing to send', async () => {
  const pushed = await runCli(['push', '--scanner', 'lan-1']);
  expect(pushed.code).toBe(2);
  expect(pushed.stderr).toMatch(/Name the reports, or - for standard input/);
});

test('a port that no server may have is told as such', async () => {
  const pushed = await runCli(['scans', '--server', 'http://127.0.0.1:1']);
  expect(pushed.stderr).toMatch(/cannot be reached: connection refused/);
});

test('a report without a time was observed when its file was written, however often it is put into the spool', async () => {
  const at = await setting();
  const path = join(temporaryDirectory(), 'lines.txt');
  writeFileSync(path, '10.0.0.1:80\n10.0.0.2:443\n');
  utimesSync(path, 1_772_000_000, 1_772_000_000);
  const sent = [await push([path], at, ['--spool', at.spool]), await push([path], at, ['--spool', at.spool])];
  expect(sent.flatMap(receipts).map(({ repeated, at: time }) => [repeated, Date.parse(time)])).toEqual([
    [false, 1_772_000_000_000],
    [true, 1_772_000_000_000],
  ]);
});

test('a server that wants to be left alone for long is left alone, and the report waits', async () => {
  const at = await setting();
  at.proxy.faults.push({
    status: 503,
    headers: { 'retry-after': '3600' },
    detail: 'Closed',
    code: 'REFUSED',
  });
  const pushed = await push([at.report(1)], at, ['--spool', at.spool]);
  expect(pushed.code).toBe(2);
  expect(pushed.stderr).toMatch(/Closed\. 1 report\(s\) wait in .* for the next push/);
  expect(at.proxy.uploads()).toBe(1);
  expect(waiting(at)).toBe(1);
});

test('a report at which the server fails does not keep the others from it', async () => {
  const at = await setting();
  for (let attempt = 0; attempt < 4; attempt += 1)
    at.proxy.faults.push({ status: 500, detail: 'Oh', code: 'INTERNAL' });
  const pushed = await push([at.report(1), at.report(2)], at, ['--spool', at.spool]);
  expect(pushed.code).toBe(2);
  expect(pushed.stderr).toMatch(/1\.xml: Oh\. 1 report\(s\) wait in/);
  expect(receipts(pushed)).toHaveLength(1);
  const again = await runCli(['push', at.report(3), ...at.arguments, '--spool', at.spool]);
  expect(receipts(again).map(({ at: time }) => time.slice(0, 10))).toEqual(['2026-03-01', '2026-03-03']);
  expect(waiting(at)).toBe(0);
});

test('what came from standard input is lost without a spool, and the failure says so', async () => {
  const at = await setting();
  at.proxy.faults.push({ status: 503, detail: 'Closed', code: 'REFUSED' });
  const input = readFileSync(at.report(1));
  const pushed = await runCli(['push', '-', ...at.arguments], { input });
  expect(pushed.code).toBe(2);
  expect(pushed.stderr).toMatch(
    /Closed\. What came from standard input is lost; --spool DIRECTORY would keep it/,
  );
});

test('a push that is killed while it sends goes on with the next one, and nothing is counted twice', async () => {
  const at = await setting();
  at.proxy.faults.push('none', 'lost answer');
  const files = [at.report(1), at.report(2), at.report(3)];
  const first = startCli(['push', ...files, ...at.arguments, '--spool', at.spool]);
  await until('the server has the second report', () => at.proxy.uploads() === 2);
  await first.prints(/Trying again/); // The server has taken it in, but the push does not know.
  await first.stop('SIGKILL');
  expect(waiting(at)).toBe(2);
  expect(existsSync(join(at.spool, 'drportscan.lock'))).toBe(true);

  const second = await push([at.report(4)], at, ['--spool', at.spool]);
  expect(second.code, second.stderr).toBe(0);
  expect(receipts(second).map(({ repeated }) => repeated)).toEqual([true, false, false]);
  expect(await scansOf(at)).toBe(4);
  expect(readdirSync(at.spool)).toEqual([]);
});

test('a report that says no time was observed before it waited in the spool, not when it arrived', async () => {
  const at = await setting();
  at.proxy.faults.push(...Array.from({ length: 4 }, () => ({ status: 503 })));
  const path = join(temporaryDirectory(), 'lines.txt');
  writeFileSync(path, '10.0.0.1:80\n10.0.0.2:443\n');
  expect((await push([path], at, ['--spool', at.spool])).code).toBe(2);
  const kept = Date.now();
  const sent = await push([at.report(1)], at, ['--spool', at.spool]);
  expect(sent.code, sent.stderr).toBe(0);
  const [receipt] = receipts(sent);
  expect(receipt?.timeOrigin).toBe('upload');
  expect(Date.parse(receipt?.at ?? '')).toBeLessThanOrEqual(kept);
});

test('a report whose note is lost is kept aside, and the others are sent', async () => {
  const at = await setting();
  at.proxy.faults.push(...Array.from({ length: 4 }, () => ({ status: 503 })));
  expect((await push([at.report(1)], at, ['--spool', at.spool])).code).toBe(2);
  for (const name of readdirSync(at.spool)) if (name.endsWith('.json')) rmSync(join(at.spool, name));
  const sent = await push([at.report(2)], at, ['--spool', at.spool]);
  expect(sent.code).toBe(2);
  expect(sent.stderr).toMatch(/The note .*\.json is lost, which says who looked; push the report by hand/);
  expect(receipts(sent)).toHaveLength(1);
  expect(readdirSync(join(at.spool, 'failed'))).toHaveLength(2);
});

test('pushes at the same time leave no report behind', async () => {
  const at = await setting();
  const reports = [1, 2, 3, 4].map((day) => at.report(day));
  const pushed = await Promise.all(reports.map((path) => push([path], at, ['--spool', at.spool])));
  for (const { code, stderr } of pushed) expect(code, stderr).toBe(0);
  await until('nothing waits any more', () => waiting(at) === 0);
  expect(pushed.flatMap(receipts)).toHaveLength(4);
  expect(await scansOf(at)).toBe(4);
});

test('a file that cannot be read is told as such, not as a fault of the server', async () => {
  const at = await setting();
  const pushed = await push([join(temporaryDirectory(), 'missing.xml')], at);
  expect(pushed.code).toBe(2);
  expect(pushed.stderr).toMatch(/missing\.xml does not exist/);
});

requires('mount')('a spool on a disk that is full', () => {
  test('says so, keeps what waits, and leaves no half a report', async ({ skip }) => {
    const at = await setting();
    const small = temporaryDirectory();
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small]);
    if (mounted.code !== 0) return skip('needs the right to mount a small tmpfs');
    try {
      const pushed = await push([at.report(1, 5000)], at, ['--spool', small]);
      expect(pushed.code).toBe(2);
      expect(pushed.stderr).toMatch(/The disk is full; free some space and try again/);
      expect(at.proxy.uploads()).toBe(0);
      expect(readdirSync(small)).toEqual([]);
    } finally {
      await run('umount', [small]);
    }
  });
});
