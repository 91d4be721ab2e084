import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
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
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { nmapReport } from '../pipeline/nmap-report.ts';
import { drportscan, type Running, runCli, start, startCli } from '../support/program.ts';
import { skippedBecause } from '../support/requires.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';

// Each step waits until files have kept still, which is two seconds of the real clock.
const server = { url: '', data: '' };

beforeAll(async () => {
  server.data = temporaryDirectory();
  const running = startCli(['serve', '--port', '0', '--data', server.data], {
    env: { DATABASE_URL: undefined },
  });
  server.url = (await running.prints(/listens on (http:\S+)/))[1] ?? '';
});

/** An inbox with a folder for each new scanner of these names. */
async function inboxFor(...scanners: readonly string[]): Promise<string> {
  const inbox = temporaryDirectory();
  for (const name of scanners) {
    const added = await runCli(['scanner', 'add', name, '--server', server.url]);
    expect(added.code, added.stderr).toBe(0);
    mkdirSync(join(inbox, name));
  }
  return inbox;
}

const watch = (inbox: string): Running => startCli(['watch-inbox', inbox, '--server', server.url]);

/** A report of its own for each number; later ones were observed later. */
function report(number: number): string {
  const endedAt = new Date(Date.parse('2026-03-01T00:00:00Z') + number * 3600_000).toISOString();
  return nmapReport({ endedAt, hosts: [{ address: `10.0.0.${number + 1}`, ports: ['22 open'] }] });
}

/** Puts a file down at once, as careful programs do. */
function put(inbox: string, place: string, text: string): void {
  writeFileSync(join(inbox, `${place}.part`), text);
  renameSync(join(inbox, `${place}.part`), join(inbox, place));
}

const names = (directory: string) => (existsSync(directory) ? readdirSync(directory).sort() : []);
const reportsIn = (directory: string) => names(directory).filter((name) => !name.endsWith('.json'));
const receiptOf = (inbox: string, place: string) =>
  JSON.parse(readFileSync(join(inbox, `${place}.receipt.json`), 'utf8')) as {
    repeated: boolean;
    scans: { scan: number; hostsUp: number; complete: boolean }[];
  };

async function scansOf(scanner: string): Promise<{ at: string; scan: string }[]> {
  const listed = await runCli(['scans', '--scanner', scanner, '--output', 'jsonl', '--server', server.url]);
  expect(listed.code, listed.stderr).toBe(0);
  return listed.stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { at: string; scan: string });
}

describe('an inbox', () => {
  test('counts every file once, whenever its process is killed', async () => {
    const inbox = await inboxFor('killed-1', 'killed-2');
    const count = 16;
    const old = ['killed-1', 'killed-2'].map((name) => join(inbox, name, 'old'));
    const taken = () => old.flatMap(reportsIn).length;
    for (let number = 0; number < count; number += 1)
      put(inbox, `killed-${1 + (number % 2)}/${number}.xml`, report(number));
    for (let kills = 0; taken() < count; kills += 1) {
      const running = watch(inbox);
      const enough = Math.min(count, taken() + 1 + Math.floor(Math.random() * 6));
      await until('some files are taken in', () => taken() >= enough);
      await running.stop('SIGKILL');
      expect(kills).toBeLessThan(count);
    }
    for (const name of ['killed-1', 'killed-2']) {
      expect(names(join(inbox, name))).toEqual(['old']);
      expect(await scansOf(name)).toHaveLength(count / 2);
    }
    for (const directory of old)
      expect(names(directory).filter((name) => name.endsWith('.json'))).toEqual(
        reportsIn(directory).map((name) => `${name}.receipt.json`),
      );
  });

  test('counts a file once that was taken in but not moved when its process was killed', async () => {
    const inbox = await inboxFor('unmoved');
    symlinkSync('nowhere', join(inbox, 'unmoved', 'old'));
    put(inbox, 'unmoved/a.xml', report(1));
    const first = watch(inbox);
    await first.prints(/unmoved\/a\.xml: Scan \d+ by unmoved/);
    await first.prints(/unmoved\/a\.xml: .*not a directory.*it stays where it is/);
    await first.stop('SIGKILL');
    rmSync(join(inbox, 'unmoved', 'old'));
    const second = watch(inbox);
    await second.prints(/unmoved\/a\.xml: taken in before as Scan \d+/);
    await until('it is moved', () => existsSync(join(inbox, 'unmoved/old/a.xml')));
    expect((await second.stop('SIGTERM')).code).toBe(0);
    expect(receiptOf(inbox, 'unmoved/old/a.xml').repeated).toBe(true);
    expect(await scansOf('unmoved')).toHaveLength(1);
  });

  test('counts every file once, and moves it once, when two processes watch it', async () => {
    const inbox = await inboxFor('both');
    const count = 20;
    for (let number = 0; number < count; number += 1) put(inbox, `both/${number}.xml`, report(number));
    const watching = [watch(inbox), watch(inbox)];
    await until('all are moved', () => reportsIn(join(inbox, 'both/old')).length === count);
    for (const running of watching) {
      const ended = await running.stop('SIGTERM');
      expect(ended.stderr).not.toMatch(/failed|stays/);
      expect(ended.code, ended.stderr).toBe(0);
    }
    expect(names(join(inbox, 'both'))).toEqual(['old']);
    expect(names(join(inbox, 'both/old'))).toHaveLength(2 * count);
    expect(await scansOf('both')).toHaveLength(count);
  });

  test('waits for a report that is written slowly, and takes it in whole', async () => {
    const inbox = await inboxFor('slow');
    const running = watch(inbox);
    const text = report(3);
    writeFileSync(join(inbox, 'slow/a.xml'), text.slice(0, text.indexOf('<host>')));
    await running.prints(/slow\/a\.xml: It ends like a report that is still being written/);
    appendFileSync(join(inbox, 'slow/a.xml'), text.slice(text.indexOf('<host>')));
    await running.prints(/slow\/a\.xml: Scan \d+/);
    await until('it is moved', () => existsSync(join(inbox, 'slow/old/a.xml')));
    expect(receiptOf(inbox, 'slow/old/a.xml').scans).toMatchObject([{ hostsUp: 1, complete: true }]);
    await running.stop('SIGTERM');
  });

  test('takes in the oldest observation first, and folders that are made later', async () => {
    const inbox = await inboxFor('ordered');
    for (const [name, number] of [
      ['a', 5],
      ['b', 2],
      ['c', 9],
    ] as const)
      put(inbox, `ordered/${name}.xml`, report(number));
    const running = watch(inbox);
    await running.prints(/ordered\/c\.xml: Scan/);
    const order = [...running.stdout().matchAll(/ordered\/(\w)\.xml: Scan/g)].map(([, name]) => name);
    expect(order).toEqual(['b', 'a', 'c']);

    mkdirSync(join(inbox, 'later'));
    put(inbox, 'later/a.xml', report(1));
    await running.prints(/later: There is no scanner "later"/);
    expect((await runCli(['scanner', 'add', 'later', '--server', server.url])).code).toBe(0);
    put(inbox, 'later/b.xml', report(2));
    await running.prints(/later\/a\.xml: Scan[\s\S]*later\/b\.xml: Scan/);
    await running.stop('SIGTERM');
  });

  test('tells of what it leaves alone without a harmful character, and goes on', async () => {
    const inbox = await inboxFor('odd');
    symlinkSync('/etc/passwd', join(inbox, 'odd/link.xml'));
    execFileSync('mkfifo', [join(inbox, 'odd/pipe.xml')]);
    put(inbox, 'odd/a\u001b]52;c;x\u0007\nb.txt', 'hello');
    put(inbox, 'odd/z.xml', report(1));
    const running = watch(inbox);
    await running.prints(/odd\/z\.xml: Scan/);
    await running.prints(/odd\/link\.xml: .*link.*not followed/);
    await running.prints(/odd\/pipe\.xml: .*pipe/);
    await running.prints(/odd\/a\\u001b\]52;c;x\\u0007\\nb\.txt: .*no scan report.*moved to failed/);
    await running.stop('SIGTERM');
    expect(`${running.stdout()}${running.stderr()}`).not.toContain('\u001b');
    expect(names(join(inbox, 'odd'))).toEqual(['failed', 'link.xml', 'old', 'pipe.xml']);
  });

  test('keeps its files while the server is away, and takes them in when it is back', async () => {
    const data = temporaryDirectory();
    const env = { DATABASE_URL: undefined };
    const serve = async (port: string) => {
      const running = startCli(['serve', '--port', port, '--data', data], { env });
      return { running, url: (await running.prints(/listens on (http:\S+)/))[1] ?? '' };
    };
    const first = await serve('0');
    expect((await runCli(['scanner', 'add', 'away', '--server', first.url])).code).toBe(0);
    await first.running.stop('SIGKILL');

    const inbox = temporaryDirectory();
    mkdirSync(join(inbox, 'away'));
    put(inbox, 'away/a.xml', report(1));
    const watching = startCli(['watch-inbox', inbox, '--server', first.url]);
    await watching.prints(/cannot be reached: connection refused, nobody listens there/);
    const second = await serve(new URL(first.url).port);
    put(inbox, 'away/b.xml', report(2));
    await watching.prints(/away\/a\.xml: Scan[\s\S]*away\/b\.xml: Scan/);
    expect((await watching.stop('SIGTERM')).code).toBe(0);
    expect((await second.running.stop('SIGTERM')).code).toBe(0);
    expect(names(join(inbox, 'away'))).toEqual(['old']);
  });
});

/** Another user than us, who runs the program as we do; permissions mean nothing to root. */
const asNobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath, drportscan];
const canBeNobody = () => spawnSync('setpriv', [...asNobody, '--version']).status === 0;

skippedBecause(canBeNobody() ? '' : 'needs root, setpriv and a checkout that every user may read')(
  'an inbox without permissions',
  () => {
    test('tells of folders and files that it may not read or move, and takes in the others', async () => {
      const inbox = await inboxFor('secret', 'fixed', 'fine');
      chmodSync(inbox, 0o755);
      chmodSync(join(inbox, 'secret'), 0o700);
      for (const name of ['fine']) chownSync(join(inbox, name), 65_534, 65_534);
      put(inbox, 'secret/a.xml', report(1));
      put(inbox, 'fixed/b.xml', report(1));
      put(inbox, 'fine/c.xml', report(1));
      put(inbox, 'fine/d.xml', report(2));
      chmodSync(join(inbox, 'fine/c.xml'), 0o600);
      const running = start('setpriv', [...asNobody, 'watch-inbox', inbox, '--server', server.url]);
      await running.prints(/fine\/d\.xml: Scan/);
      await running.prints(/secret: No permission for .*it stays where it is/);
      await running.prints(/fixed\/b\.xml: Scan/);
      await running.prints(/fixed\/b\.xml: No permission for .*old.*it stays where it is/);
      await running.prints(/fine\/c\.xml: No permission for .*c\.xml.*it stays where it is/);

      chmodSync(join(inbox, 'fine/c.xml'), 0o644);
      utimesSync(join(inbox, 'fine/c.xml'), new Date(), new Date());
      await running.prints(/fine\/c\.xml: Scan/);
      await running.stop('SIGTERM');
      expect(await scansOf('fixed')).toHaveLength(1);
    });
  },
);
