import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CsvRecord, openCsvReader } from '../../src/inventory/csv-records.ts';
import { InventoryRefused } from '../../src/inventory/importer.ts';

test.each<[string, string, readonly (readonly string[])[]]>([
  ['fields between commas', 'a,b,\n', [['a', 'b', '']]],
  ['quotes around separators, quotes and lines', '"a,b","c""d","e\r\nf"\n', [['a,b', 'c"d', 'e\r\nf']]],
  ['an empty quoted field', '"",x\n', [['', 'x']]],
  ['all three line ends', 'a\nb\r\nc\rd\n', [['a'], ['b'], ['c'], ['d']]],
  ['no record for an empty line', 'a\n\n\r\nb\n', [['a'], ['b']]],
  ['white space as it stands', ' a , b \n', [[' a ', ' b ']]],
])('a CSV has %s', (_name, text, expected) => {
  expect(readAll(text).map(({ fields }) => fields)).toEqual(expected);
});

test.each<[string, string, string]>([
  [
    'a quote inside a plain field',
    'a"b,c\nd,e\n',
    'a quote stands inside of a field that does not begin with one',
  ],
  [
    'text behind a closing quote',
    '"a"b,c\nd,e\n',
    'something stands between a closing quote and the next separator',
  ],
  ['more columns than anybody has', `${'x,'.repeat(1001)}\nd,e\n`, 'it has more than 1000 fields'],
])('%s spoils its record alone', (_name, text, fault) => {
  const records = readAll(text);
  expect(records.map((record) => record.fault)).toEqual([fault, undefined]);
  expect(records[1]).toEqual({ line: 2, fields: ['d', 'e'] });
});

test('lines are counted through quotes', () => {
  expect(readAll('a\n"b\nc"\nd\n').map(({ line }) => line)).toEqual([1, 2, 4]);
});

test('a quote that is never closed is no endless record', () => {
  const reader = openCsvReader(',');
  reader.write('"');
  const more = 'x'.repeat(1 << 20);
  expect(() => {
    for (let i = 0; i < 20; i += 1) reader.write(more);
  }).toThrow(InventoryRefused);
});

test('what was written by the rules is read back, in chunks of any size', () => {
  const field = fc.oneof(fc.string(), fc.stringMatching(/^[",;\r\n ab]*$/));
  const table = fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 5 });
  fc.assert(
    fc.property(table, fc.integer({ min: 1, max: 9 }), (records, size) => {
      const text = records.map((fields) => `${fields.map(quoted).join(',')}\r\n`).join('');
      expect(readAll(text, size).map(({ fields }) => fields)).toEqual(records);
    }),
  );
});

function quoted(field: string): string {
  return `"${field.replaceAll('"', '""')}"`;
}

function readAll(text: string, size = text.length): CsvRecord[] {
  const reader = openCsvReader(',');
  const records: CsvRecord[] = [];
  for (let at = 0; at < text.length; at += size) records.push(...reader.write(text.slice(at, at + size)));
  expect(reader.end()).toEqual({ record: undefined, isQuoted: false });
  return records;
}
