import type { InventoryEvent, InventoryPlace } from './importer.ts';
import { InventoryRefused } from './importer.ts';
import { told } from './inventory-events.ts';
import { textOf } from './inventory-text.ts';
import { openJsonCutter } from './json-cutter.ts';
import { type Json, parseJson } from './json-value.ts';

/** What is made of the pieces of JSON files; the functions may throw Unstated. */
export interface JsonHandler {
  /** Arrays whose elements are records, by the keys that lead to them; none is the root. */
  readonly paths: readonly (readonly string[])[];
  readonly record: (value: Json, place: InventoryPlace, path: readonly string[]) => readonly InventoryEvent[];
  /** A whole document, in which every record is a 0. */
  readonly document?: (value: Json, place: InventoryPlace) => readonly InventoryEvent[];
  readonly charactersMax?: number;
}

/**
 * Reads a file of JSON documents, each record as soon as it is there. Gives the events of the handler, and returns
 * why the file is not whole, undefined where it is. Throws InventoryRefused EMPTY for a file without any document.
 */
export async function* readJson(
  source: AsyncIterable<Uint8Array>,
  handler: JsonHandler,
): AsyncGenerator<InventoryEvent, string | undefined, undefined> {
  const cutter = openJsonCutter(handler.paths, handler.charactersMax);
  let record = 0;
  let isBroken = false;
  let documents = 0;
  for await (const text of textOf(source)) {
    for (const piece of cutter.write(text)) {
      if (piece.kind === 'record') {
        record += 1;
        const place = { record };
        const path = handler.paths[piece.path] ?? [];
        yield* told(place, () => handler.record(parseJson(piece.text, piece.keys), place, path));
      } else {
        documents += 1;
        let isParsed = false;
        yield* told({}, () => {
          const value = parseJson(piece.text, piece.keys);
          isParsed = true;
          return handler.document?.(value, {}) ?? [];
        });
        isBroken ||= !isParsed;
      }
    }
  }
  const cut = cutter.end();
  if (cut === undefined && documents === 0)
    throw new InventoryRefused(
      'EMPTY',
      'The file holds no JSON: that is no way to say that nothing is expected.',
    );
  return cut ?? (isBroken ? 'its JSON is damaged' : undefined);
}
