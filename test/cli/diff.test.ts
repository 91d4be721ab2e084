import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runCli } from '../support/program.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { harmful, hostileText } from './hostile-text.ts';

const directory = temporaryDirectory();
let files = 0;

/** A file with this text. */
function fileOf(text: string, name = 'report'): string {
  files += 1;
  const path = join(directory, `${name}-${files}`);
  writeFileSync(path, text);
  return path;
}

interface Host {
  readonly address: string;
  readonly name?: string;
  readonly open?: readonly number[];
  readonly product?: string;
}

/** A report of nmap on ports 1-100 of 10.0.0.0/24. */
function nmap(hosts: readonly Host[], { exit = 'success', targets = '10.0.0.0/24' } = {}): string {
  return `<?xml version="1.0"?>
<nmaprun scanner="nmap" args="nmap -sV -p 1-100 ${targets}" start="1700000000" version="7.94">
<scaninfo type="syn" protocol="tcp" numservices="100" services="1-100"/>
${hosts.map(hostText).join('\n')}
<runstats><finished time="1700000100" exit="${exit}"/></runstats>
</nmaprun>
`;
}

function hostText({ address, name, open = [], product }: Host): string {
  const service =
    product === undefined ? '' : `<service name="x" product="${escaped(product)}" method="probed"/>`;
  const ports = open.map(
    (port) => `<port protocol="tcp" portid="${port}"><state state="open"/>${service}</port>`,
  );
  const names = name === undefined ? '' : `<hostname name="${escaped(name)}" type="PTR"/>`;
  return `<host><status state="up"/><address addr="${address}" addrtype="ipv4"/>
<hostnames>${names}</hostnames><ports><extraports state="closed" count="${100 - open.length}"/>${ports.join('')}</ports></host>`;
}

function escaped(text: string): string {
  return Array.from(text, (character) => `&#${character.codePointAt(0)};`).join('');
}

const before = nmap([
  { address: '10.0.0.1', name: 'a.example', open: [22, 80], product: 'A' },
  { address: '10.0.0.2', name: 'b.example', open: [22] },
  { address: '10.0.0.3', name: 'c.example' },
]);
const after = nmap([
  { address: '10.0.0.1', name: 'new.example', open: [22, 99], product: 'B' },
  { address: '10.0.0.3', name: 'c.example' },
  { address: '10.0.0.10', open: [53] },
]);

describe('drportscan diff', () => {
  test('tells what is new, gone and otherwise, line by line, and ends with 1', async () => {
    const { stdout, stderr, code } = await runCli(['diff', fileOf(before), fileOf(after)]);
    expect(stdout.split('\n')).toEqual([
      '~ 10.0.0.1 names a.example -> new.example',
      '+ 10.0.0.1:99/tcp closed -> open (x B)',
      '- 10.0.0.1:80/tcp open -> closed (x A)',
      '~ 10.0.0.1:22/tcp service x A -> x B',
      '- 10.0.0.2 up -> down (b.example; open: 22/tcp)',
      '+ 10.0.0.10 down -> up',
      '+ 10.0.0.10:53/tcp open',
      'Differences: 1 host appeared, 1 host disappeared, 2 ports opened, 1 port closed, 1 service changed, ' +
        '1 name changed, in 3 of 256 common addresses.',
      '',
    ]);
    expect(stderr).toBe('');
    expect(code).toBe(1);
  });

  test('ends with 0 where nothing differs, and with what --exit-code says where something does', async () => {
    const [a, b] = [fileOf(before), fileOf(after)];
    const same = await runCli(['diff', a, a]);
    expect(same.stdout).toBe('No differences in 256 common addresses.\n');
    expect(same.code).toBe(0);
    expect((await runCli(['diff', '--exit-code', '0', a, b])).code).toBe(0);
    expect((await runCli(['diff', '--exit-code', '7', a, b])).code).toBe(7);
  });

  test('ends with 3 where nothing can be compared', async () => {
    const elsewhere = nmap([{ address: '192.0.2.1', open: [22] }], { targets: '192.0.2.0/24' });
    const { stdout, stderr, code } = await runCli(['diff', fileOf(before), fileOf(elsewhere)]);
    expect(stdout).toContain('? 10.0.0.1 up -> not looked at (a.example; open: 22,80/tcp)\n');
    expect(stdout).toContain('not comparable: 4 hosts.\n');
    expect(stderr).toContain('Nothing in the two reports can be compared');
    expect(code).toBe(3);
  });

  test('says that a scan is partial, and takes nothing for gone', async () => {
    const partial = nmap([{ address: '10.0.0.1', name: 'a.example', open: [22] }], { exit: 'error' });
    const { stdout, stderr, code } = await runCli(['diff', fileOf(before), fileOf(partial)]);
    expect(stdout).not.toMatch(/^-/m);
    expect(stdout).toContain('? 10.0.0.1:80/tcp open -> not looked at');
    expect(stderr).toContain('the scan is partial');
    expect(code).toBe(0);
  });

  test('compares reports of different formats, with the scope that one of them does not state', async () => {
    const lines = '10.0.0.1 22 tcp\n10.0.0.1 80 tcp\n10.0.0.3 23 tcp\n';
    const scope = ['--addresses-b', '10.0.0.0/24', '--ports-b', '1-100'];
    const { stdout, code } = await runCli(['diff', ...scope, fileOf(before), fileOf(lines)]);
    expect(stdout).toContain('- 10.0.0.2:22/tcp open -> not open (state unknown)\n');
    expect(stdout).toContain('+ 10.0.0.3:23/tcp closed -> open\n');
    expect(stdout).not.toContain('10.0.0.1');
    expect(code).toBe(1);
  });

  test('reads one of the reports from standard input', async () => {
    const { stdout, code } = await runCli(['diff', '-', fileOf(before)], { input: before });
    expect(stdout).toBe('No differences in 256 common addresses.\n');
    expect(code).toBe(0);
  });

  test.each([
    [['diff', '-', '-'], 'Only one of the reports can be standard input'],
    [['diff', '--xml', 'a', 'b'], '--xml and --verbose belong to --ndiff'],
    [['diff', '--ndiff', '-o', 'json', 'a', 'b'], '--ndiff prints what ndiff prints: leave -o out'],
    [['diff', '/nowhere/a', '/nowhere/b'], '/nowhere/a does not exist'],
    [['diff', '--addresses', 'nowhere', 'a', 'b'], 'not an IP address'],
    [['diff', '-o', 'xml', 'a', 'b'], 'Known are text, json, markdown, html'],
  ])('%j ends with 2 and a sentence', async (args, sentence) => {
    const { stdout, stderr, code } = await runCli(args);
    expect(stdout).toBe('');
    expect(stderr).toContain(sentence);
    expect(code).toBe(2);
  });

  test('names the file that is no report', async () => {
    const noise = fileOf('this is not a report\n', 'noise');
    const { stderr, code } = await runCli(['diff', fileOf(before), noise]);
    expect(stderr).toContain(noise);
    expect(code).toBe(2);
  });

  test('a host that is listed twice is one host', async () => {
    const twice = nmap([
      { address: '10.0.0.1', name: 'a.example', open: [22, 80], product: 'A' },
      { address: '10.0.0.1', name: 'a.example', open: [23], product: 'A' },
    ]);
    const once = nmap([{ address: '10.0.0.1', name: 'a.example', open: [22, 80], product: 'A' }]);
    const there = await runCli(['diff', fileOf(once), fileOf(twice)]);
    expect(there.stdout).toMatch(/^\+ 10.0.0.1:23\/tcp closed -> open/);
    const back = await runCli(['diff', fileOf(twice), fileOf(once)]);
    expect(back.stdout).toMatch(/^- 10.0.0.1:23\/tcp open -> closed/);
  });

  test('JSON tells everything, with its version', async () => {
    const { stdout } = await runCli(['diff', '-o', 'json', fileOf(before), fileOf(after)]);
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({
      drportscanDiff: 1,
      before: {
        format: 'nmap-xml',
        scope: [{ addresses: ['10.0.0.0/24'], ports: '1-100/tcp', complete: true }],
      },
      summary: { different: true, comparable: true, commonAddresses: '256', counts: { portsOpened: 2 } },
    });
    expect(
      told.hosts.map(({ address, change }: { address: string; change: string }) => [address, change]),
    ).toEqual([
      ['10.0.0.1', 'changed'],
      ['10.0.0.2', 'disappeared'],
      ['10.0.0.10', 'appeared'],
    ]);
    expect(told.hosts[0].ports).toContainEqual({
      ports: '99/tcp',
      change: 'added',
      before: 'closed',
      after: 'open',
    });
  });

  test('--ndiff prints what ndiff prints', async () => {
    const { stdout, code } = await runCli(['diff', '--ndiff', fileOf(before), fileOf(nmap([]))]);
    expect(stdout).toMatch(/^\n-a.example \(10.0.0.1\):\n-Host is up.\n-Not shown: 98 closed ports\n/);
    expect(code).toBe(1);
    const xml = await runCli(['diff', '--ndiff', '--xml', '-v', fileOf(before), fileOf(before)]);
    expect(xml.stdout).toMatch(/^<\?xml version="1.0" encoding="utf-8"\?>\n<nmapdiff version="1">/);
    expect(xml.code).toBe(0);
  });

  test('--ndiff also takes reports that ndiff cannot read', async () => {
    const { stdout } = await runCli([
      'diff',
      '--ndiff',
      fileOf('10.0.0.1 22 tcp\n'),
      fileOf('10.0.0.1 80 tcp\n'),
    ]);
    expect(stdout).toContain('-22/tcp open\n+80/tcp open\n');
  });
});

const pageTags =
  /<\/?(?:html|head|meta|title|style|body|h1|p|br|table|thead|tbody|tr|th|td)\b[^<>]*>|<!DOCTYPE html>/g;

/** Beyond control characters: what Markdown and HTML would take for more than text. */
const markup = [
  '|',
  '`',
  '<script>alert(1)</script>',
  '](http://x.example)',
  '&lt;',
  '\\',
  '*',
  '~~',
  '-->',
  '@team',
];

test('whatever scanned hosts say, all outputs show it and obey none of it', async () => {
  const words = fc.oneof(
    hostileText,
    fc.constantFrom(...markup),
    fc.tuple(hostileText, fc.constantFrom(...markup)).map((parts) => parts.join('')),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(words, { minLength: 30, maxLength: 60, size: 'max' }), async (names) => {
      const hosts = (side: number) =>
        names.map((name, index) => {
          const address = `10.0.0.${index + 1}`;
          return { address, name: `${name}${side}`, open: [22 + side, 24], product: `${name}${side}` };
        });
      const [a, b] = [fileOf(nmap(hosts(0))), fileOf(nmap(hosts(1)))];
      const outputs = await Promise.all(
        ['text', 'json', 'markdown', 'html'].map((format) => runCli(['diff', '-o', format, a, b])),
      );
      for (const { stdout, code } of outputs) {
        expect(code).toBe(1);
        expect(stdout.replaceAll('\n', '')).not.toMatch(harmful);
      }
      const [, json, markdown, html] = outputs.map(({ stdout }) => stdout);
      expect(JSON.parse(json ?? '').hosts).toHaveLength(names.length);
      expect(html?.replace(pageTags, '')).not.toMatch(/[<>]/);
      const rows = markdown?.split('\n').filter((line) => line.startsWith('| `')) ?? [];
      expect(rows.length).toBeGreaterThan(names.length);
      for (const row of rows) {
        expect(row.match(/(?<!\\)\|/g)).toHaveLength(5);
        expect(row.replace(/^\| `[-+~?]` /, '')).not.toMatch(/(?<!\\)[`*_[\]<>]|:\/\/|@/);
      }
    }),
    { numRuns: propertyRuns(2) },
  );
});

test('lists that leave out their port are compared with the one that goes with them', async () => {
  const directory = temporaryDirectory();
  const [before, after] = ['192.0.2.7', '192.0.2.8'].map((address, index) => {
    const path = join(directory, `${index}.csv`);
    writeFileSync(path, `saddr\n${address}\n`);
    return path;
  }) as [string, string];
  const given = ['--ports', '443', '--addresses', '192.0.2.0/24'];
  const { stdout, code } = await runCli(['diff', before, after, ...given]);
  expect(stdout).toMatch(/^- 192\.0\.2\.7:443\/tcp.*\n\+ 192\.0\.2\.8:443\/tcp/);
  expect(code).toBe(1);
});
