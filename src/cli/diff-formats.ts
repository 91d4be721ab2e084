import type { HostDifference } from '../core/compare.ts';
import type { DifferenceLine } from '../core/difference-lines.ts';
import { htmlEnd, htmlHead, htmlRow } from './diff-html.ts';
import { type DiffSummary, diffJson } from './diff-json.ts';
import { markdownEnd, markdownHead, markdownRow } from './diff-markdown.ts';
import type { Side } from './diff-side.ts';
import { diffTextLine, summaryOf } from './diff-text.ts';
import type { Surface } from './terminal.ts';

/** How a comparison is printed. */
export const diffFormats = ['text', 'json', 'markdown', 'html'] as const;

export type DiffFormat = (typeof diffFormats)[number];

/** Turns a comparison into text. What it returns is safe to print. */
export interface DiffWriter {
  begin(before: Side, after: Side): string;
  host(difference: HostDifference, lines: readonly DifferenceLine[]): string;
  end(summary: DiffSummary): string;
}

/** The writer for a format. */
export function diffWriter(format: DiffFormat, surface: Surface): DiffWriter {
  switch (format) {
    case 'text':
      return {
        begin: () => '',
        host: (_difference, lines) => joined(lines, (line) => diffTextLine(line, surface)),
        end: (summary) => `${sentence(summary)}\n`,
      };
    case 'json':
      return diffJson();
    case 'markdown':
      return {
        begin: (before, after) => markdownHead(titleOf(before), titleOf(after)),
        host: (_difference, lines) => joined(lines, markdownRow),
        end: (summary) => markdownEnd(sentence(summary)),
      };
    case 'html':
      return {
        begin: (before, after) => htmlHead(titleOf(before), titleOf(after)),
        host: (_difference, lines) => joined(lines, htmlRow),
        end: (summary) => htmlEnd(sentence(summary)),
      };
  }
}

function joined(lines: readonly DifferenceLine[], textOf: (line: DifferenceLine) => string): string {
  return lines.map(textOf).join('');
}

function sentence({ counts, commonAddresses }: DiffSummary): string {
  return summaryOf(counts, commonAddresses);
}

/** Which report, by which tool, when. */
function titleOf({ file, runs: [run] }: Side): string {
  if (run === undefined) return file;
  const { tool, version, startedAt } = run.header;
  const by = version === undefined ? tool : `${tool} ${version}`;
  return `${file} (${by}${startedAt === undefined ? '' : `, ${new Date(startedAt).toISOString()}`})`;
}
