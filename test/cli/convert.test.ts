import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fc, test as propertyTest } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { runCli } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { harmful, hostileText } from './hostile-text.ts';

/** A report of nmap on one host with one open port and this banner. */
function report(banner: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="nmap -sV -p 80 -oX - 192.0.2.1" start="1795089600" version="7.93">
<scaninfo type="connect" protocol="tcp" numservices="1" services="80"/>
<host starttime="1795089600" endtime="1795089607"><status state="up" reason="syn-ack"/>
<address addr="192.0.2.1" addrtype="ipv4"/>
<ports><port protocol="tcp" portid="80"><state state="open" reason="syn-ack"/>
<service name="http" product="${attribute(banner)}" method="probed"/></port></ports>
</host>
<runstats><finished time="1795089607" exit="success"/></runstats>
</nmaprun>
`;
}

/** A text as the value of an attribute; what XML cannot say at all is left out. */
function attribute(text: string): string {
  return text
    .replace(/[\0-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu, '')
    .replace(/[&<>"\n\r\t\u007f-\u009f]/g, (character) => `&#${character.charCodeAt(0)};`);
}

test('a file that ends in its beginning is an error, not nothing', async () => {
  const input = report('x').slice(0, 120);
  expect(await runCli(['convert', '-', '--to', 'lines'], { input })).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/The file ends before it says which tool wrote it\.\n$/),
  });
});

test('a report becomes one line for each open port: address, port, protocol, time', async () => {
  const { stdout, stderr, code } = await runCli(['convert', '-', '--to', 'lines'], { input: report('x') });
  expect({ stdout, stderr, code }).toEqual({
    stdout: '192.0.2.1 80 tcp 2026-11-19T12:00:07.000Z\n',
    stderr: '',
    code: 0,
  });
});

test('JSON lines say everything, and converting them again changes nothing', async () => {
  const first = await runCli(['convert', '-', '--to', 'jsonl'], {
    input: gzipSync(report('nginx \u202e 日本')),
  });
  const again = await runCli(['convert', '-', '--to', 'jsonl'], { input: first.stdout });
  expect(first.stdout).toContain('nginx \\u202e 日本');
  expect(again.stdout).toBe(first.stdout);
});

test.each([
  ['a list of zmap', 'saddr\n192.0.2.7\n', ['--ports', '443']],
  ['what ss lists', 'tcp LISTEN 0 128 0.0.0.0:443 0.0.0.0:*\n', ['--addresses', '192.0.2.7']],
])('%s is converted with what goes with it', async (_name, input, given) => {
  const lines = await runCli(['convert', '-', '--to', 'lines', ...given], { input });
  expect(lines.stderr).toBe('');
  expect(lines.stdout).toMatch(/^192\.0\.2\.7 443 tcp/);
  const jsonl = await runCli(['convert', '-', '--to', 'jsonl', ...given], { input });
  expect(jsonl.stdout).toContain(given[1]);
});

test('a scope beyond what the report says is refused', async () => {
  const converted = await runCli(['convert', '-', '--to', 'lines', '--ports', '81'], { input: report('x') });
  expect(converted.code).toBe(2);
  expect(converted.stderr).toMatch(/leave the ports out/);
});

test('a broken-off report is converted as far as it goes, and standard error says so', async () => {
  const input = report('x').replace(/<runstats>[\s\S]*/, '');
  const { stdout, stderr, code } = await runCli(['convert', '-', '--to', 'lines'], { input });
  expect(stdout).toMatch(/^192\.0\.2\.1 80 tcp /);
  expect(stderr).toMatch(/partial/);
  expect(code).toBe(0);
});

test.each([
  [
    'a file that is not there',
    ['convert', 'nowhere.xml', '--to', 'lines'],
    '',
    /nowhere\.xml does not exist/,
  ],
  ['an empty file', ['convert', '-', '--to', 'lines'], '', /empty/],
  ['a web page', ['convert', '-', '--to', 'lines'], '<!doctype html><p>404', /web page/],
  [
    'a format that is not known',
    ['convert', '-', '--to', 'lines', '--format', 'nmap-xlm'],
    'x',
    /no format "nmap-xlm"/,
  ],
  ['a target that is not known', ['convert', '-', '--to', 'line'], '', /Did you mean "lines"/],
])('%s ends with one sentence and exit code 2', async (_name, args, input, sentence) => {
  const { stdout, stderr, code } = await runCli(args, { input });
  expect(stderr).toMatch(sentence);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
});

test('files are read by name', async () => {
  const path = join(temporaryDirectory(), 'report.xml');
  writeFileSync(path, report('x'));
  const { stdout } = await runCli(['convert', path, '--to', 'lines']);
  expect(stdout).toMatch(/^192\.0\.2\.1 80 tcp /);
});

propertyTest.prop([fc.array(hostileText, { minLength: 20, maxLength: 20 })], { numRuns: 3 })(
  'whatever banners hold, nothing harmful comes out',
  async (banners) => {
    const input = report(banners.join(' '));
    const [jsonl, wrong] = await Promise.all([
      runCli(['convert', '-', '--to', 'jsonl'], { input }),
      runCli(['convert', '-', '--to', 'jsonl', '--format', banners.join('').replaceAll('\0', '')], { input }),
    ]);
    expect(jsonl.code).toBe(0);
    for (const line of `${jsonl.stdout}${jsonl.stderr}${wrong.stdout}${wrong.stderr}`.split('\n')) {
      expect(line).not.toMatch(harmful);
    }
  },
);
