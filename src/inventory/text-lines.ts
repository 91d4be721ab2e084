import { limits } from '../limits.ts';
import { InventoryRefused } from './importer.ts';
import { textOf } from './inventory-text.ts';

/** One line of a text, without its end. */
export interface TextLine {
  readonly text: string;
  /** From 1. */
  readonly line: number;
  /** The file ends here without a line end: it may have been cut off. */
  readonly isOpen: boolean;
}

/** The lines of a file. Throws InventoryRefused TOO_LARGE for endless ones. */
export async function* linesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<TextLine, void, undefined> {
  let held = '';
  let line = 0;
  for await (const text of textOf(source)) {
    const parts = (held + text).split('\n');
    held = parts.pop() ?? '';
    if (held.length > limits.inventoryRecordCharactersMax)
      throw new InventoryRefused(
        'TOO_LARGE',
        `Line ${line + parts.length + 1} has more than ${limits.inventoryRecordCharactersMax} characters.`,
      );
    for (const part of parts) {
      line += 1;
      yield { text: part.endsWith('\r') ? part.slice(0, -1) : part, line, isOpen: false };
    }
  }
  if (held !== '') yield { text: held, line: line + 1, isOpen: true };
}
