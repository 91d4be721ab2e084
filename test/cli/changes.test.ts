import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { leftOutSentence } from '../../src/cli/changes.ts';
import { freshDatabase } from '../support/databases.ts';
import { runCli } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { nmapReport } from './reports.ts';

test('what is told as one finding is left out and counted, unless it is asked for', async () => {
  const env = { DATABASE_URL: await freshDatabase('pglite'), DRPORTSCAN_SERVER: undefined };
  const cli = (...args: readonly string[]) => runCli(args, { env });
  const directory = temporaryDirectory();
  await cli('scanner', 'add', 'lan-1', '--bogus-ports', '2');
  for (const [day, open] of [
    [16, { 22: 'sshd' }],
    [17, { 22: 'sshd', 80: 'x', 81: 'x', 82: 'x' }],
  ] as const) {
    const path = join(directory, `${day}.xml`);
    writeFileSync(path, nmapReport(`2026-11-${day}T10:00:00Z`, [{ address: '192.0.2.1', open }]));
    expect(await cli('ingest', path, '--scanner', 'lan-1')).toMatchObject({ code: 0 });
  }
  const shown = await cli('changes', '--no-baseline');
  expect(shown).toMatchObject({ code: 0, stdout: '' });
  expect(shown.stderr).toBe(
    'No changes.\n3 entries are told as part of findings and left out: --collapsed lists them.\n',
  );
  const asked = await cli('changes', '--no-baseline', '--collapsed');
  expect(asked.stdout.match(/^\+ 192\.0\.2\.1:8[012]\/tcp open/gm)).toHaveLength(3);
  expect(asked.stderr).toBe('Changes: 3 port opened.\n');

  const nowhere = await cli('changes', '--scan', '9999');
  expect(nowhere).toMatchObject({ code: 2, stdout: '' });
  expect(nowhere.stderr).toBe('Error: There is no scan 9999: "drportscan scans" lists those there are.\n');
});

test.each([
  [0, undefined],
  [1, '1 entry is told as part of a finding and left out: --collapsed lists it.'],
  [1500, '1,500 entries are told as part of findings and left out: --collapsed lists them.'],
])('%i entries that are left out are told', (count, sentence) => {
  expect(leftOutSentence(count)).toBe(sentence);
});
