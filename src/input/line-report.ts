import type { HostObservation } from '../core/observation.ts';
import type { ReportReader, RunHeader } from './agent.ts';
import { type Line, openLineReader, strangeCharacters } from './line-reader.ts';
import { newRunLog, type RunLog, type RunOutcome } from './report-run.ts';
import { openTranscoder } from './xml-encoding.ts';

/** What differs between reports that are read line by line. */
export interface LineForm {
  /** Asked for once, when the first line was read that says something. */
  header(): RunHeader;
  /** A host, undefined for a line that says nothing, or the reason why it cannot be read. */
  line(text: string, line: Line, log: RunLog): HostObservation | string | undefined;
  end(log: RunLog): RunOutcome;
  /** Whether a last line without its line end is whole all the same: an end mark. */
  isWhole?(text: string): boolean;
}

/** A reader of one report of this form. */
export function openLineReport(form: LineForm): ReportReader {
  const log = newRunLog(() => form.header());
  const lines = openLineReader((line) => onLine(form, log, line));
  const transcoder = openTranscoder();
  return {
    write(bytes) {
      lines.write(transcoder.write(bytes));
      return log.take();
    },
    end() {
      lines.write(transcoder.end());
      const rest = lines.end();
      const isWhole = rest === undefined || form.isWhole?.(rest.text) === true;
      if (rest !== undefined && isWhole) onLine(form, log, rest);
      const outcome = form.end(log);
      const partial = isWhole ? outcome.partial : 'the last line has no end: the file was cut off';
      log.finish({ ...outcome, partial });
      return log.take();
    },
  };
}

function onLine(form: LineForm, log: RunLog, line: Line): void {
  const { offset, number } = line;
  if (line.isCut) {
    log.lose({ offset, line: number }, 'the line is too long');
    return;
  }
  if (strangeCharacters.test(line.text)) {
    log.lose({ offset, line: number }, 'the line holds control characters');
    return;
  }
  const text = number === 1 && line.text.startsWith('\ufeff') ? line.text.slice(1) : line.text;
  const found = form.line(text, line, log);
  if (typeof found === 'string') log.lose({ offset, line: number }, found);
  else if (found !== undefined) log.host(found);
}

/** The whole lines at the beginning of a report that say something, without spaces around them; for recognising it. */
export function firstLines(text: string, count: number): readonly string[] {
  const whole = text.split(/\r?\n/, count * 4);
  if (whole.length > 1 || text.includes('\n')) whole.pop();
  return whole
    .map((line) => line.replace(/^\ufeff/, '').trim())
    .filter((line) => line !== '')
    .slice(0, count);
}

/** Whether more than half of the first lines fit, and at least one does. */
export function mostLinesFit(lines: readonly string[], pattern: RegExp): boolean {
  return lines.filter((line) => pattern.test(line)).length * 2 > lines.length;
}
