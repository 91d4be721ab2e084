import { fc, test as propertyTest } from '@fast-check/vitest';
import { createColors } from 'picocolors';
import { describe, expect, test } from 'vitest';
import { type OutputFormat, outputFormats, rowPrinter } from '../../src/cli/row-printer.ts';
import type { Column } from '../../src/cli/table.ts';
import type { Surface } from '../../src/cli/terminal.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { harmful, hostileText } from './hostile-text.ts';

interface Row {
  readonly name: string;
  readonly port: number;
}

const columns: readonly Column<Row>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'port', value: ({ port }) => String(port), align: 'right' },
];

const plain: Surface = { isTerminal: false, width: undefined, colours: createColors(false) };

interface Printing {
  readonly format: OutputFormat;
  readonly csvRaw?: boolean;
  readonly surface?: Surface;
}

function printed(
  { format, csvRaw = false, surface = plain }: Printing,
  ...pages: (readonly Row[])[]
): string {
  const printer = rowPrinter({ format, columns, csvRaw, surface });
  return pages.map((rows) => printer.rows(rows)).join('') + printer.end();
}

const rows: readonly Row[] = [
  { name: 'ssh', port: 22 },
  { name: '日本', port: 8080 },
];

describe('rows', () => {
  test.each([
    ['a table has titles and columns as wide as their text', 'table', 'NAME  PORT\nssh     22\n日本  8080\n'],
    [
      'JSON is one array with a row on each line',
      'json',
      '[\n{"name":"ssh","port":22},\n{"name":"日本","port":8080}\n]\n',
    ],
    [
      'JSON lines are one object on each line',
      'jsonl',
      '{"name":"ssh","port":22}\n{"name":"日本","port":8080}\n',
    ],
    ['CSV has a title line', 'csv', 'name,port\nssh,22\n日本,8080\n'],
  ] as const)('%s', (_name, format, expected) => {
    expect(printed({ format }, rows)).toBe(expected);
    expect(printed({ format }, rows.slice(0, 1), rows.slice(1))).toHaveLength(expected.length);
  });

  test.each([
    ['table', ''],
    ['json', '[]\n'],
    ['jsonl', ''],
    ['csv', 'name,port\n'],
  ] as const)('none at all are still valid %s', (format, expected) => {
    expect(printed({ format })).toBe(expected);
    expect(printed({ format }, [])).toBe(expected);
  });

  test('a table is cut to the width of the terminal, and only there', () => {
    const long = [{ name: 'x'.repeat(50), port: 1 }];
    const terminal = { ...plain, isTerminal: true, width: 20 };
    expect(printed({ format: 'table', surface: terminal }, long)).toBe(
      `NAME            PORT\n${'x'.repeat(13)}…     1\n`,
    );
    expect(printed({ format: 'table' }, long)).toContain('x'.repeat(50));
  });

  test('what a row is about is never cut', () => {
    const whole = columns.map((column) => ({ ...column, whole: true as const }));
    const surface = { ...plain, isTerminal: true, width: 20 };
    const printer = rowPrinter({ format: 'table', columns: whole, csvRaw: false, surface });
    expect(printer.rows([{ name: 'x'.repeat(50), port: 1 }])).toContain('x'.repeat(50));
  });

  test('what a spreadsheet would take for a formula is text in CSV, unless it is asked for raw', () => {
    const formula = [{ name: '=1+1', port: 1 }];
    expect(printed({ format: 'csv' }, formula)).toBe("name,port\n'=1+1,1\n");
    expect(printed({ format: 'csv', csvRaw: true }, formula)).toBe('name,port\n=1+1,1\n');
  });

  propertyTest.prop(
    [
      fc.array(fc.record({ name: hostileText, port: fc.nat() }), { minLength: 1, maxLength: 3 }),
      fc.constantFrom(...outputFormats),
      fc.boolean(),
      fc.constantFrom(undefined, 20, 80),
    ],
    { numRuns: propertyRuns(1000) },
  )('nothing harmful reaches the output in any format', (hostile, format, csvRaw, width) => {
    const text = printed({ format, csvRaw, surface: { ...plain, width } }, hostile);
    for (const line of text.split('\n')) expect(line).not.toMatch(harmful);
    if (format !== 'table') return;
    expect(text.split('\n')).toHaveLength(hostile.length + 2);
  });

  propertyTest.prop([hostileText], { numRuns: propertyRuns(1000) })(
    'no cell of CSV begins a formula',
    (name) => {
      const [, line = ''] = printed({ format: 'csv' }, [{ name, port: 1 }]).split('\n');
      expect(line).not.toMatch(/^"?[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/);
    },
  );
});
