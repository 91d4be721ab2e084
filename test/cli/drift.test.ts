import { beforeAll, expect, test } from 'vitest';
import { freshDatabase } from '../support/databases.ts';
import { type Running, runCli, startCli } from '../support/program.ts';
import { nmapReport } from './reports.ts';

let server: Running;
let url: string;
const cli = (...args: readonly string[]) => runCli(args, { env: { DRPORTSCAN_SERVER: url } });
const give = (input: string, ...args: readonly string[]) =>
  runCli(args, { input, env: { DRPORTSCAN_SERVER: url } });
const rowsOf = async (...args: readonly string[]) => {
  const { stdout } = await cli(...args, '-o', 'jsonl');
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
};
const scan = (day: number, open: Readonly<Record<number, string>>) =>
  give(
    nmapReport(`2026-11-${day}T10:00:00Z`, [{ address: '192.0.2.1', open }]),
    ...['push', '-', '--scanner', 'o1'],
  );

beforeAll(async () => {
  const directory = (await freshDatabase('pglite')).slice('pglite:'.length);
  server = startCli(['serve', '--port', '0'], {
    env: { DRPORTSCAN_DATA: directory, DRPORTSCAN_SERVER: undefined },
  });
  url = (await server.prints(/listens on (http:\S+)/))[1] ?? '';
  await cli('group', 'add', 'outside');
  await cli('scanner', 'add', 'o1', '--group', 'outside');
  await cli('target', 'source', 'add', 'cmdb');
});

test('where nobody looked, nothing is in sync: 3, then 1 for drift, then 0', async () => {
  const beginning = new Date().toISOString();
  const inventory =
    'external_id,selector,ports,expect,owner\nssh,192.0.2.1,22,required,ops\nfar,203.0.113.9,443,required,\n';
  await give(inventory, 'target', 'import', '-', '--source', 'cmdb');
  const blind = await cli('drift');
  expect(blind).toMatchObject({ code: 3, stdout: 'Nothing covered: no scan looked there; 2 unknown.\n' });
  expect(await cli('drift', 'summary')).toMatchObject({
    stderr: 'Nothing covered: no scan looked there; 2 unknown.\n',
  });

  await scan(16, { 22: 'OpenSSH', 80: 'nginx', 443: 'nginx' });
  const drift = await cli('drift');
  expect(drift.code).toBe(1);
  expect(drift.stdout.trimEnd().split('\n').at(-1)).toBe('Drift: 2 unexpected in 1 host; 1 unknown.');
  expect((await cli('drift', '--exit-code', '0')).code).toBe(0);
  expect(await cli('drift', '--view', 'outside', '--network', '203.0.113.0/24')).toMatchObject({ code: 3 });
  expect(await cli('drift', '--kind', 'port-missing', '-o', 'csv')).toMatchObject({ code: 0 });
  expect(await cli('drift', '--view', 'default')).toMatchObject({ code: 3 });

  const allow = 'external_id,selector,ports,expect\nweb,192.0.2.1,80,allowed\nwebs,192.0.2.1,443,allowed\n';
  await give(allow, 'target', 'import', '-', '--source', 'cmdb');
  expect(await cli('drift')).toMatchObject({ code: 0, stdout: 'No drift; 1 unknown.\n' });
  expect(await cli('drift', '--owner', 'ops')).toMatchObject({ code: 0, stdout: 'No drift.\n' });
  expect(await cli('drift', '--owner', '')).toMatchObject({ code: 0, stdout: 'No drift; 1 unknown.\n' });
  expect(await cli('drift', '--owner', 'opps')).toMatchObject({
    code: 3,
    stdout: 'Nothing of that is declared: see target import.\n',
  });
  expect(await cli('drift', '--network', '203.0.113.9', '--port', '443')).toMatchObject({
    code: 3,
    stdout: 'Nothing covered: no scan looked there; 1 unknown.\n',
  });
  expect(await cli('drift', '--as-of', beginning)).toMatchObject({ code: 3 });
});

test('what happens is followed as it happens, and told to programs line by line', async () => {
  const people = startCli(['drift', '--follow'], { env: { DRPORTSCAN_SERVER: url } });
  const programs = startCli(['drift', '-f', '-o', 'jsonl', '--cause', 'observation'], {
    env: { DRPORTSCAN_SERVER: url },
  });
  await people.prints(/imported cmdb revision 2: 0 opened, 2 resolved/);
  await programs.prints(/"port":443/);
  await scan(17, { 22: 'OpenSSH', 23: 'telnetd', 80: 'nginx' });
  await people.prints(/\+ .* opened: 192\.0\.2\.1:23\/tcp unexpected from outside, because of observation/);
  await programs.prints(/"event":"opened".*"port":23/);
  await people.stop();
  await programs.stop();
});

test('people see, waive, extend, revoke and accept drift by its number', async () => {
  const [item] = await rowsOf('drift');
  expect(item).toMatchObject({ kind: 'port_unexpected', port: 23, view: 'outside', waiver: null });
  const number = String(item.id);
  expect(await cli('drift', 'ack', number, '--note', 'on it', '--actor', 'me')).toMatchObject({
    code: 0,
    stderr: 'Acknowledged 1 drift item; still open, still counted.\n',
  });
  expect((await cli('drift')).code).toBe(1);

  const because = ['--reason', 'migration', '--owner', 'ops', '--until', '30d'];
  const waived = await cli('drift', 'waive', number, ...because);
  expect(waived.stderr).toMatch(
    /^Waived: number 1, 192\.0\.2\.1 23\/tcp from outside, until .*, by ops: migration\n$/,
  );
  expect(await cli('drift')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('No drift; 1 unknown, 1 waived.'),
  });
  expect(await cli('drift', 'extend', '1', '--until', '2099-01-01')).toMatchObject({ code: 0 });
  expect(await rowsOf('drift', 'waivers')).toMatchObject([
    { id: 1, network: '192.0.2.1', ports: '23/tcp', owner: 'ops', expiresAt: '2099-01-01T00:00:00.000Z' },
  ]);
  expect(await cli('drift', 'revoke', '1')).toMatchObject({ code: 0 });
  expect((await cli('drift')).code).toBe(1);

  const accepted = await cli(
    'drift',
    'accept',
    number,
    '--source',
    'cmdb',
    '--reason',
    'it stays',
    '--actor',
    'me',
  );
  expect(accepted).toMatchObject({ code: 0, stderr: expect.stringMatching(/at revision 3/) });
  expect((await cli('drift')).code).toBe(0);
});

test('what is accepted and overruled is named, with who overrules it', async () => {
  await cli('target', 'source', 'add', 'security');
  const rule = 'external_id,selector,ports,expect,locked\nno-telnet,*,23,forbidden,true\n';
  await give(rule, 'target', 'import', '-', '--source', 'security');
  const [item] = await rowsOf('drift');
  const accepted = await cli(
    ...['drift', 'accept', String(item.id), '--source', 'cmdb', '--reason', 'it stays, really'],
  );
  expect(accepted.code).toBe(0);
  expect(accepted.stderr).toContain(
    `Still open: number ${item.id}, 192.0.2.1:23/tcp forbidden from outside: security says forbidden (no-telnet), and is locked.\n`,
  );
  await give(
    '{"externalId":"no-telnet","removed":true}\n',
    ...['target', 'import', '-', '--source', 'security'],
  );
});

test('drift is counted, coverage told, the past asked, and all of it computed anew', async () => {
  const before = new Date().toISOString();
  await scan(18, { 80: 'nginx', 9: 'discard' });
  expect(await rowsOf('drift', 'summary', '--by', 'kind')).toMatchObject([
    { key: 'port_missing', open: 1, missing: 1, hosts: 1 },
    { key: 'port_unexpected', open: 1, excess: 1 },
  ]);
  expect(await rowsOf('drift', 'summary', '--by', 'owner', '--owner', 'ops')).toMatchObject([
    { key: 'ops', open: 1 },
  ]);
  expect(await rowsOf('drift', 'coverage')).toEqual([
    expect.objectContaining({ key: 'outside', declared: 3, verified: 2, neverScanned: 1 }),
  ]);
  expect(await rowsOf('drift', 'unscanned', '--view', 'outside')).toMatchObject([
    { address: '203.0.113.9', port: 443, reason: 'never_scanned', statement: 'far', source: 'cmdb' },
  ]);
  expect(await rowsOf('drift', '--as-of', before)).toEqual([]);
  expect(await cli('drift', 'verify')).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^Verified: the same; open items: 2/),
  });
});

test.each<[string, readonly string[], RegExp]>([
  ['a view that is not there', ['drift', '--view', 'outsid'], /Did you mean "outside"/],
  ['a kind that is none', ['drift', '--kind', 'port_mising'], /Did you mean "port_missing"/],
  ['a form that has an end', ['drift', '--follow', '-o', 'html'], /never ends/],
  ['what happens now as of then', ['drift', '--follow', '--as-of', '1d'], /leave --as-of out/],
  ['a waiver of nothing', ['drift', 'waive', '--reason', 'x', '--owner', 'y', '--until', '1d'], /--network/],
  ['a waiver without an end', ['drift', 'waive', '1', '--reason', 'x', '--owner', 'y'], /--until/],
  ['an item that is not there', ['drift', 'ack', '999'], /no drift item 999/],
  ['a waiver that is not there', ['drift', 'revoke', '999'], /no waiver 999/],
])('%s is refused', async (_name, args, sentence) => {
  const { stdout, stderr, code } = await cli(...args);
  expect(stderr).toMatch(sentence);
  expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
});
