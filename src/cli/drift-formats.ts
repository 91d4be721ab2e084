import { driftHtml } from './drift-html.ts';
import { driftJunit } from './drift-junit.ts';
import { driftMarkdown } from './drift-markdown.ts';
import { type DriftRow, driftColumns, driftCsvColumns } from './drift-row.ts';
import { driftSarif } from './drift-sarif.ts';
import { driftSummaryOf } from './drift-tally.ts';
import type { DriftWriter } from './drift-writer.ts';
import { outputFormats, rowPrinter } from './row-printer.ts';
import type { Surface } from './terminal.ts';

/** How drift is printed. */
export const driftFormats = [...outputFormats, 'markdown', 'sarif', 'junit', 'html'] as const;

export type DriftFormat = (typeof driftFormats)[number];

/** What a writer needs to know beforehand. */
export interface DriftWriterOptions {
  readonly surface: Surface;
  readonly csvRaw: boolean;
  /** What is listed, in words. */
  readonly title: string;
  readonly version: string;
}

/** The writer for a format. */
export function driftWriter(format: DriftFormat, options: DriftWriterOptions): DriftWriter {
  switch (format) {
    case 'markdown':
      return driftMarkdown(options);
    case 'html':
      return driftHtml(options);
    case 'sarif':
      return driftSarif(options);
    case 'junit':
      return driftJunit();
    default: {
      const { surface, csvRaw } = options;
      const printer = rowPrinter<DriftRow>({
        format,
        columns: driftColumns,
        csvColumns: driftCsvColumns,
        csvRaw,
        surface,
      });
      return {
        rows: (rows) => printer.rows(rows),
        end: (tally) => printer.end() + (format === 'table' ? `${driftSummaryOf(tally)}\n` : ''),
      };
    }
  }
}
