import { htmlText } from './diff-html.ts';
import { type DriftRow, declaredText, kindWords, sentenceOf } from './drift-row.ts';
import { type DriftTally, driftCodeOf, driftCodes, driftSummaryOf } from './drift-tally.ts';
import type { DriftWriter } from './drift-writer.ts';
import { placeText } from './row-values.ts';

/** Drift as a report of JUnit, one suite for each view: what deviates failed, what is waived was skipped. */
export function driftJunit(): DriftWriter {
  const suites = new Map<string, DriftRow[]>();
  return {
    rows: (rows) => {
      for (const row of rows) {
        const name = row.space === 'default' ? row.view : `${row.space} ${row.view}`;
        const own = suites.get(name) ?? [];
        suites.set(name, own);
        own.push(row);
      }
      return '';
    },
    end: (tally) => {
      const texts = [...suites].map(([name, rows]) => suiteOf(name, rows));
      const all = texts.length === 0 ? emptySuite(tally) : texts.join('');
      return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="drift">\n${all}</testsuites>\n`;
    },
  };
}

function suiteOf(name: string, rows: readonly DriftRow[]): string {
  const failures = rows.filter(isFailure).length;
  const skipped = rows.filter(({ waiver, state }) => waiver !== null && state === 'open').length;
  const counts = `tests="${rows.length}" failures="${failures}" errors="0" skipped="${skipped}"`;
  return `  <testsuite name="${htmlText(name)}" ${counts}>\n${rows.map(caseOf).join('')}  </testsuite>\n`;
}

function isFailure({ state, waiver }: DriftRow): boolean {
  return state === 'open' && waiver === null;
}

function caseOf(row: DriftRow): string {
  const head = `    <testcase classname="${htmlText(row.view)}" name="${htmlText(`${placeText(row)} ${kindWords[row.kind]}`)}"`;
  if (row.state === 'resolved') return `${head}/>\n`;
  const sentence = htmlText(sentenceOf(row));
  const body =
    row.waiver === null
      ? `<failure type="${row.kind}" message="${sentence}">${htmlText(declaredText(row))}</failure>`
      : `<skipped message="${sentence}"/>`;
  return `${head}>\n      ${body}\n    </testcase>\n`;
}

/** Without a case, a report would look as if nothing had been tested. */
function emptySuite(tally: DriftTally): string {
  const sentence = htmlText(driftSummaryOf(tally));
  if (driftCodeOf(tally) !== driftCodes.nothingCovered) {
    return (
      '  <testsuite name="drift" tests="1" failures="0" errors="0" skipped="0">\n' +
      `    <testcase classname="drift" name="${sentence}"/>\n  </testsuite>\n`
    );
  }
  return (
    '  <testsuite name="drift" tests="1" failures="0" errors="1" skipped="0">\n' +
    `    <testcase classname="drift" name="coverage">\n      <error type="nothing_covered" message="${sentence}"/>\n` +
    '    </testcase>\n  </testsuite>\n'
  );
}
