import { beforeAll, expect, test } from 'vitest';
import { freshDatabase } from '../support/databases.ts';
import { runCli } from '../support/program.ts';

// Each command opens the embedded database anew, which takes a second on an idle machine.
let url: string;
beforeAll(async () => {
  url = await freshDatabase('pglite');
});
const cli = (...args: readonly string[]) =>
  runCli(args, { env: { DATABASE_URL: url, DRPORTSCAN_SERVER: undefined } });

test('a group in an address space of its own is added, listed, changed and removed', async () => {
  expect(await cli('space', 'add', 'plant', '--description', 'The other site')).toMatchObject({
    code: 0,
    stderr: 'Added the address space "plant".\n',
  });
  await cli('group', 'add', 'plant-inside', '--space', 'plant', '--agreement-window', '2d');
  await cli('scanner', 'add', 'plant-1', '--group', 'plant-inside', '--expect-every', '26h');
  await cli('group', 'set', 'plant-inside', '--name', 'plant-lan', '--description', 'Behind the gate');

  const { stdout } = await cli('group', 'list', '-o', 'jsonl');
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rows).toContainEqual({
    id: expect.any(Number),
    name: 'plant-lan',
    description: 'Behind the gate',
    agreementWindowSeconds: 172_800,
    space: 'plant',
    scanners: ['plant-1'],
    scannerCount: 1,
  });

  const inUse = await cli('group', 'remove', 'plant-lan');
  expect(inUse).toMatchObject({ code: 2, stderr: expect.stringMatching(/^Error: /) });
  await cli('scanner', 'remove', 'plant-1');
  expect(await cli('group', 'remove', 'plant-lan')).toMatchObject({ code: 0 });
  expect(await cli('space', 'set', 'plant', '--name', 'works', '--description', 'Moved')).toMatchObject({
    code: 0,
    stderr: 'Changed the address space "works".\n',
  });
  const spaces = await cli('space', 'list', '-o', 'jsonl');
  expect(spaces.stdout).toMatch(/"name":"works","description":"Moved"/);
  expect(await cli('space', 'remove', 'works')).toMatchObject({ code: 0 });
});

test.each<[string, readonly string[], RegExp]>([
  ['a name that is taken', ['group', 'add', 'default'], /default/],
  [
    'a space that is not there',
    ['group', 'add', 'x', '--space', 'plnat'],
    /no address space "plnat".*space add plnat/,
  ],
  ['a group that is not there', ['scanner', 'add', 'x', '--group', 'defualt'], /Did you mean "default"/],
  ['nothing to change', ['group', 'set', 'default'], /nothing to change/],
  ['no change of a space', ['space', 'set', 'default'], /nothing to change/],
])('%s is refused', async (_name, args, sentence) => {
  const { stdout, stderr, code } = await cli(...args);
  expect(stderr).toMatch(sentence);
  expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
});
