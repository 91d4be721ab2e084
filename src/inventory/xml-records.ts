import type { InventoryEvent, InventoryPlace } from './importer.ts';
import { told } from './inventory-events.ts';
import { textOf } from './inventory-text.ts';
import { openXmlCutter } from './xml-cutter.ts';
import { parseElement, type XmlElement } from './xml-element.ts';

/** What is made of the pieces of an XML document; the functions may throw Unstated. */
export interface XmlHandler {
  /** Paths from the root whose elements are records; `*` is any one element. */
  readonly records: readonly string[];
  readonly record: (
    element: XmlElement,
    place: InventoryPlace,
    path: readonly string[],
  ) => readonly InventoryEvent[];
  /** Paths of elements around the records whose attributes are wanted. */
  readonly tags?: readonly string[];
  readonly tag?: (element: XmlElement, path: readonly string[]) => void;
}

/**
 * Reads an XML document, each record as soon as it is there. Gives the events of the handler, and returns why the
 * document is not whole, undefined where it is.
 */
export async function* readXml(
  source: AsyncIterable<Uint8Array>,
  handler: XmlHandler,
): AsyncGenerator<InventoryEvent, string | undefined, undefined> {
  const isRecord = matcher(handler.records);
  const isWanted = matcher(handler.tags ?? []);
  const cutter = openXmlCutter(isRecord);
  let record = 0;
  for await (const text of textOf(source)) {
    for (const { kind, text: piece, path } of cutter.write(text)) {
      if (kind === 'record') {
        record += 1;
        const place = { record };
        yield* told(place, () => handler.record(parseElement(piece), place, path));
      } else if (isWanted(path)) {
        yield* told({}, () => {
          handler.tag?.(parseElement(piece), path);
          return [];
        });
      }
    }
  }
  return cutter.end();
}

/** Whether a path fits one of these patterns (`unload/*`). */
export function matcher(patterns: readonly string[]): (path: readonly string[]) => boolean {
  const split = patterns.map((pattern) => pattern.split('/'));
  return (path) =>
    split.some(
      (parts) =>
        parts.length === path.length && parts.every((part, index) => part === '*' || part === path[index]),
    );
}
