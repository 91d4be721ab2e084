import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, inject, test } from 'vitest';
import { type DatabaseKind, freshDatabase } from '../support/databases.ts';
import { type ProgramOptions, runCli } from '../support/program.ts';
import { skippedBecause } from '../support/requires.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { harmful } from './hostile-text.ts';
import { nmapReport } from './reports.ts';

// Each command opens the embedded database anew, which takes a second on an idle machine.
const hostile = 'nginx&#x9b;2J&#x202e;\u200b=cmd';
const web = { address: '192.0.2.1', name: 'www.example.test', open: { 22: hostile, 80: 'nginx' } };
const monday = nmapReport('2026-11-16T10:00:00Z', [web, { address: '192.0.2.2', open: { 25: 'Postfix' } }]);
const tuesday = nmapReport('2026-11-17T10:00:00Z', [{ ...web, open: { 22: hostile, 443: 'nginx' } }]);
const wednesday = nmapReport('2026-11-18T10:00:00Z', [{ ...web, open: {} }], 'cut off');

function files(reports: Readonly<Record<string, string>>): string {
  const directory = temporaryDirectory();
  for (const [name, text] of Object.entries(reports)) writeFileSync(join(directory, name), text);
  return directory;
}

function suite(kind: DatabaseKind): void {
  let environment: ProgramOptions;
  beforeAll(async () => {
    environment = {
      env: { DATABASE_URL: await freshDatabase(kind), DRPORTSCAN_SERVER: undefined },
      cwd: files({
        'monday.xml': monday,
        'tuesday.xml': tuesday,
        'wednesday.xml': wednesday,
        'page.html': '<!doctype html>',
      }),
    };
  });
  const cli = (...args: readonly string[]) => runCli(args, environment);

  test('an unknown scanner is told with the known ones and the command that adds it', async () => {
    await cli('scanner', 'add', 'lan-1', '--expect-every', '2d', '--closed-after', '1');
    const { stderr, code } = await cli('ingest', 'monday.xml', '--scanner', 'lan-2');
    expect(stderr).toMatch(
      /no scanner "lan-2"\. Known: lan-1\. Did you mean "lan-1"\? .*drportscan scanner add lan-2/,
    );
    expect(code).toBe(2);
  });

  test('a scanner that was added for a report which is refused does not stay', async () => {
    const refused = await cli('ingest', 'page.html', '--scanner', 'lan-9', '--create');
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(
      /^Added the scanner "lan-9" .*\nRemoved the scanner "lan-9" again\.\nError: .*web page/s,
    );
    expect((await cli('scanner', 'list')).stdout).not.toContain('lan-9');
  });

  test('reports are taken in in the order given, each with its receipt', async () => {
    const { stdout, code } = await cli('ingest', 'monday.xml', 'tuesday.xml', '--scanner', 'lan-1', '--json');
    const receipts = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(receipts).toMatchObject([
      { file: 'monday.xml', repeated: false, scanner: 'lan-1', changes: { host_new: 2, port_opened: 3 } },
      { file: 'tuesday.xml', complete: true, changes: { host_gone: 1, port_opened: 1, port_closed: 1 } },
    ]);
  });

  test('the receipt says for people what was looked at, how it ended, and what changed', async () => {
    const { stdout } = await cli('ingest', 'wednesday.xml', '--scanner', 'lan-1');
    expect(stdout).toMatch(/^scan +\d+ by lan-1$/m);
    expect(stdout).toMatch(/^scope +192\.0\.2\.1 \(as the report says\)$/m);
    expect(stdout).toMatch(/^ +ports 1-1024\/tcp \(as the report says\)$/m);
    expect(stdout).toMatch(/^result +partial: .*closes nothing$/m);
    expect(stdout).toMatch(/^changes +none$/m);
  });

  test('the same report again is answered with its first receipt', async () => {
    const { stdout, code } = await cli('ingest', 'monday.xml', '--scanner', 'lan-1');
    expect(stdout).toMatch(/this is its first receipt/);
    expect(code).toBe(0);
  });

  test('a refused report stops what comes after it, and the error says so', async () => {
    const { stdout, stderr, code } = await cli('ingest', 'page.html', 'monday.xml', '--scanner', 'lan-1');
    expect(stderr).toMatch(/^Error: page\.html: .*web page.* The 1 after it were not sent\.\n$/);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
  });

  test('changes read like a log, the oldest first, with symbols and words', async () => {
    const { stdout, stderr } = await cli('changes', '--no-baseline');
    expect(stdout.split('\n')).toEqual([
      '+ 192.0.2.1:443/tcp open (x nginx), seen by lan-1 at 2026-11-17 10:00:00Z',
      '- 192.0.2.1:80/tcp closed, seen by lan-1 at 2026-11-17 10:00:00Z',
      '- 192.0.2.2 gone, seen by lan-1 at 2026-11-17 10:00:00Z',
      '',
    ]);
    expect(stderr).toBe('Changes: 1 host gone, 1 port opened, 1 port closed.\n');
  });

  test('the last entries of the log are asked for with --limit', async () => {
    const { stdout } = await cli('changes', '--limit', '1', '-o', 'jsonl');
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { kind: 'host_gone', address: '192.0.2.2', before: { state: 'up' }, after: { state: 'gone' } },
    ]);
  });

  test('endpoints have three answers', async () => {
    const { stdout } = await cli('endpoints', '-o', 'json');
    const rows = JSON.parse(stdout) as { address: string; port: number; state: string }[];
    expect(rows.map(({ address, port, state }) => `${address}:${port} ${state}`)).toEqual([
      '192.0.2.1:22 open',
      '192.0.2.1:80 not_open',
      '192.0.2.1:443 open',
      '192.0.2.2:25 unknown',
    ]);
  });

  test.each(['table', 'json', 'jsonl', 'csv'])('a banner cannot reach the terminal in %s', async (format) => {
    for (const noun of ['endpoints', 'changes']) {
      const { stdout, stderr } = await cli(noun, '-o', format);
      expect(stdout).toContain('u009b2J');
      for (const line of `${stdout}${stderr}`.split('\n')) expect(line).not.toMatch(harmful);
    }
  });

  test('a scanner with scans cannot be removed, one without can', async () => {
    expect(await cli('scanner', 'remove', 'lan-1')).toMatchObject({ code: 2 });
    await cli('scanner', 'add', 'spare', '--default-ports', '22,80', '--default-addresses', '10.0.0.0/8');
    await cli('scanner', 'set', 'spare', '--default-ports', 'none', '--name', 'reserve');
    const { stdout } = await cli('scanner', 'list', '-o', 'jsonl');
    const row = stdout.split('\n').find((line) => line.includes('reserve')) ?? '{}';
    expect(JSON.parse(row)).toMatchObject({ defaultPorts: null, defaultAddresses: ['10.0.0.0/8'] });
    expect(await cli('scanner', 'remove', 'reserve')).toMatchObject({ code: 0 });
  });
}

skippedBecause('')('on PGlite', () => suite('pglite'));
skippedBecause(inject('postgresMissing'))('on PostgreSQL', () => suite('postgres'));
