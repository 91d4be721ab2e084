import { expect, test } from 'vitest';
import { InventoryRefused } from '../../src/inventory/importer.ts';
import { endOf, factsOf, importAll, problemsOf } from './importing.ts';

const header = 'external_id,selector,protocol,ports,expect';
const format = 'expectations-csv';

test.each([
  ['semicolons', 'external_id;selector;protocol;ports;expect\na;192.0.2.1;tcp;22,80;allowed\n'],
  ['tabs', 'external_id\tselector\tprotocol\tports\texpect\na\t192.0.2.1\ttcp\t22,80\tallowed\n'],
  [
    'a byte order mark',
    '\ufeffexternal_id,selector,protocol,ports,expect\r\na,192.0.2.1,tcp,"22,80",allowed\r\n',
  ],
  [
    'columns in another order and in capitals',
    'Expect,PORTS, Selector ,external_id\nallowed,22;80/tcp,192.0.2.1,a\n',
  ],
])('a table may have %s', async (_name, text) => {
  const events = await importAll(text);
  expect(factsOf(events)).toEqual(['a 192.0.2.1 - 22,80/tcp allowed']);
  expect(endOf(events)).toEqual({ complete: true, isSnapshot: true });
});

test.each([
  ['too few fields', 'a,192.0.2.1,tcp,22', '2: it has 4 fields, the header has 5'],
  ['too many fields', 'a,192.0.2.1,tcp,22,80,allowed', '2: it has 6 fields, the header has 5'],
  [
    'a stray quote',
    'a,192.0.2.1,tcp,22",allowed',
    '2: a quote stands inside of a field that does not begin with one',
  ],
  [
    'an inverted range',
    'a,192.0.2.1,tcp,90-80,allowed',
    '2: its ports cannot be read: "90-80" ends before it begins',
  ],
  ['a host name', 'a,web01,tcp,80,allowed', '2: the address "web01" is refused: not an IP address'],
])('a row with %s is told with its line, and the next is read', async (_name, row, problem) => {
  const events = await importAll(`${header}\n${row}\nb,*,,,optional\n`);
  expect(problemsOf(events)).toEqual([problem]);
  expect(factsOf(events)).toEqual(['b * - - optional']);
});

test.each([
  ['after a row', `${header}\na,*,,,optional`, 'the last line has no end and is left out'],
  ['inside of quotes', `${header}\na,"*,,,optional\n`, 'the file ends inside of quotes'],
])('a file that is cut off %s is no snapshot', async (_name, text, reason) => {
  const events = await importAll(text, { format });
  expect(endOf(events)).toEqual({
    complete: false,
    isSnapshot: false,
    reason: expect.stringContaining(reason),
  });
  expect(problemsOf(events)).toHaveLength(1);
});

test.each([
  ['selector,expect,prots\n', 'there is no column "prots"'],
  ['selector,ports\n', 'the column "expect" is missing'],
  ['selector,expect,expect\n', 'a column stands there twice'],
])('the table %j is refused', async (text, reason) => {
  await expect(importAll(text, { format })).rejects.toThrow(InventoryRefused);
  await expect(importAll(text, { format })).rejects.toThrow(reason);
});

test('a table without rows is whole: whether it may be empty is not its affair', async () => {
  expect(await importAll(`${header}\n`)).toEqual([
    { kind: 'end', end: { complete: true, isSnapshot: true } },
  ]);
});

test('bytes that are no UTF-8 are refused, not guessed', async () => {
  const latin = Buffer.from(`${header}\nM\u00fcller,*,,,optional\n`, 'latin1');
  await expect(importAll(latin, { format })).rejects.toMatchObject({ code: 'UNSUPPORTED_ENCODING' });
});
