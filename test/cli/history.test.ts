import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase } from '../support/databases.ts';
import { type Running, runCli, startCli } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary.ts';

// Each command opens the embedded database anew, which takes a second on an idle machine.
let url: string;
const cli = (...args: readonly string[]) =>
  runCli(args, { env: { DATABASE_URL: url, DRPORTSCAN_SERVER: undefined } });
const rowsOf = async (...args: readonly string[]) => {
  const { stdout, stderr } = await cli(...args, '-o', 'jsonl');
  expect(stderr).toBe('');
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
};

const day = 86_400;
const start = Date.UTC(2026, 0, 1) / 1000;
const time = (days: number) => new Date((start + days * day) * 1000).toISOString();

function report(days: number, hosts: Readonly<Record<string, readonly number[]>>): string {
  const at = start + days * day;
  const port = (number: number) =>
    `<port protocol="tcp" portid="${number}"><state state="open" reason="syn-ack"/></port>`;
  const host = ([address, ports]: [string, readonly number[]]) =>
    `<host><status state="up" reason="echo-reply"/><address addr="${address}" addrtype="ipv4"/><ports><extraports state="closed" count="9"/>${ports.map(port).join('')}</ports></host>`;
  return `<?xml version="1.0"?><nmaprun scanner="nmap" args="nmap -n -p 1-1000 -oX - 10.1.0.0/29" start="${at - 9}" version="7.95"><scaninfo type="syn" protocol="tcp" numservices="1000" services="1-1000"/>${Object.entries(hosts).map(host).join('')}<runstats><finished time="${at}" exit="success"/></runstats></nmaprun>`;
}

beforeAll(async () => {
  url = await freshDatabase('pglite');
  const directory = temporaryDirectory();
  await cli('group', 'add', 'outside');
  await cli('scanner', 'add', 'a');
  await cli('scanner', 'add', 'b');
  await cli('scanner', 'add', 'o', '--group', 'outside');
  const take = async (scanner: string, days: number, hosts: Parameters<typeof report>[1]) => {
    const path = join(directory, `${scanner}-${days}.xml`);
    writeFileSync(path, report(days, hosts));
    expect(await cli('ingest', path, '--scanner', scanner)).toMatchObject({ code: 0 });
  };
  await take('a', 0, { '10.1.0.1': [22], '10.1.0.2': [80] });
  await take('a', 1, { '10.1.0.1': [22, 443], '10.1.0.2': [80] });
  await take('a', 2, { '10.1.0.1': [22], '10.1.0.2': [80] });
  await take('b', 2, { '10.1.0.1': [22], '10.1.0.2': [80, 81] });
  await take('o', 2, { '10.1.0.2': [80] });
});

test('the history of a port says what happened to it, when nobody looked, and when somebody did last', async () => {
  const rows = await rowsOf('history', '10.1.0.1', '--port', '443');
  expect(rows.filter(({ scanner, what }) => scanner === 'a' && what !== 'last_look')).toEqual([
    { at: time(0), what: 'host_new', scanner: 'a', port: null, baseline: true, detail: '', scan: 1 },
    { at: time(1), what: 'port_opened', scanner: 'a', port: '443/tcp', baseline: false, detail: '', scan: 2 },
    { at: time(2), what: 'port_closed', scanner: 'a', port: '443/tcp', baseline: false, detail: '', scan: 3 },
    {
      at: time(2),
      what: 'gap',
      scanner: 'a',
      port: null,
      baseline: false,
      detail: 'nobody has looked since',
      scan: null,
    },
  ]);
});

test('two moments are compared, and hosts and endpoints are listed as of then', async () => {
  const rows = await rowsOf('compare', '--from', time(0), '--to', time(1));
  expect(rows).toMatchObject([
    { fact: 'port', address: '10.1.0.1', port: 443, before: { state: 'NOT_OPEN' }, after: { state: 'OPEN' } },
  ]);
  const then = await rowsOf('endpoints', '--as-of', time(1), '--network', '10.1.0.1', '--state', 'open');
  expect(then.map(({ port }) => port)).toEqual([22, 443]);
  const made = await rowsOf('changes', '--as-of', time(1), '--no-baseline');
  expect(made.map(({ kind, port }) => `${kind} ${port}`)).toEqual(['port_opened 443']);
  const now = await rowsOf('endpoints', '--network', '10.1.0.1', '--state', 'open');
  expect(now.map(({ port }) => port)).toEqual([22]);
  expect(await rowsOf('hosts', '--as-of', '2025-12-31')).toEqual([]);
});

test('two scans are compared, of one scanner or of two', async () => {
  expect(await rowsOf('compare', '1', '2')).toEqual([
    {
      kind: 'added',
      subject: 'port',
      address: '10.1.0.1',
      ports: '443/tcp',
      before: 'closed',
      after: 'open',
      detail: null,
    },
  ]);
  const shown = await cli('compare', '2', '4', '--network', '10.1.0.2');
  expect(shown.stdout).toMatch(/^\+ {2}10\.1\.0\.2:81\/tcp {2}port {2}closed {2}open$/m);
  expect(shown.stderr).toBe('Differences: 1 port opened, in 1 of 1 common address.\n');
});

describe('a command that cannot do what it is told', () => {
  let server: string;
  let running: Running;
  beforeAll(async () => {
    const env = { DATABASE_URL: url, DRPORTSCAN_SERVER: undefined };
    running = startCli(['serve', '--port', '0'], { env });
    [, server = ''] = await running.prints(/listens on (http:\S+)/);
  });
  afterAll(async () => {
    await running.stop();
  });

  test.each([
    [['history', '300.1.1.1'], /"300\.1\.1\.1": not an IP address.*Write 192\.0\.2\.7/],
    [['history', '10.1.0.1', '--protocol', 'udp'], /--protocol belongs to --port: name the port/],
    [['history', '10.1.0.7'], /No scanner knows a host 10\.1\.0\.7: "drportscan hosts" lists/],
    [['history', '10.1.0.1', '--space', 'far'], /There is no address space "far": known: default/],
    [['compare'], /Say what is compared: two scans, .*--from 7d/],
    [['compare', '1', '99'], /There is no scan 99: "scans" lists those there are/],
    [['compare', '1', '2', '--from', '7d'], /--from compares moments: leave it out/],
    [['scan', 'discard', '99'], /There is no scan 99: "scans" lists those there are/],
    [['scan', 'release', '1'], /Scan 1 is applied and cannot be released: only a held scan/],
    [['scan', 'restore', 'x'], /'x' is invalid.*whole number/],
    [['inconsistencies', '--group', 'no'], /There is no scanner group "no": known: default, outside/],
    [['inconsistencies', '--network', '10.0.0.0/33'], /prefix length must be a number from 0 to 32/],
    [['inconsistencies', '--port', '99999'], /"99999" is beyond 65535\. Write 22,80-90/],
    [['matrix', '--open-in', 'no'], /There is no scanner group "no": known: default, outside/],
    [
      ['matrix', '--group', 'default', '--open-in', 'outside'],
      /--open-in names "outside", which is not among the groups of --group/,
    ],
    [['matrix', '--as-of', 'monday'], /Write 2026-11-23, /],
    [['twins', '--network', 'home'], /"home": not an IP address/],
    [['twins', '--group', 'no'], /There is no scanner group "no"/],
    [['twins', '--limit', '0'], /whole number from 1/],
    [['changes', '--follow', '--as-of', '7d'], /--as-of what was: leave one of them out/],
    [['prune'], /Say what is to go: --before, --scanner/],
    [['prune', '--before', '2099-01-01'], /"before" is in the future: choose a past moment/],
    [['prune', '--scanner', 'no'], /There is no scanner "no": known: a, b, o/],
    [['forget', '10.9.9.9'], /No scanner knows a host 10\.9\.9\.9 there: "hosts" lists/],
    [['forget', '10.1'], /"10\.1": not an IP address/],
    [['forget', '10.1.0.1', '--space', 'far'], /There is no address space "far"/],
    [['scanner', 'preview', 'a', '--closed-after', '0'], /whole number from 1 to 100/],
    [['scanner', 'preview', 'no', '--closed-after', '2'], /There is no scanner "no"\. Known: a/],
    [['scanner', 'preview', 'a', '--since', 'x'], /Write 2026-11-23/],
  ] as const)('%j says what is wrong, why and what to do', async (args, said) => {
    const { code, stdout, stderr } = await runCli(args, { env: { DRPORTSCAN_SERVER: server } });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(said);
  });
});

test('inconsistencies, the matrix and twins show what the scanners make of it', async () => {
  expect(await rowsOf('inconsistencies')).toMatchObject([
    {
      address: '10.1.0.2',
      port: 81,
      sides: [
        { scanner: 'a', state: 'not_open' },
        { scanner: 'b', state: 'open' },
      ],
    },
  ]);
  const open = await rowsOf('matrix', '--open-in', 'default', '--open-in', 'outside');
  expect(open.map(({ address, port }) => `${address} ${port}`)).toEqual(['10.1.0.2 80']);
  expect(await cli('twins')).toMatchObject({ code: 0, stderr: 'No twins that differ.\n' });
});

test('a scan is discarded and restored, thresholds are tried, history is pruned, a host is forgotten', async () => {
  expect(await cli('scan', 'discard', '2')).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(
      /^Discarded scan 2: 2 hosts looked at again, 2 changes taken back, 0 added\.\n$/,
    ),
  });
  expect(await cli('scan', 'discard', '2')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/cannot be discarded again/),
  });
  expect(await cli('scan', 'restore', '2')).toMatchObject({ code: 0 });
  const { stdout } = await cli('scanner', 'preview', 'a', '--open-after', '2', '-o', 'jsonl');
  expect(stdout).toContain('{"kind":"port_opened","reported":1,"wouldReport":0}\n');

  const dry = await cli('prune', '--before', time(1), '--scanner', 'a', '--dry-run');
  expect(dry).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^Would take away: history of 2 hosts, /),
  });
  const done = await cli('prune', '--before', time(1), '--scanner', 'a');
  expect(done.stderr).toBe(dry.stderr.replace('Would take', 'Took'));
  const refused = await cli('endpoints', '--as-of', time(0));
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/was pruned: ask for a later moment/),
  });
  expect(await cli('prune')).toMatchObject({ code: 2, stderr: expect.stringMatching(/Say what is to go/) });

  expect(await cli('forget', '10.1.0.2')).toMatchObject({
    stderr: 'Forgot 10.1.0.2, which 3 scanners knew.\n',
  });
  expect((await rowsOf('hosts')).map(({ address }) => address)).toEqual(['10.1.0.1']);
  const told = await cli('changes', '--network', '10.1.0.2', '--kind', 'host_gone');
  expect(told.stdout).toMatch(/^(- 10\.1\.0\.2 forgotten for [abo] at \S+ \S+\n){3}$/);
  expect(told.stderr).toBe('Changes: 3 host forgotten.\n');

  const path = join(temporaryDirectory(), 'back.xml');
  writeFileSync(path, report(3, { '10.1.0.2': [80] }));
  expect(await cli('ingest', path, '--scanner', 'b')).toMatchObject({ code: 0 });
  const remembered = (await rowsOf('history', '10.1.0.2')).filter(({ scanner }) => scanner === 'b');
  expect(remembered.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['host_new', 'port_opened', 'host_forgotten']),
  );
  expect(await cli('scanner', 'retire', 'b')).toMatchObject({ code: 0 });
  expect(await cli('scanner', 'retire', 'nobody')).toMatchObject({ code: 2 });
});
