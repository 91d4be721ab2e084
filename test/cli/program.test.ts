import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { drportscan, runCli } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { nmapReport } from './reports.ts';

const adders = readFileSync('src/cli/program.ts', 'utf8').match(/(?<=^ {2}add)[A-Z]\w+(?=\()/gm) ?? [];
const commands = adders.map((name) => name.replace(/(?<=[a-z])[A-Z]/g, '-$&').toLowerCase());

test('--version prints the version of the package', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(await runCli(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('--help names every command', async () => {
  const { stdout, code } = await runCli(['--help']);
  expect(code).toBe(0);
  expect(commands.length).toBeGreaterThan(10);
  for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
});

test.each(commands)('%s has help', async (command) => {
  const { stdout, stderr, code } = await runCli([command, '--help']);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(stdout).toMatch(/^Usage|\nUsage/);
});

test('help says which options a command cannot do without', async () => {
  const { stdout } = await runCli(['drift', 'waive', '--help']);
  for (const option of ['--reason', '--owner', '--until'])
    expect(stdout).toMatch(new RegExp(`${option} .*\\(required\\)$`, 'm'));
  expect(stdout).toMatch(/--ticket <text> +where it was decided$/m);
});

test('a directory is no report', async () => {
  const { stderr } = await runCli(['convert', '.', '--to', 'lines'], { cwd: temporaryDirectory() });
  expect(stderr).toBe('Error: . is a directory; name a file in it.\n');
});

test.each([
  ['a command with a typing error', ['chnages'], /Did you mean changes\?/],
  ['an option with a typing error', ['hosts', '--netwrok', '10.0.0.0/8'], /Did you mean --network\?/],
  ['an option that wants a value', ['push', 'x'], /--scanner/],
  ['a network that is none', ['hosts', '--network', '10.0.0.0/33'], /0 to 32/],
  ['a time that is none', ['changes', '--since', 'yesterday'], /2026-11-23/],
  ['a database that is not there', ['hosts', '--data', 'nowhere'], /There is no database in nowhere/],
  ['a server that is not there', ['hosts', '--server', 'http://127.0.0.1:1'], /cannot be reached/],
  ['an address of a server that is none', ['hosts', '--server', 'ftp://x'], /not the address of a server/],
])('%s is an error with a remedy', async (_name, args, sentence) => {
  const { stdout, stderr, code } = await runCli(args, { cwd: temporaryDirectory() });
  expect(stderr).toMatch(/^Error: /);
  expect(stderr).toMatch(sentence);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
});

test('DRPORTSCAN_DEBUG shows where an error happened', async () => {
  const { stderr, code } = await runCli(['hosts', '--data', 'nowhere'], {
    cwd: temporaryDirectory(),
    env: { DRPORTSCAN_DEBUG: '1' },
  });
  expect(stderr).toMatch(/\n\s+at /);
  expect(code).toBe(2);
});

test('a reader that stops reading is no error', async () => {
  const lines = Array.from(
    { length: 20_000 },
    (_, index) => `10.0.${index >> 8}.${index & 255} 80 tcp\n`,
  ).join('');
  const child = spawn(process.execPath, [drportscan, 'convert', '-', '--to', 'lines']);
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += String(text);
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(lines);
  child.stdout.once('data', () => child.stdout.destroy());
  const [code] = await once(child, 'close');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('Ctrl-C ends a command with 130', async () => {
  const hosts = Array.from({ length: 400 }, (_, index) => ({
    address: `10.0.0.${index % 256}`,
    open: { 80: 'x' },
  }));
  const child = spawn(process.execPath, [drportscan, 'convert', '-', '--to', 'jsonl']);
  child.stdin.write(nmapReport('2026-11-16T10:00:00Z', hosts, 'cut off'));
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  expect(await once(child, 'close')).toEqual([130, null]);
});
