import { limits } from '../limits.ts';
import { InventoryRefused } from './importer.ts';

/** What a JSON text holds, in its order. */
export type JsonPiece =
  /** One element of an array of records, as it stands in the text. */
  | {
      readonly kind: 'record';
      readonly text: string;
      /** Colons outside of strings: how many keys its objects have, repeated ones included. */
      readonly keys: number;
      /** Which of the paths asked for leads to its array. */
      readonly path: number;
    }
  /** A document has ended. Its text, in which every record is a 0. */
  | { readonly kind: 'document'; readonly text: string; readonly keys: number };

/** Cuts JSON texts, one after the other in one file, into records and the rest. */
export interface JsonCutter {
  write(text: string): readonly JsonPiece[];
  /** The file has ended; says what was cut off or stands where nothing may stand, if anything. */
  end(): string | undefined;
}

/** An array or object outside of records. */
interface Frame {
  readonly isArray: boolean;
  /** Keys that lead to it from the root; undefined below arrays. */
  readonly keys: readonly string[] | undefined;
  /** The array of records that it is, as its place among the paths asked for. */
  readonly records: number;
  /** The last key read. */
  key: string;
  awaitsKey: boolean;
}

interface State {
  readonly paths: readonly (readonly string[])[];
  readonly charactersMax: number;
  readonly frames: Frame[];
  pieces: JsonPiece[];
  /** The document so far, without its records. */
  skeleton: string[];
  skeletonLength: number;
  skeletonKeys: number;
  /** The record so far; undefined outside of records. */
  record: string[] | undefined;
  recordLength: number;
  recordKeys: number;
  recordDepth: number;
  isInString: boolean;
  isEscaped: boolean;
  /** The key so far, while one is read. */
  keyText: string[] | undefined;
  fault: string | undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * A cutter that gives the elements of the arrays at these paths (keys from the root; none is the root itself) one
 * by one. What it gives need not be JSON: whoever parses it says so. `charactersMax` limits what is not records.
 * Throws InventoryRefused TOO_LARGE.
 */
export function openJsonCutter(
  paths: readonly (readonly string[])[],
  charactersMax: number = limits.inventoryRecordCharactersMax,
): JsonCutter {
  const state: State = {
    paths,
    charactersMax,
    frames: [],
    pieces: [],
    skeleton: [],
    skeletonLength: 0,
    skeletonKeys: 0,
    record: undefined,
    recordLength: 0,
    recordKeys: 0,
    recordDepth: 0,
    isInString: false,
    isEscaped: false,
    keyText: undefined,
    fault: undefined,
  };
  return {
    write(text) {
      state.pieces = [];
      let at = 0;
      while (at < text.length && state.fault === undefined) at = step(state, text, at);
      return state.pieces;
    },
    end() {
      if (state.fault !== undefined) return state.fault;
      const isOpen = state.frames.length > 0 || state.record !== undefined;
      return isOpen ? 'the file is cut off: its JSON is not closed' : undefined;
    },
  };
}

/** Reads on from a place, and gives the place up to which it read. */
function step(state: State, text: string, at: number): number {
  if (state.isInString) return inString(state, text, at);
  if (state.record !== undefined) return inRecord(state, text, at);
  return outside(state, text, at);
}

/** Up to the end of the string, or of the text. */
function inString(state: State, text: string, from: number): number {
  let at = from;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (state.isEscaped) state.isEscaped = false;
    else if (code === BACKSLASH) state.isEscaped = true;
    else if (code === QUOTE) break;
  }
  state.isInString = at === text.length;
  const end = Math.min(at + 1, text.length);
  const part = text.slice(from, end);
  state.keyText?.push(part);
  if (state.record === undefined) keep(state, part);
  else keepOfRecord(state, part);
  const ended = !state.isInString;
  if (ended && state.record === undefined) endKey(state);
  else if (ended && state.recordDepth === 0) endRecord(state);
  return end;
}

/** Up to the end of the record, a string in it, or the text. */
function inRecord(state: State, text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      state.isInString = true;
      keepOfRecord(state, text.slice(from, at + 1));
      return at + 1;
    }
    if (code === COLON) state.recordKeys += 1;
    else if (code === OPEN_ARRAY || code === OPEN_OBJECT) deepen(state, 1);
    else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT || code === COMMA) {
      if (state.recordDepth === 0) return scalarEnd(state, text.slice(from, at), at);
      if (code === COMMA) continue;
      state.recordDepth -= 1;
      if (state.recordDepth > 0) continue;
      keepOfRecord(state, text.slice(from, at + 1));
      endRecord(state);
      return at + 1;
    }
  }
  keepOfRecord(state, text.slice(from));
  return text.length;
}

function scalarEnd(state: State, part: string, at: number): number {
  keepOfRecord(state, part);
  endRecord(state);
  return at;
}

function deepen(state: State, by: number): void {
  state.recordDepth += by;
  const depth = state.frames.length + state.recordDepth;
  if (depth > limits.jsonNestingMax)
    throw new InventoryRefused('TOO_LARGE', `The JSON nests deeper than ${limits.jsonNestingMax}.`);
}

/** Up to the next record or string, or the end of the text. */
function outside(state: State, text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isSpace(code)) continue;
    const top = state.frames.at(-1);
    if (top === undefined && code !== OPEN_ARRAY && code !== OPEN_OBJECT) {
      state.fault = 'something stands outside of the JSON objects and arrays';
      return text.length;
    }
    if (top !== undefined && top.records >= 0 && code !== COMMA && code !== CLOSE_ARRAY) {
      keep(state, `${text.slice(from, at)}0`);
      state.record = [];
      return at;
    }
    if (code === QUOTE) {
      state.isInString = true;
      if (top?.awaitsKey === true) state.keyText = ['"'];
      keep(state, text.slice(from, at + 1));
      return at + 1;
    }
    if (structure(state, code)) {
      endDocument(state, text.slice(from, at + 1));
      return at + 1;
    }
  }
  keep(state, text.slice(from));
  return text.length;
}

/** Follows one character of structure outside of records; true where the document ends with it. */
function structure(state: State, code: number): boolean {
  const top = state.frames.at(-1);
  if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
    state.frames.push(frame(state, code === OPEN_ARRAY));
    deepen(state, 0);
  } else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) {
    state.frames.pop();
    return state.frames.length === 0;
  } else if (top !== undefined && code === COMMA) top.awaitsKey = !top.isArray;
  else if (top !== undefined && code === COLON) {
    top.awaitsKey = false;
    state.skeletonKeys += 1;
  }
  return false;
}

function frame({ frames, paths }: State, isArray: boolean): Frame {
  const parent = frames.at(-1);
  const isBelowArray = parent?.isArray === true || (parent !== undefined && parent.keys === undefined);
  const keys = parent === undefined ? [] : isBelowArray ? undefined : [...(parent.keys ?? []), parent.key];
  const records = isArray && keys !== undefined ? paths.findIndex((path) => isSame(path, keys)) : -1;
  return { isArray, keys, records, key: '', awaitsKey: !isArray };
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((key, index) => key === b[index]);
}

function endKey(state: State): void {
  const top = state.frames.at(-1);
  if (state.keyText === undefined || top === undefined) return;
  top.key = unquote(state.keyText.join(''));
  state.keyText = undefined;
}

function unquote(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    return text; // The document will not parse either, and say so.
  }
}

function endRecord(state: State): void {
  const path = state.frames.at(-1)?.records ?? -1;
  state.pieces.push({ kind: 'record', text: (state.record ?? []).join(''), keys: state.recordKeys, path });
  state.record = undefined;
  state.recordLength = 0;
  state.recordKeys = 0;
}

function endDocument(state: State, part: string): void {
  keep(state, part);
  state.pieces.push({ kind: 'document', text: state.skeleton.join(''), keys: state.skeletonKeys });
  state.skeleton = [];
  state.skeletonLength = 0;
  state.skeletonKeys = 0;
}

function keep(state: State, part: string): void {
  if (state.frames.length === 0 && part.trim() === '') return;
  state.skeletonLength += part.length;
  if (state.skeletonLength > state.charactersMax) throw tooLarge('the JSON', state.charactersMax);
  state.skeleton.push(part);
}

function keepOfRecord(state: State, part: string): void {
  state.recordLength += part.length;
  if (state.recordLength > limits.inventoryRecordCharactersMax)
    throw tooLarge('one record', limits.inventoryRecordCharactersMax);
  state.record?.push(part);
}

function tooLarge(what: string, most: number): InventoryRefused {
  return new InventoryRefused('TOO_LARGE', `Of the file, ${what} has more than ${most} characters.`);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
