import { limits } from '../limits.ts';
import { InventoryRefused } from './importer.ts';

/** One record of a CSV. */
export interface CsvRecord {
  /** Line on which it begins, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** Why it breaks the rules of CSV. Its fields cannot be used. */
  readonly fault?: string;
}

/** Cuts text into the records of a CSV. */
export interface CsvReader {
  write(text: string): readonly CsvRecord[];
  /** The last record where it has no line end, and whether the text ended inside of quotes. */
  end(): { readonly record: CsvRecord | undefined; readonly isQuoted: boolean };
}

type Mode = 'start' | 'plain' | 'quoted' | 'closed';

interface State {
  records: CsvRecord[];
  mode: Mode;
  field: string;
  fields: string[];
  length: number;
  /** The line that is read, and the line on which the record began. */
  line: number;
  begun: number;
  fault: string | undefined;
  hasReturn: boolean;
}

/**
 * A strict reader of RFC 4180 with this separator: quotes only around whole fields, doubled inside. Line ends are
 * `\n`, `\r\n` or `\r`. A quote elsewhere is a fault of its record, which then ends with its line. Empty lines are no
 * records. Throws InventoryRefused TOO_LARGE for endless records.
 */
export function openCsvReader(separator: string): CsvReader {
  const state: State = {
    records: [],
    mode: 'start',
    field: '',
    fields: [],
    length: 0,
    line: 1,
    begun: 1,
    fault: undefined,
    hasReturn: false,
  };
  return {
    write(text) {
      state.records = [];
      for (let at = 0; at < text.length; ) at = step(state, text, at, separator);
      return state.records;
    },
    end() {
      const isQuoted = state.mode === 'quoted';
      state.records = [];
      endRecord(state);
      return { record: state.records[0], isQuoted };
    },
  };
}

function step(state: State, text: string, at: number, separator: string): number {
  const character = text[at] as string;
  const isSecondHalf = state.hasReturn && character === '\n';
  state.hasReturn = character === '\r';
  if (state.mode === 'quoted') return inQuotes(state, text, at);
  if (isSecondHalf) return at + 1;
  if (character === '\n' || character === '\r') {
    state.line += 1;
    endRecord(state);
    state.begun = state.line;
  } else if (character === separator) endField(state);
  else if (character === '"') quote(state);
  else return plain(state, { text, at, separator });
  return at + 1;
}

function quote(state: State): void {
  if (state.mode === 'start') state.mode = 'quoted';
  else if (state.mode === 'closed') {
    state.field += '"';
    state.mode = 'quoted';
  } else state.fault ??= 'a quote stands inside of a field that does not begin with one';
}

function inQuotes(state: State, text: string, at: number): number {
  const end = text.indexOf('"', at);
  const part = text.slice(at, end < 0 ? text.length : end);
  add(state, part);
  state.line += part.split('\n').length - 1;
  state.hasReturn = false;
  if (end < 0) return text.length;
  state.mode = 'closed';
  return end + 1;
}

function plain(
  state: State,
  { text, at, separator }: { text: string; at: number; separator: string },
): number {
  if (state.mode === 'closed')
    state.fault ??= 'something stands between a closing quote and the next separator';
  if (state.mode === 'start') state.mode = 'plain';
  let end = at + 1;
  for (; end < text.length; end += 1) {
    const next = text[end] as string;
    if (next === separator || next === '"' || next === '\n' || next === '\r') break;
  }
  add(state, text.slice(at, end));
  return end;
}

function add(state: State, part: string): void {
  state.length += part.length;
  if (state.length > limits.inventoryRecordCharactersMax)
    throw new InventoryRefused(
      'TOO_LARGE',
      `The record at line ${state.begun} is longer than ${limits.inventoryRecordCharactersMax} characters: ` +
        'a closing quote may be missing.',
    );
  state.field += part;
}

function endField(state: State): void {
  if (state.fields.length < limits.csvColumnsMax) state.fields.push(state.field);
  else state.fault ??= `it has more than ${limits.csvColumnsMax} fields`;
  state.field = '';
  state.mode = 'start';
}

function endRecord(state: State): void {
  const isEmpty = state.fields.length === 0 && state.field === '' && state.mode === 'start';
  if (!isEmpty) {
    endField(state);
    const { begun, fields, fault } = state;
    state.records.push({ line: begun, fields, ...(fault === undefined ? {} : { fault }) });
  }
  state.fields = [];
  state.field = '';
  state.mode = 'start';
  state.length = 0;
  state.fault = undefined;
}
