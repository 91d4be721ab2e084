import { limits } from '../limits.ts';
import type { InventoryImporter } from './importer.ts';
import { ended, told, unreadable } from './inventory-events.ts';
import { headText } from './inventory-text.ts';
import { openJsonCutter } from './json-cutter.ts';
import { asObject, type Json, parseJson, uniquelyKeyed } from './json-value.ts';
import { nativeRecord } from './native-record.ts';
import { linesOf } from './text-lines.ts';

/** Our own JSON lines: one statement, member of a group or removal on each. */
export const expectationsJsonl: InventoryImporter = {
  name: 'expectations-jsonl',
  title: 'lines of JSON, each a statement with selector, view, ports, expect, …',
  recognises(head) {
    const [first = ''] = headText(head).trimStart().split('\n', 1);
    return /^\{(?!\s*"(statements|members|externalRevision)"\s*:).*"(selector|group|removed)"\s*:.*\}\s*$/.test(
      first,
    );
  },
  async *read(source, options) {
    let cut: string | undefined;
    for await (const { text, line, isOpen } of linesOf(source)) {
      if (text.trim() === '') continue;
      const place = { line };
      const events = told(place, () => nativeRecord(asObject(parseLine(text)), place, options));
      const isBroken = events.some(({ kind }) => kind === 'problem');
      if (isOpen && isBroken) cut = 'the last line has no end: the file is cut off';
      for (const event of events) yield event;
    }
    yield ended(cut, { isSnapshot: true });
  },
};

/** Most lines are one object; the others are cut to pieces, to say what is wrong with them. */
function parseLine(text: string): Json {
  const keys = keysOf(text);
  if (keys === undefined) return parsePieces(text);
  try {
    return uniquelyKeyed(JSON.parse(text) as Json, keys);
  } catch (error) {
    if (error instanceof SyntaxError) return parsePieces(text);
    throw error;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const OPEN_OBJECT = 0x7b;

/** How many keys stand in a line, repeated ones included; undefined where it might nest too deep. */
function keysOf(text: string): number | undefined {
  let [keys, opened, isInString] = [0, 0, false];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) isInString = !isInString;
    else if (isInString) at += code === BACKSLASH ? 1 : 0;
    else if (code === COLON) keys += 1;
    else if (code === OPEN_ARRAY || code === OPEN_OBJECT) opened += 1;
  }
  return opened <= limits.jsonNestingMax ? keys : undefined;
}

function parsePieces(text: string): Json {
  const cutter = openJsonCutter([]);
  const [piece, second] = cutter.write(text);
  const fault = cutter.end();
  if (piece === undefined || fault !== undefined) return unreadable(fault ?? 'it is not a JSON object');
  return second === undefined ? parseJson(piece.text, piece.keys) : unreadable('it holds several objects');
}
