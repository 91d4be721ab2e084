import { limits } from '../limits.ts';
import { ReportRefused } from './agent.ts';
import { growingBytes } from './growing-bytes.ts';

/** Who is told what a JSON text holds, in its order. */
export interface JsonPieces {
  /** Whether the object at this place is a record. List elements have the name `*`; the empty path is the top. */
  readonly isRecord: (path: readonly string[]) => boolean;
  /** A record as it stands in the file. */
  readonly record: (text: string, offset: number) => void;
  /** A text, number or literal outside of records, with its path. */
  readonly field: (path: readonly string[], value: string) => void;
  /** Something that cannot be read. */
  readonly lost: (offset: number, reason: string) => void;
}

/** How a JSON text ended. */
export interface JsonEnding {
  /** Why it is not whole. */
  readonly cut: string | undefined;
  /** The records stood in a list, which was closed. */
  readonly isClosedList: boolean;
}

/** Cuts JSON into records. Values at the top may follow one another, with or without commas. */
export interface JsonSplitter {
  write(bytes: Uint8Array): void;
  end(): JsonEnding;
}

interface Frame {
  readonly isList: boolean;
  /** The key whose value comes next; undefined where a key is expected. */
  key: string | undefined;
}

/** The record that begins at `at`. */
interface OpenRecord {
  /** Where the search goes on. */
  scanned: number;
  depth: number;
  inText: boolean;
}

interface State {
  readonly pieces: JsonPieces;
  view: Buffer;
  at: number;
  before: number;
  readonly frames: Frame[];
  record: OpenRecord | undefined;
  isClosedList: boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const NEWLINE = 0x0a;

/**
 * A splitter that reports to `pieces`. Damage costs the record it is in: reading goes on with the next line after
 * a text that has no end, and at an object that stands where none can. Time is linear in the bytes. Throws
 * ReportRefused TOO_LARGE where lists and objects outside of records nest too deep.
 */
export function openJsonSplitter(pieces: JsonPieces): JsonSplitter {
  const held = growingBytes();
  const state: State = {
    pieces,
    view: held.view(),
    at: 0,
    before: 0,
    frames: [],
    record: undefined,
    isClosedList: false,
  };
  return {
    write(bytes) {
      held.drop(state.at);
      state.before += state.at;
      if (state.record !== undefined) state.record.scanned -= state.at;
      state.at = 0;
      state.view = held.append(bytes);
      while (step(state, false));
    },
    end() {
      while (step(state, true));
      return { cut: cutOf(state), isClosedList: state.isClosedList };
    },
  };
}

function cutOf({ frames, at, view, record }: State): string | undefined {
  if (record !== undefined || at < view.length) return 'the file ends inside a record';
  return frames.length > 0 ? 'the file ends before the list of its records does' : undefined;
}

/** Reads one token; false where more bytes are needed. */
function step(state: State, last: boolean): boolean {
  if (state.record !== undefined) return readRecord(state, state.record, last);
  skipSpace(state);
  const code = state.view[state.at];
  if (code === undefined) return false;
  switch (code) {
    case OPEN_OBJECT:
    case OPEN_LIST:
      return open(state, code === OPEN_LIST);
    case CLOSE_OBJECT:
    case CLOSE_LIST:
      return close(state, code === CLOSE_LIST);
    case QUOTE:
      return text(state);
    default:
      return literal(state, last);
  }
}

function skipSpace(state: State): void {
  const { view } = state;
  let { at } = state;
  for (; at < view.length; at += 1) {
    const code = view[at] as number;
    if (code === COMMA) {
      closeMember(state);
    } else if (code !== 0x20 && code !== NEWLINE && code !== 0x0d && code !== 0x09 && code !== COLON) break;
  }
  if (state.before + at === 0 && view[at] === 0xef && view[at + 1] === 0xbb && view[at + 2] === 0xbf) at += 3;
  state.at = at;
}

/** A value, or what stands in its place, is over. */
function closeMember({ frames }: State): void {
  const frame = frames.at(-1);
  if (frame?.isList === false) frame.key = undefined;
}

function pathOf({ frames }: State): readonly string[] {
  return frames.map(({ isList, key }) => (isList ? '*' : (key ?? '')));
}

function open(state: State, isList: boolean): boolean {
  if (!isList && state.pieces.isRecord(pathOf(state))) {
    state.record = { scanned: state.at + 1, depth: 1, inText: false };
    return true;
  }
  if (state.frames.length >= limits.jsonNestingMax)
    throw new ReportRefused('TOO_LARGE', `The JSON nests deeper than ${limits.jsonNestingMax} levels.`);
  state.frames.push({ isList, key: undefined });
  state.at += 1;
  return true;
}

function close(state: State, isList: boolean): boolean {
  const frame = state.frames.at(-1);
  if (frame?.isList === isList) {
    state.frames.pop();
    state.isClosedList = isList && state.frames.length === 0;
    closeMember(state);
  } else state.pieces.lost(state.before + state.at, 'a bracket is closed that was not opened');
  state.at += 1;
  return true;
}

/** A text outside of records: a key or a value. */
function text(state: State): boolean {
  const { view, at, pieces } = state;
  for (let i = at + 1; i < view.length; i += 1) {
    const code = view[i] as number;
    if (code === BACKSLASH) i += 1;
    else if (code === NEWLINE) {
      pieces.lost(state.before + at, 'a text has no end');
      state.at = i;
      return true;
    } else if (code === QUOTE) {
      onText(state, view.toString('utf8', at, i + 1));
      state.at = i + 1;
      return true;
    }
  }
  return tooLong(state);
}

function onText(state: State, written: string): void {
  const frame = state.frames.at(-1);
  const value = unquoted(written);
  if (value === undefined) state.pieces.lost(state.before + state.at, 'a text is no JSON');
  else if (frame === undefined || frame.isList || frame.key !== undefined)
    state.pieces.field(pathOf(state), value);
  else frame.key = value.slice(0, keyCharactersMax);
}

const keyCharactersMax = 256;

function unquoted(written: string): string | undefined {
  try {
    return JSON.parse(written) as string;
  } catch {
    return undefined;
  }
}

const literalEnd = /[\s,:[\]{}"]/;

function literal(state: State, last: boolean): boolean {
  const { view, at, pieces } = state;
  const some = view.toString('latin1', at, at + literalCharactersMax);
  const length = some.search(literalEnd);
  if (length < 0 && some.length < literalCharactersMax && !last) return false;
  const word = length < 0 ? some : some.slice(0, length);
  if (/^(true|false|null|-?\d[\d.eE+-]*)$/.test(word)) pieces.field(pathOf(state), word);
  else pieces.lost(state.before + at, 'there is text here that is no JSON');
  state.at = at + Math.max(1, word.length);
  return true;
}

const literalCharactersMax = 64;

function readRecord(state: State, record: OpenRecord, last: boolean): boolean {
  const { view } = state;
  for (let at = record.scanned; ; at += 1) {
    at = record.inText ? textEnd(view, at) : nextMark(view, at);
    if (at >= view.length) {
      record.scanned = at;
      return last ? false : tooLong(state);
    }
    const isOver = onMark(state, record, at);
    if (isOver !== undefined) return isOver;
  }
}

/** Undefined where the record goes on; else whether the splitter can go on without more bytes. */
function onMark(state: State, record: OpenRecord, at: number): boolean | undefined {
  const { view } = state;
  switch (view[at]) {
    case NEWLINE:
      return lose(state, at, 'the record holds a text that has no end');
    case QUOTE:
      record.inText = !record.inText;
      return undefined;
    case OPEN_OBJECT:
    case OPEN_LIST:
      if (view[at] === OPEN_OBJECT && !mayOpen(view, at))
        return lose(state, at, 'the record is not closed where the next one begins');
      if (record.depth >= limits.jsonNestingMax) return loseDeep(state, record, at);
      record.depth += 1;
      return undefined;
    default:
      record.depth -= 1;
      return record.depth === 0 ? finish(state, at + 1) : undefined;
  }
}

/** The next quote or bracket; the end of the view where there is none. */
function nextMark(view: Buffer, from: number): number {
  let at = from;
  for (; at < view.length; at += 1) {
    const code = view[at] as number;
    const plain = code | 0x20; // A square bracket differs from a curly one in this bit.
    if (code === QUOTE || plain === OPEN_OBJECT || plain === CLOSE_OBJECT) return at;
  }
  return at;
}

/** The place of the quote that ends a text, or of the line end that breaks it; beyond the view where neither is there. */
function textEnd(view: Buffer, from: number): number {
  let at = from;
  for (; at < view.length; at += 1) {
    const code = view[at] as number;
    if (code === QUOTE || code === NEWLINE) return at;
    if (code === BACKSLASH) at += 1;
  }
  return at;
}

/** An object may stand at the beginning of a list, behind a comma or a colon, and nowhere else within a record. */
function mayOpen(view: Buffer, at: number): boolean {
  for (let i = at - 1; i >= 0; i -= 1) {
    const code = view[i] as number;
    if (code === COMMA || code === COLON || code === OPEN_LIST) return true;
    if (code !== 0x20 && code !== NEWLINE && code !== 0x0d && code !== 0x09) return false;
  }
  return false;
}

function finish(state: State, end: number): boolean {
  const { at, view, before } = state;
  if (end - at > limits.recordBytesMax) throw recordTooLong();
  state.record = undefined;
  state.at = end;
  state.pieces.record(view.toString('utf8', at, end), before + at);
  closeMember(state);
  return true;
}

function lose(state: State, next: number, reason: string): boolean {
  state.pieces.lost(state.before + state.at, reason);
  state.record = undefined;
  state.at = next;
  return true;
}

/** The rest of the line goes with it: what is inside would be taken for records. */
function loseDeep(state: State, record: OpenRecord, scanned: number): boolean {
  const newline = state.view.indexOf(NEWLINE, scanned);
  if (newline >= 0) {
    return lose(state, newline, `the record nests deeper than ${limits.jsonNestingMax} levels`);
  }
  record.scanned = scanned;
  return tooLong(state);
}

function tooLong(state: State): boolean {
  if (state.view.length - state.at <= limits.recordBytesMax) return false;
  throw recordTooLong();
}

function recordTooLong(): ReportRefused {
  return new ReportRefused(
    'TOO_LARGE',
    `The file holds a record of more than ${limits.recordBytesMax} bytes.`,
  );
}
