import stringWidth from 'string-width';
import type { Surface } from './terminal.ts';
import { terminalText } from './terminal-text.ts';

/** One column of a table. */
export interface Column<Row> {
  /** Title of the table, and the name in CSV. */
  readonly title: string;
  /** Foreign text is welcome: it is made safe where it is printed. */
  readonly value: (row: Row) => string;
  /** Numbers stand at the right. */
  readonly align?: 'right';
  /** Never cut: without it the row says nothing. */
  readonly whole?: true;
}

/** Narrower than this no column is cut, whatever the terminal. */
const widthMin = 8;
const gap = '  ';

/** Turns rows into lines of one shape. */
export interface TableLayout<Row> {
  lines(rows: readonly Row[]): string;
}

/** Lays rows out in columns of one width, which the first rows decide; the titles come before them, once. */
export function tableLayout<Row>(columns: readonly Column<Row>[], surface: Surface): TableLayout<Row> {
  const titles = columns.map(({ title }) => title.toUpperCase());
  let widths: readonly number[] | undefined;
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => {
        const width = widths?.[index] ?? 0;
        const text = surface.width === undefined ? cell : truncate(cell, width);
        return pad(text, width, columns[index]?.align);
      })
      .join(gap)
      .trimEnd();

  return {
    lines: (rows) => {
      const cells = rows.map((row) => columns.map(({ value }) => terminalText(value(row))));
      const isFirst = widths === undefined;
      widths ??= fitted(naturalWidths([titles, ...cells]), columns, surface.width);
      const head = isFirst ? `${surface.colours.bold(line(titles))}\n` : '';
      return head + cells.map((row) => `${line(row)}\n`).join('');
    },
  };
}

/** The text cut to so many columns of the terminal, its end marked. */
export function truncate(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    if (stringWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

function pad(text: string, width: number, align: 'right' | undefined): string {
  const blank = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'right' ? blank + text : text + blank;
}

function naturalWidths(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries())
      widths[index] = Math.max(widths[index] ?? 0, stringWidth(cell));
  }
  return widths;
}

/** Takes from the widest columns that may be cut until the line fits. */
function fitted(
  widths: number[],
  columns: readonly { readonly whole?: true }[],
  total: number | undefined,
): number[] {
  if (total === undefined) return widths;
  const room = total - gap.length * (widths.length - 1);
  for (let excess = sum(widths) - room; excess > 0; excess -= 1) {
    const widest = Math.max(0, ...widths.filter((_, index) => columns[index]?.whole !== true));
    if (widest <= widthMin) break;
    const index = widths.findIndex((width, at) => width === widest && columns[at]?.whole !== true);
    widths[index] = widest - 1;
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
