import type { HostObservation } from '../core/observation.ts';
import type { ReportReader, RunHeader } from './agent.ts';
import { type JsonEnding, openJsonSplitter } from './json-splitter.ts';
import { type JsonObject, parseObject } from './json-value.ts';
import { newRunLog, type RunLog, type RunOutcome } from './report-run.ts';
import { openTranscoder } from './xml-encoding.ts';

/** What differs between reports that are JSON. */
export interface JsonForm {
  /** Asked for once, before the first event. */
  header(): RunHeader;
  /** Which objects are records; unless told, those at the top and those in a list at the top. */
  isRecord?(path: readonly string[]): boolean;
  /** The hosts of a record; undefined for one that says nothing, or the reason why it cannot be read. */
  record(value: JsonObject, place: RecordPlace): readonly HostObservation[] | string | undefined;
  /** A text, number or literal outside of records. */
  field?(path: readonly string[], value: string): void;
  /** A record that is no JSON; false where it says nothing else either. */
  strange?(text: string): boolean;
  end(ending: JsonEnding, log: RunLog): RunOutcome;
}

/** Where a record stands, and whom to tell about parts of it. */
export interface RecordPlace {
  readonly offset: number;
  readonly log: RunLog;
}

/** A reader of one report of this form. */
export function openJsonReport(form: JsonForm): ReportReader {
  const log = newRunLog(() => form.header());
  const transcoder = openTranscoder();
  const splitter = openJsonSplitter({
    isRecord: (path) => form.isRecord?.(path) ?? isAtTop(path),
    record: (text, offset) => onRecord(form, text, { offset, log }),
    field: (path, value) => form.field?.(path, value),
    lost: (offset, reason) => log.lose({ offset }, reason),
  });
  return {
    write(bytes) {
      splitter.write(transcoder.write(bytes));
      return log.take();
    },
    end() {
      splitter.write(transcoder.end());
      const ending = splitter.end();
      const outcome = form.end(ending, log);
      log.finish({ ...outcome, partial: ending.cut ?? outcome.partial });
      return log.take();
    },
  };
}

/** A record of a list, or of a file with a record on each line. */
export function isAtTop(path: readonly string[]): boolean {
  return path.length === 0 || (path.length === 1 && path[0] === '*');
}

function onRecord(form: JsonForm, text: string, place: RecordPlace): void {
  const value = parseObject(text);
  if (value === undefined) {
    if (form.strange?.(text) !== true) place.log.lose({ offset: place.offset }, 'the record is no JSON');
    return;
  }
  const found = form.record(value, place);
  if (typeof found === 'string') place.log.lose({ offset: place.offset }, found);
  else for (const host of found ?? []) place.log.host(host);
}

/** The first records of a report; for recognising it. A record that was cut off at the end is left out. */
export function firstRecords(
  head: Uint8Array,
  { isRecord = isAtTop, count = 5 }: { isRecord?: (path: readonly string[]) => boolean; count?: number } = {},
): readonly JsonObject[] {
  const found: JsonObject[] = [];
  const splitter = openJsonSplitter({
    isRecord,
    record: (text) => {
      const value = found.length < count ? parseObject(text) : undefined;
      if (value !== undefined) found.push(value);
    },
    field: () => {},
    lost: () => {},
  });
  try {
    splitter.write(head);
  } catch {
    // Whoever reads it says why it cannot be read.
  }
  return found;
}
