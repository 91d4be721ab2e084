import type { DifferenceLine } from '../core/difference-lines.ts';
import { changeOf, placeOf } from './diff-text.ts';
import { terminalText } from './terminal-text.ts';

/** The beginning of a comparison in Markdown. */
export function markdownHead(before: string, after: string): string {
  return (
    `# Comparison\n\nBefore: ${markdownText(before)}  \nAfter: ${markdownText(after)}\n\n` +
    '| | Where | What | Details |\n|---|---|---|---|\n'
  );
}

/** One difference as a row of the table. */
export function markdownRow(line: DifferenceLine): string {
  const what = line.subject === 'host' || line.subject === 'port' ? '' : `${line.subject} `;
  const cells = [placeOf(line), `${what}${changeOf(line)}`, line.detail ?? ''];
  return `| \`${line.symbol}\` | ${cells.map(markdownText).join(' | ')} |\n`;
}

/** The end of a comparison. */
export function markdownEnd(summary: string): string {
  return `\n${markdownText(summary)}\n`;
}

/**
 * A text that Markdown shows as it is, on one line of a table: what CommonMark, tables, footnotes or HTML would
 * take for more than text is escaped, and nothing becomes a link by itself.
 */
export function markdownText(text: string): string {
  return terminalText(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_{}[\]()#+!|~$^=-]/g, '\\$&')
    .replace(/@/g, '&#64;')
    .replace(/:(?=\/\/)/g, '&#58;')
    .replace(/\bwww(?=\.)/gi, '$&&#8203;');
}
