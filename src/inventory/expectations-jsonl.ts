import type { InventoryImporter } from './importer.ts';
import { ended, told, unreadable } from './inventory-events.ts';
import { headText } from './inventory-text.ts';
import { openJsonCutter } from './json-cutter.ts';
import { asObject, type Json, parseJson } from './json-value.ts';
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
      yield* events;
    }
    yield ended(cut, { isSnapshot: true });
  },
};

function parseLine(text: string): Json {
  const cutter = openJsonCutter([]);
  const [piece, second] = cutter.write(text);
  const fault = cutter.end();
  if (piece === undefined || fault !== undefined) return unreadable(fault ?? 'it is not a JSON object');
  return second === undefined ? parseJson(piece.text, piece.keys) : unreadable('it holds several objects');
}
