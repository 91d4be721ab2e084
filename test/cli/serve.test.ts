import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { freshDatabase } from '../support/databases.ts';
import { type Outcome, type Running, runCli, startCli } from '../support/program.ts';
import { skippedBecause } from '../support/requires.ts';
import { nmapReport } from './reports.ts';

// Each command opens the embedded database anew, which takes a second on an idle machine.
const host = { address: '192.0.2.1', name: 'www.example.test', open: { 22: 'OpenSSH' } };
const monday = nmapReport('2026-11-16T10:00:00Z', [host]);
const tuesday = nmapReport('2026-11-17T10:00:00Z', [{ ...host, open: { 22: 'OpenSSH', 80: 'nginx' } }]);

async function startServer(env: Readonly<Record<string, string>>): Promise<{ server: Running; url: string }> {
  const server = startCli(['serve', '--port', '0'], { env: { ...env, DRPORTSCAN_SERVER: undefined } });
  const [, url = ''] = await server.prints(/listens on (http:\S+)/);
  return { server, url };
}

describe('a server on the embedded database', () => {
  let directory: string;
  let server: Running;
  let url: string;
  beforeAll(async () => {
    directory = (await freshDatabase('pglite')).slice('pglite:'.length);
    ({ server, url } = await startServer({ DRPORTSCAN_DATA: directory }));
  });
  const cli = (...args: readonly string[]): Promise<Outcome> =>
    runCli(args, { env: { DRPORTSCAN_SERVER: url, DRPORTSCAN_DATA: directory } });
  const push = (input: string, ...args: readonly string[]): Promise<Outcome> =>
    runCli(['push', '-', '--scanner', 'lan-1', ...args], { input, env: { DRPORTSCAN_SERVER: url } });

  test('says where it is, where its page is, and gives a line to copy that pushes a first report', async () => {
    const said = server.stdout();
    expect(said).toContain(`GraphiQL  ${url}/graphql`);
    const line = /^ {2}nmap .* \| npx drportscan (.*)$/m.exec(said)?.[1] ?? '';
    const outcome = await runCli(line.split(' '), { input: monday.replace('-p 1-1024 ', '') });
    expect(outcome).toMatchObject({ code: 0, stderr: 'Added the scanner "first" to the group "default".\n' });
    expect(outcome.stdout).toMatch(/^scan +\d+ by first$/m);
  });

  test('a second process on the directory gets one sentence with the address of the first, and 2', async () => {
    for (const command of ['serve', 'hosts', 'demo']) {
      const { stderr, code } = await runCli([command, '--data', directory], {
        env: { DRPORTSCAN_SERVER: undefined },
      });
      expect(stderr).toBe(
        `Error: The database in ${directory} is in use by process ${server.pid}: ask its server with --server ${url}, or stop it.\n`,
      );
      expect(code).toBe(2);
    }
  });

  test('reports are pushed, answered with receipts, and change what is listed', async () => {
    await cli('scanner', 'add', 'lan-1');
    expect(await push(monday)).toMatchObject({ code: 0, stderr: '' });
    const { stdout } = await push(tuesday, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ file: '-', scanner: 'lan-1', changes: { port_opened: 1 } });
    const changes = await cli('changes', '--scanner', 'lan-1', '--no-baseline');
    expect(changes.stdout).toBe('+ 192.0.2.1:80/tcp open (x nginx), seen by lan-1 at 2026-11-17 10:00:00Z\n');
  });

  test('the same report again gets its first receipt', async () => {
    const { stdout } = await push(monday);
    expect(stdout).toMatch(/this is its first receipt/);
  });

  test('what is followed is printed as it comes, after the last entries of the log', async () => {
    const follower = startCli(['changes', '--follow', '--scanner', 'lan-1', '--limit', '1'], {
      env: { DRPORTSCAN_SERVER: url },
    });
    await follower.prints(/192\.0\.2\.1:80\/tcp open/);
    await push(nmapReport('2026-11-18T10:00:00Z', [host]));
    await follower.prints(/^- 192\.0\.2\.1:80\/tcp closed, seen by lan-1 at 2026-11-18 10:00:00Z$/m);
    expect(await follower.stop('SIGINT')).toMatchObject({ code: 130, stderr: '' });
  });

  test.each<[string, string, readonly string[], RegExp]>([
    ['what is no report', '<!doctype html>', [], /web page/],
    ['a report of the future', monday.replaceAll(/"179\d{7}"/g, '"4102444800"'), [], /future/],
    [
      'a scanner that is not known',
      monday,
      ['--scanner', 'lan-2'],
      /no scanner "lan-2".*Did you mean "lan-1".* --create/,
    ],
    ['ports that are none', monday, ['--ports', '99999'], /beyond 65535/],
  ])('%s is refused with place, reason and remedy', async (_name, input, args, sentence) => {
    const { stdout, stderr, code } = await push(input, ...args);
    expect(stderr).toMatch(sentence);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
  });

  test('a large file that is no report is refused, not broken off', async () => {
    const { stderr, code } = await push(`<!doctype html>${'x'.repeat(20_000_000)}`);
    expect(stderr).toMatch(/^Error: .*web page/);
    expect(code).toBe(2);
  });

  test('doctor asks the server', async () => {
    const { stdout, code } = await cli('doctor', '--json');
    const checks = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(checks).toContainEqual({ name: 'server', result: 'ok', detail: `The server ${url} answers.` });
    expect(code).toBe(0);
  });

  test('SIGTERM ends it gracefully, and the directory is free again', async () => {
    expect(await server.stop('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(join(directory, 'server-address'))).toBe(false);
    const { stdout, code } = await runCli(['hosts', '-o', 'csv', '--data', directory]);
    expect(stdout.split('\n')).toHaveLength(3);
    expect(code).toBe(0);
  });
});

skippedBecause(inject('postgresMissing'))('servers on one PostgreSQL', () => {
  test('see the changes that the others take in', async () => {
    const env = { DATABASE_URL: await freshDatabase('postgres') };
    const [first, second] = await Promise.all([startServer(env), startServer(env)]);
    await runCli(['push', '-', '--scanner', 'a', '--create', '--server', first.url], { input: monday });
    const follower = startCli(['changes', '-f', '-o', 'jsonl', '--server', second.url]);
    await follower.prints(/"port":22/);
    await runCli(['push', '-', '--scanner', 'a', '--server', first.url], { input: tuesday });
    await follower.prints(/"port":80/);
    for (const { server } of [first, second]) expect(await server.stop('SIGINT')).toMatchObject({ code: 0 });
  });
});

test('a port that is taken is told with the remedy', async () => {
  const { server, url } = await startServer({ DATABASE_URL: await freshDatabase('pglite') });
  const { stderr, code } = await runCli(['serve', '--port', new URL(url).port], {
    env: { DATABASE_URL: await freshDatabase('pglite') },
  });
  expect(stderr).toMatch(/^Error: Something else listens on 127\.0\.0\.1:\d+; .*--port\.\n$/);
  expect(code).toBe(2);
  await server.stop();
});

test('an address that others can reach needs a word', async () => {
  const { stderr, code } = await runCli(['serve', '--host', '0.0.0.0', '--port', '0'], {
    env: { DATABASE_URL: await freshDatabase('pglite') },
  });
  expect(stderr).toMatch(/--expose/);
  expect(code).toBe(2);
});
