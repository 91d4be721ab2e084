import { markdownText } from './diff-markdown.ts';
import { causeWords, type DriftRow, declaredText, kindWords, notesOf, symbolOf } from './drift-row.ts';
import { driftSummaryOf } from './drift-tally.ts';
import type { DriftWriter } from './drift-writer.ts';
import { placeText, timeText } from './row-values.ts';

/** Drift as a table in Markdown. */
export function driftMarkdown({ title }: { readonly title: string }): DriftWriter {
  let head = `# Drift\n\n${markdownText(title)}\n\n${titles}`;
  const begun = () => {
    const text = head;
    head = '';
    return text;
  };
  return {
    rows: (rows) => (rows.length === 0 ? '' : begun() + rows.map(markdownRow).join('')),
    end: (tally) => `${begun()}\n${markdownText(driftSummaryOf(tally))}\n`,
  };
}

const titles =
  '| | Where | What | From | Since | By | Declared | Owner | Notes |\n|---|---|---|---|---|---|---|---|---|\n';

function markdownRow(row: DriftRow): string {
  const cells = [
    placeText(row),
    kindWords[row.kind],
    row.view,
    timeText(row.openedAt),
    causeWords(row.openedBy),
    declaredText(row),
    row.owner ?? '',
    notesOf(row).join('; '),
  ];
  return `| \`${symbolOf(row)}\` | ${cells.map(markdownText).join(' | ')} |\n`;
}
