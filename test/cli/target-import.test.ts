import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { freshDatabase } from '../support/databases.ts';
import { runCli } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { nmapReport } from './reports.ts';

// Each command opens the embedded database anew, which takes a second on an idle machine.
let url: string;
let directory: string;
const cli = (...args: readonly string[]) =>
  runCli(args, { env: { DATABASE_URL: url, DRPORTSCAN_SERVER: undefined } });
const file = (name: string, text: string) => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};

const cmdb = `external_id,selector,view,ports,expect,owner,ticket,description,valid_until
web1,192.0.2.1,*,443,required,webops,CHG1,"=cmd|' /C calc'!A0",
web1-admin,192.0.2.1,outside,"22,8000-8080",allowed,webops,,"two ""lines""
of text",
db,192.0.2.2,*,5432,forbidden,dba,,,2099-06-30
db-host,192.0.2.2,,,present,dba,,,
telnet,192.0.2.0/24,*,23,forbidden,secops,POL-7,,
,*,,"161/udp",forbidden,,,,
`;

beforeAll(async () => {
  url = await freshDatabase('pglite');
  directory = temporaryDirectory();
  await cli('group', 'add', 'outside');
  await cli('scanner', 'add', 'o1', '--group', 'outside');
  await cli('target', 'source', 'add', 'cmdb', '--description', 'The CMDB', '--priority', '5');
  const report = nmapReport('2026-11-20T10:00:00Z', [
    { address: '192.0.2.1', open: { 22: 'OpenSSH', 443: 'nginx' } },
    { address: '192.0.2.2', open: { 23: 'telnetd' } },
  ]);
  await cli('ingest', file('scan.xml', report), '--scanner', 'o1');
});

test('a plan reads line by line, ends with its numbers, and is applied by its hash', async () => {
  const path = file('cmdb.csv', cmdb);
  const plan = await cli('target', 'plan', path, '--source', 'cmdb', '--mode', 'snapshot');
  expect(plan.code).toBe(0);
  const lines = plan.stdout.trimEnd().split('\n');
  expect(lines[0]).toBe('Source cmdb at revision 0, snapshot (expectations-csv)');
  expect(lines).toContain('  + web1: 192.0.2.1:443/tcp required (webops, CHG1)');
  expect(lines).toContain('  + web1-admin: 192.0.2.1:8000-8080/tcp from outside allowed (webops)');
  expect(lines).toContain('  + db-host: 192.0.2.2 present (dba)');
  expect(lines).toContain('  + *:161/udp forbidden');
  expect(lines.at(-2)).toBe('Plan: 7 to create, 0 to change, 0 to delete.');
  expect(lines.at(-1)).toMatch(/^Drift: would open 1, resolve 0 \(\d+ assessed\)\.$/);
  const hash = /drportscan target apply (\w+)$/m.exec(plan.stderr)?.[1] ?? '';

  const applied = await cli('target', 'apply', hash, '--actor', 'me', '--reason', 'first state');
  expect(applied).toMatchObject({ code: 0, stderr: 'Applied: cmdb is at revision 1.\n' });
  const again = await cli('target', 'apply', hash);
  expect(again).toMatchObject({ code: 2, stdout: '' });
});

test('what is exported imports back to no changes, in both forms', async () => {
  const csv = await cli('target', 'export', '--source', 'cmdb');
  expect(csv.stdout.split('\n')[0]).toBe(
    'external_id,address_space,selector,view,ports,expect,service,valid_from,valid_until,owner,ticket,description,locked',
  );
  const jsonl = await cli('target', 'export', '--source', 'cmdb', '-o', 'jsonl');
  expect(jsonl.stdout.trimEnd().split('\n')).toHaveLength(7);
  for (const [name, { stdout }] of [['a.csv', csv] as const, ['a.jsonl', jsonl] as const]) {
    const path = file(name, stdout);
    const {
      stderr,
      stdout: plan,
      code,
    } = await cli(
      ...['target', 'import', path, '--source', 'cmdb', '--mode', 'snapshot', '--expect-revision', '1'],
    );
    expect(plan).toContain('Plan: no changes; 7 unchanged.');
    expect({ stderr, code }).toEqual({ stderr: 'Nothing to do: cmdb stays at revision 1.\n', code: 0 });
  }
});

test('members of host groups are exported as lines, and a table says that it has none', async () => {
  await cli('target', 'source', 'add', 'roles');
  const role = '{"selector":"group:web","ports":"443","expect":"allowed"}';
  const web = ['198.51.100.1', '198.51.100.2'].map((address) => JSON.stringify({ group: 'web', address }));
  await cli('target', 'import', file('roles.jsonl', `${[role, ...web].join('\n')}\n`), '--source', 'roles');
  const lines = await cli('target', 'export', '--source', 'roles', '-o', 'jsonl');
  expect(lines.stdout.trimEnd().split('\n').slice(1)).toEqual(web);
  const again = await cli(
    ...['target', 'import', file('again.jsonl', lines.stdout), '--source', 'roles'],
    ...['--mode', 'snapshot', '--expect-revision', '1'],
  );
  expect(again.stderr).toBe('Nothing to do: roles stays at revision 1.\n');
  const table = await cli('target', 'export', '--source', 'roles');
  expect(table.stderr).toBe('Left out: 2 members of host groups: a table cannot hold them; -o jsonl does.\n');
  const past = await cli('target', 'export', '--source', 'roles', '-o', 'jsonl', '--revision', '1');
  expect(past.stdout).not.toContain('"group"');
  expect(past.stderr).toContain('2 members of host groups: only what they are now is known');
});

test('a change says what was and what is, and revisions can be listed and compared', async () => {
  const path = file(
    'patch.csv',
    'external_id,selector,ports,expect,owner\nweb1,192.0.2.1,443,allowed,shop\n',
  );
  const dry = await cli('target', 'import', path, '--source', 'cmdb', '--dry-run');
  expect(dry.stdout).toContain(
    '  ~ web1: 192.0.2.1:443/tcp: expect required -> allowed, owner "webops" -> "shop"',
  );
  expect(dry.stdout).toContain('Plan: 0 to create, 1 to change, 0 to delete.');
  expect(dry.stderr).toBe('Dry run: nothing was done.\n');
  const done = await cli(
    'target',
    'import',
    path,
    '--source',
    'cmdb',
    '--actor',
    'me',
    '--key',
    'monday',
    '--json',
  );
  expect(JSON.parse(done.stdout)).toMatchObject({ outcome: 'APPLIED', revision: { number: 2 } });
  const repeated = await cli(
    'target',
    'import',
    path,
    '--source',
    'cmdb',
    '--actor',
    'me',
    '--key',
    'monday',
  );
  expect(repeated.stderr).toContain('Applied before under this key');

  const history = await cli('target', 'history', '--source', 'cmdb', '-o', 'jsonl');
  const revisions = history.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(revisions).toMatchObject([
    { number: 2, mode: 'patch', actor: 'me', updated: 1 },
    { number: 1, mode: 'snapshot', actor: 'me', reason: 'first state', created: 7 },
  ]);
  const compared = await cli('target', 'compare', '1', '2', '--source', 'cmdb');
  expect(compared.stdout).toContain('  ~ web1: ');
  expect(compared.stdout).toMatch(/\nDifferences: 0 created, 1 changed, 0 deleted\.\n$/);
  const old = await cli('target', 'export', '--source', 'cmdb', '--revision', '1', '-o', 'jsonl');
  expect(old.stdout).toContain('"expect":"required"');
});

test('what is expected is explained, and contradictions are listed', async () => {
  await cli('target', 'source', 'add', 'other', '--priority', '5');
  const path = file('other.csv', 'external_id,selector,ports,expect\nmine,192.0.2.1,443,forbidden\n');
  await cli('target', 'import', path, '--source', 'other');
  const explained = await cli('target', 'explain', '192.0.2.1:443/tcp', '--view', 'outside');
  expect(explained.stdout).toBe(
    'forbidden, because others of equal rank say something else, and the stricter one wins\n' +
      '  + other "mine": 192.0.2.1:443/tcp forbidden\n' +
      '  ! cmdb "web1": 192.0.2.1:443/tcp allowed (shop), which contradicts it\n',
  );
  const host = await cli('target', 'explain', '192.0.2.2', '--view', 'outside', '--json');
  expect(JSON.parse(host.stdout)).toMatchObject({ expect: 'PRESENT', winner: { externalId: 'db-host' } });
  const nobody = await cli('target', 'explain', '[2001:db8::1]:99/udp', '--view', 'outside');
  expect(nobody.stdout).toBe('undeclared: drift (no policy says otherwise)\n');
  const conflicts = await cli('target', 'conflicts', '-o', 'json');
  expect(JSON.parse(conflicts.stdout)).toMatchObject([
    { winner: { source: 'other', expect: 'forbidden' }, loser: { source: 'cmdb', externalId: 'web1' } },
  ]);
});

test('what is refused says why, where, and how to go on', async () => {
  const bad = file('bad.csv', 'selector,ports,expect\n10.0.0.1,70000,required\n10.0.0.2,22,\u001b[31mred\n');
  const unreadable = await cli(
    ...['target', 'import', bad, '--source', 'cmdb', '--mode', 'snapshot', '--expect-revision', '2'],
  );
  expect(unreadable.code).toBe(2);
  expect(unreadable.stderr).toMatch(/^ {2}\? line 2: .*70000/m);
  expect(unreadable.stderr).toContain('  ? line 3: "\\u001b[31mred" is not one of');
  expect(unreadable.stderr).not.toContain('\u001b');

  const wide = file('wide.csv', 'selector,ports,expect\n10.0.0.0/8,22,allowed\n');
  const planned = await cli('target', 'plan', wide, '--source', 'cmdb');
  expect(planned.stdout).toContain('Brakes:\n  ! wide_allowed: ');
  expect(planned.stderr).toMatch(/target apply \w+ --override wide_allowed --reason TEXT\n$/);
  const braked = await cli('target', 'import', wide, '--source', 'cmdb');
  expect(braked).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--override wide_allowed --reason'),
  });
  const override = ['--override', 'wide-allowed', '--reason', 'our own network'];
  expect(await cli('target', 'import', wide, '--source', 'cmdb', ...override)).toMatchObject({ code: 0 });
});

test.each<[string, readonly string[], RegExp]>([
  ['a source that is not there', ['target', 'plan', '-', '--source', 'cmbd'], /Did you mean "cmdb"/],
  [
    'a mode that is none',
    ['target', 'plan', '-', '--source', 'cmdb', '--mode', 'patsh'],
    /Did you mean "patch"/,
  ],
  ['a brake without a reason', ['target', 'apply', 'x', '--override', 'deletes'], /needs --reason/],
  ['a plan that is not there', ['target', 'apply', 'x'], /no plan "x"/],
  ['a file that is not there', ['target', 'plan', 'nix.csv', '--source', 'cmdb'], /nix\.csv does not exist/i],
  [
    'a profile that is not there',
    ['target', 'plan', '-', '--source', 'cmdb', '--profile', 'nix'],
    /servicenow-unload/,
  ],
  ['a place that is none', ['target', 'explain', '10.0.0.300', '--view', 'outside'], /10\.0\.0\.1:443\/tcp/],
  [
    'a view that is not there',
    ['target', 'explain', '10.0.0.1', '--view', 'outsid'],
    /Did you mean "outside"/,
  ],
  [
    'a policy without content',
    ['target', 'policy', 'set', '10.0.0.0/8'],
    /--ports, --hosts, --services or --stale-after/,
  ],
])('%s is refused', async (_name, args, sentence) => {
  const { stdout, stderr, code } = await runCli(args, {
    env: { DATABASE_URL: url, DRPORTSCAN_SERVER: undefined },
    input: 'selector,expect\n10.0.0.1,present\n',
  });
  expect(stderr).toMatch(sentence);
  expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
});
