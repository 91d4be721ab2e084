import { readAddress } from '../core/address.ts';
import type { HostObservation } from '../core/observation.ts';
import type { InputAgent, ReadHints, ReportReader } from './agent.ts';
import { answersHeader, noEndMark } from './answer.ts';
import { firstLines, openLineReport } from './line-report.ts';
import { short } from './nmap-facts.ts';
import { headText } from './xml-encoding.ts';
import { everyAnswerCounts, readZmapRow, type ZmapRow, zmapFields } from './zmap-row.ts';

/** zmap's CSV: unless told otherwise, a list of the addresses that answered, without any port. */
export const zmapCsv: InputAgent = {
  name: 'zmap-csv',
  title: 'zmap CSV, or a list of addresses',
  scattered: true,
  recognises(head) {
    const lines = firstLines(headText(head), 50).filter((line) => !line.startsWith('#'));
    return lines.length > 0 && (isHeader(lines[0] as string) || lines.every(isBareRow));
  },
  open,
};

function isHeader(line: string): boolean {
  return /^([\w-]+,)*saddr(,[\w-]+)*$/.test(line);
}

/** An address, or an address and a port. */
function isBareRow(line: string): boolean {
  const [address, port, ...more] = line.split(',');
  return more.length === 0 && readAddress(address ?? '').ok && (port === undefined || /^\d{1,5}$/.test(port));
}

function open(hints: ReadHints = {}): ReportReader {
  let columns: readonly string[] = ['saddr', 'sport'];
  return openLineReport({
    header: () =>
      answersHeader('zmap', { warnings: tells(columns) ? [noEndMark] : [noEndMark, everyAnswerCounts] }),
    line(written) {
      const text = written.trim();
      if (text === '' || text.startsWith('#')) return undefined;
      if (!isHeader(text)) return readRow(text, columns, hints);
      columns = text.split(',').map((name) => name.replaceAll('-', '_'));
      return undefined;
    },
    end: () => ({}),
  });
}

/** Whether the columns say what kind of answer each row is. */
function tells(columns: readonly string[]): boolean {
  return columns.includes('classification') || columns.includes('success');
}

function readRow(
  text: string,
  columns: readonly string[],
  hints: ReadHints,
): HostObservation | string | undefined {
  const values = text.includes('"') ? quotedValues(text) : text.split(',');
  if (values.length > columns.length) return `"${short(text)}" has more values than there are columns`;
  const columnOf = (name: string) => {
    const value = values[columns.indexOf(name)]?.trim();
    return value === '' ? undefined : value;
  };
  const row = Object.fromEntries(zmapFields.map((name) => [name, columnOf(name)])) as unknown as ZmapRow;
  return readZmapRow(row, hints);
}

/** The values of a row of CSV (RFC 4180); texts of banners and DNS answers are quoted. */
function quotedValues(text: string): string[] {
  return Array.from(text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g), ([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
  );
}
