import { stringify } from 'csv-stringify/sync';
import { type Column, tableLayout } from './table.ts';
import type { Surface } from './terminal.ts';
import { safeJson, terminalText } from './terminal-text.ts';

/** How rows are printed. */
export const outputFormats = ['table', 'json', 'jsonl', 'csv'] as const;

export type OutputFormat = (typeof outputFormats)[number];

/** Turns rows into text, some at a time. What it returns is safe to print whatever the rows hold. */
export interface RowPrinter<Row> {
  rows(rows: readonly Row[]): string;
  /** After the last rows. */
  end(): string;
}

export interface RowPrinterOptions<Row> {
  readonly format: OutputFormat;
  /** For the table and CSV; JSON has the rows as they are. */
  readonly columns: readonly Column<Row>[];
  /** Columns of CSV; those of the table unless told. */
  readonly csvColumns?: readonly Column<Row>[];
  /** Leave cells alone that a spreadsheet would take for formulas. */
  readonly csvRaw: boolean;
  readonly surface: Surface;
}

/** The printer for a format. */
export function rowPrinter<Row>(options: RowPrinterOptions<Row>): RowPrinter<Row> {
  switch (options.format) {
    case 'table':
      return tablePrinter(options);
    case 'json':
      return jsonPrinter();
    case 'jsonl':
      return { rows: (rows) => rows.map((row) => `${jsonOf(row)}\n`).join(''), end: () => '' };
    case 'csv':
      return csvPrinter(options);
  }
}

/** One value as JSON on one line, safe to print. */
export function jsonOf(value: unknown): string {
  return safeJson(JSON.stringify(value));
}

function tablePrinter<Row>({ columns, surface }: RowPrinterOptions<Row>): RowPrinter<Row> {
  const layout = tableLayout(columns, surface);
  return { rows: (rows) => (rows.length === 0 ? '' : layout.lines(rows)), end: () => '' };
}

/** An array with one row on each line. */
function jsonPrinter<Row>(): RowPrinter<Row> {
  let before = '[\n';
  return {
    rows: (rows) => {
      const text = rows.map((row, index) => `${index === 0 ? before : ',\n'}${jsonOf(row)}`).join('');
      if (rows.length > 0) before = ',\n';
      return text;
    },
    end: () => (before === '[\n' ? '[]\n' : '\n]\n'),
  };
}

/** RFC 4180 with a title line. Every record is one line: line breaks inside of values are escaped. */
function csvPrinter<Row>({ columns, csvColumns = columns, csvRaw }: RowPrinterOptions<Row>): RowPrinter<Row> {
  let titled = false;
  const text = (records: string[][]) => stringify(records, { escape_formulas: !csvRaw });
  const titles = () => {
    if (titled) return '';
    titled = true;
    return text([csvColumns.map(({ title }) => title)]);
  };
  return {
    rows: (rows) =>
      titles() + text(rows.map((row) => csvColumns.map(({ value }) => terminalText(value(row))))),
    end: () => titles(),
  };
}
