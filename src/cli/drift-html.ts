import { htmlText } from './diff-html.ts';
import { causeWords, type DriftRow, declaredText, kindWords, notesOf, symbolOf } from './drift-row.ts';
import { driftSummaryOf } from './drift-tally.ts';
import type { DriftWriter } from './drift-writer.ts';
import { placeText, timeText } from './row-values.ts';

/** Drift as a page of its own: no script, nothing loaded from elsewhere, and a policy that forbids both. */
export function driftHtml({ title }: { readonly title: string }): DriftWriter {
  let head = headOf(title);
  const begun = () => {
    const text = head;
    head = '';
    return text;
  };
  return {
    rows: (rows) => begun() + rows.map(htmlRow).join(''),
    end: (tally) =>
      `${begun()}</tbody>\n</table>\n<p>${htmlText(driftSummaryOf(tally))}</p>\n</body>\n</html>\n`,
  };
}

const columns = ['', 'Where', 'What', 'From', 'Since', 'By', 'Declared', 'Owner', 'Notes'];

function headOf(title: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Drift</title>
<style>
body { font: 1rem/1.4 system-ui, sans-serif; margin: 2rem; color: #1a1a1a; background: #fff; }
table { border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #ccc; }
td { overflow-wrap: anywhere; }
.excess { color: #a01515; } .missing { color: #7a4b00; } .waived { color: #595959; }
@media (prefers-color-scheme: dark) {
  body { color: #eee; background: #16181c; } th, td { border-color: #444; }
  .excess { color: #ff9b9b; } .missing { color: #f0c36b; } .waived { color: #b0b0b0; }
}
</style>
</head>
<body>
<h1>Drift</h1>
<p>${htmlText(title)}</p>
<table>
<thead><tr>${columns.map((name) => `<th scope="col">${name || 'Sign'}</th>`).join('')}</tr></thead>
<tbody>
`;
}

function htmlRow(row: DriftRow): string {
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
  const kind = row.waiver === null ? row.side : 'waived';
  const rest = cells.map((cell) => `<td>${htmlText(cell)}</td>`).join('');
  return `<tr><td class="${kind}">${htmlText(symbolOf(row))} ${kind}</td>${rest}</tr>\n`;
}
