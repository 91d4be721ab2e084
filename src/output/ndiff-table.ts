/** Rows with columns below one another, and lines between them that have none. */
export interface NdiffTable {
  /** The mark stands before the first column. */
  row(mark: string, cells: readonly string[]): void;
  raw(line: string): void;
  /** Rows and lines so far. */
  size(): number;
  /** All lines, each with its line end; without blanks at the ends of rows. */
  text(): string;
}

/** An empty table. */
export function newTable(): NdiffTable {
  const lines: ({ readonly mark: string; readonly cells: readonly string[] } | string)[] = [];
  const widths: number[] = [];
  return {
    row(mark, cells) {
      cells.forEach((cell, index) => {
        widths[index] = Math.max(widths[index] ?? 0, lengthOf(cell));
      });
      lines.push({ mark, cells });
    },
    raw: (line) => void lines.push(line),
    size: () => lines.length,
    text: () =>
      lines.map((line) => (typeof line === 'string' ? line : `${rowText(line, widths)}\n`)).join(''),
  };
}

function rowText(
  { mark, cells }: { readonly mark: string; readonly cells: readonly string[] },
  widths: readonly number[],
): string {
  const padded = cells.map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - lengthOf(cell)));
  return `${mark}${padded.join(' ')}`.trimEnd();
}

/** In code points. */
function lengthOf(text: string): number {
  return Array.from(text).length;
}
