import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { isReached, type Row } from './measure.ts';

/** Prints the table for people. */
export function printRows(rows: readonly Row[]): void {
  const table = rows.map((row) => [
    row.group,
    row.name,
    figureOf(row),
    targetOf(row),
    verdictOf(row),
    row.note,
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  for (const line of table)
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

/** Keeps the table in test/bench/RESULTS.md, with what one must know to judge it. */
export async function writeResults(
  rows: readonly Row[],
  { settings, runs }: { readonly settings: string; readonly runs: number },
): Promise<void> {
  const xmllint =
    spawnSync('xmllint', ['--version'], { encoding: 'utf8' }).stderr?.split('\n')[0] ?? 'no xmllint';
  const lines = [
    '# Figures of `npm run bench`',
    '',
    `Taken on ${new Date().toISOString().slice(0, 10)}; written by the bench, not by hand. Every figure is a ratio to a floor of the`,
    `same run or a time on loopback; the median of ${runs} run(s) unless its note lists another number of values. The machine`,
    'is shared with others, so single values scatter.',
    '',
    `- machine: ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB, load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')} at the end`,
    `- Node ${process.versions.node}; ${xmllint.trim()}`,
    `- ${settings}`,
    '',
    '| group | row | figure | target | reached | from |',
    '|---|---|---|---|---|---|',
    ...rows.map(
      (row) =>
        `| ${row.group} | ${row.name} | ${figureOf(row)} | ${targetOf(row)} | ${verdictOf(row)} | ${row.note} |`,
    ),
    '',
  ];
  writeFileSync('test/bench/RESULTS.md', lines.join('\n'));
}

function figureOf({ value, unit }: Row): string {
  if (value === undefined) return '-';
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)}${unit === 'x' ? 'x' : unit === '' ? '' : ` ${unit}`}`;
}

function targetOf({ limit, unit, atLeast }: Row): string {
  return `${atLeast === true ? '≥' : '≤'} ${limit}${unit === 'x' ? 'x' : unit === '' ? '' : ` ${unit}`}`;
}

function verdictOf(row: Row): string {
  const reached = isReached(row);
  return reached === undefined ? 'not measured' : reached ? 'ok' : 'NOT OK';
}
