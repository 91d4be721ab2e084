import type { InputAgent, ReadHints, ReportReader } from './agent.ts';
import { answersHeader, noEndMark } from './answer.ts';
import { firstRecords, openJsonReport } from './json-report.ts';
import { type JsonObject, textAt, writtenAt } from './json-value.ts';
import { everyAnswerCounts, readZmapRow, type ZmapRow, zmapFields } from './zmap-row.ts';

/** zmap's JSON lines (-O json). Which fields a record has is for the user to say. */
export const zmapJson: InputAgent = {
  name: 'zmap-json',
  title: 'zmap JSON lines (-O json)',
  scattered: true,
  recognises: (head) => firstRecords(head).some((value) => textAt(value, 'saddr') !== undefined),
  open,
};

function open(hints: ReadHints = {}): ReportReader {
  let tells = false;
  return openJsonReport({
    header: () => answersHeader('zmap', { warnings: tells ? [noEndMark] : [noEndMark, everyAnswerCounts] }),
    record(value) {
      const row = rowOf(value);
      tells ||= row.classification !== undefined || row.success !== undefined;
      const host = readZmapRow(row, hints);
      return host === undefined || typeof host === 'string' ? host : [host];
    },
    end: () => ({}),
  });
}

function rowOf(value: JsonObject): ZmapRow {
  const fieldOf = (name: string) => {
    const found = writtenAt(value, name) ?? writtenAt(value, name.replaceAll('_', '-'));
    return found ?? (value[name] === true ? '1' : value[name] === false ? '0' : undefined);
  };
  return Object.fromEntries(zmapFields.map((name) => [name, fieldOf(name)])) as unknown as ZmapRow;
}
