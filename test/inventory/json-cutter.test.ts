import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InventoryRefused } from '../../src/inventory/importer.ts';
import { type JsonPiece, openJsonCutter } from '../../src/inventory/json-cutter.ts';

const paths = [[], ['results'], ['data', 'list']] as const;

describe('JSON is cut into records and the rest', () => {
  test.each<[string, string, readonly string[]]>([
    ['the elements of a list', '[{"a":1}, "x,]" ,2,[3]]', ['{"a":1}', '"x,]"', '2', '[3]', '<[0, 0 ,0,0]>']],
    [
      'the elements of a list inside',
      '{"results":[{"b":"}"}],"n":[1]}',
      ['{"b":"}"}', '<{"results":[0],"n":[1]}>'],
    ],
    [
      'only lists at the paths asked for',
      '{"x":{"results":[1]},"data":{"list":[2]}}',
      ['2', '<{"x":{"results":[1]},"data":{"list":[0]}}>'],
    ],
    ['several documents', '[1] [2]\n{}', ['1', '<[0]>', '2', '<[0]>', '<{}>']],
    ['keys that are written with escapes', '{"res\\u0075lts":[1]}', ['1', '<{"res\\u0075lts":[0]}>']],
    ['quotes inside of strings', '["a\\"],\\\\"]', ['"a\\"],\\\\"', '<[0]>']],
    ['an empty list', '{"results":[ ]}', ['<{"results":[ ]}>']],
  ])('%s', (_name, text, expected) => {
    expect(shown(text)).toEqual(expected);
  });

  test.each<[string, string]>([
    ['[1,2', 'the file is cut off: its JSON is not closed'],
    ['{"results":[{"a":"b', 'the file is cut off: its JSON is not closed'],
    ['[1] x', 'something stands outside of the JSON objects and arrays'],
    ['"text"', 'something stands outside of the JSON objects and arrays'],
    [']', 'something stands outside of the JSON objects and arrays'],
    ['[1]', 'undefined'],
  ])('%s ends with: %s', (text, reason) => {
    const cutter = openJsonCutter(paths);
    cutter.write(text);
    expect(String(cutter.end())).toBe(reason);
  });

  test('no value changes, and no chunk matters', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 4 })), fc.integer({ min: 1, max: 9 }), (values, size) => {
        const text = JSON.stringify({ results: values, 'a"]': values });
        const pieces = cut(text, size);
        const records = pieces.filter(({ kind }) => kind === 'record').map((piece) => JSON.parse(piece.text));
        expect(records).toEqual(JSON.parse(JSON.stringify(values)));
        const rest = JSON.parse(pieces.at(-1)?.text ?? '') as object;
        expect(rest).toEqual({ results: values.map(() => 0), 'a"]': JSON.parse(JSON.stringify(values)) });
      }),
    );
  });

  test.each([
    ['nested far too deep', '['.repeat(200_000)],
    ['nested far too deep in a record', `{"results":[${'['.repeat(200_000)}`],
    ['a record without an end', `{"results":["${'x'.repeat(17 << 20)}`],
    ['a document without an end', `{"other":"${'x'.repeat(17 << 20)}`],
  ])('%s is refused', (_name, text) => {
    expect(() => cut(text, 64 << 10)).toThrow(InventoryRefused);
  });
});

function cut(text: string, size: number): JsonPiece[] {
  const cutter = openJsonCutter(paths);
  const pieces: JsonPiece[] = [];
  for (let at = 0; at < text.length; at += size) pieces.push(...cutter.write(text.slice(at, at + size)));
  return pieces;
}

function shown(text: string): string[] {
  return cut(text, 3).map((piece) => (piece.kind === 'record' ? piece.text : `<${piece.text.trim()}>`));
}
