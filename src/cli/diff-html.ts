import type { DifferenceLine, LineSymbol } from '../core/difference-lines.ts';
import { changeOf, placeOf } from './diff-text.ts';
import { terminalText } from './terminal-text.ts';

const kinds: Readonly<Record<LineSymbol, string>> = {
  '+': 'new',
  '-': 'gone',
  '~': 'changed',
  '?': 'unknown',
};

/** A page of its own: no script, nothing loaded from elsewhere, and a policy that forbids both. */
export function htmlHead(before: string, after: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Comparison of two scans</title>
<style>
body { font: 1rem/1.4 system-ui, sans-serif; margin: 2rem; color: #1a1a1a; background: #fff; }
table { border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #ccc; }
td { overflow-wrap: anywhere; }
.new { color: #06652d; } .gone { color: #a01515; } .changed { color: #7a4b00; } .unknown { color: #595959; }
@media (prefers-color-scheme: dark) {
  body { color: #eee; background: #16181c; } th, td { border-color: #444; }
  .new { color: #6fdc96; } .gone { color: #ff9b9b; } .changed { color: #f0c36b; } .unknown { color: #b0b0b0; }
}
</style>
</head>
<body>
<h1>Comparison of two scans</h1>
<p>Before: ${htmlText(before)}<br>After: ${htmlText(after)}</p>
<table>
<thead><tr><th scope="col">Kind</th><th scope="col">Where</th><th scope="col">What</th><th scope="col">Details</th></tr></thead>
<tbody>
`;
}

/** One difference as a row of the table. */
export function htmlRow(line: DifferenceLine): string {
  const what = line.subject === 'host' || line.subject === 'port' ? '' : `${line.subject} `;
  const cells = [placeOf(line), `${what}${changeOf(line)}`, line.detail ?? ''];
  const kind = kinds[line.symbol];
  const rest = cells.map((cell) => `<td>${htmlText(cell)}</td>`).join('');
  return `<tr><td class="${kind}">${line.symbol} ${kind}</td>${rest}</tr>\n`;
}

/** The end of the page. */
export function htmlEnd(summary: string): string {
  return `</tbody>\n</table>\n<p>${htmlText(summary)}</p>\n</body>\n</html>\n`;
}

/** A text that HTML shows as it is, in elements and quoted attributes. */
export function htmlText(text: string): string {
  return terminalText(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}
