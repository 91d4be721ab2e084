import { limits } from '../limits.ts';
import { InventoryRefused } from './importer.ts';

const HEAD = 1024; // An XML declaration stands within the first line.

/**
 * The text of an inventory, in pieces. UTF-8 and, by its byte order mark, UTF-16; of XML also what its declaration
 * says. A byte order mark is dropped. Throws InventoryRefused EMPTY, TOO_LARGE or UNSUPPORTED_ENCODING: texts
 * that were guessed wrongly would change names of owners, so nothing is guessed.
 */
export async function* textOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  let decode: Decode | undefined;
  for await (const bytes of pieces(source)) {
    decode ??= decoder(bytes);
    yield decode(bytes);
  }
  if (decode === undefined)
    throw new InventoryRefused('EMPTY', 'The file is empty: that is no way to say that nothing is expected.');
  yield decode();
}

const SMALLEST = 16 << 10; // More than the line in which an XML declaration stands.
const LARGEST = 256 << 10;

/** The same bytes in pieces of a size that is worth looking at, and that fits in memory. */
async function* pieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Uint8Array[] = [];
  let length = 0;
  let total = 0;
  for await (const bytes of source) {
    total += bytes.length;
    if (total > limits.inventoryBytesMax)
      throw new InventoryRefused('TOO_LARGE', `The file is larger than ${limits.inventoryBytesMax} bytes.`);
    held.push(Uint8Array.from(bytes));
    length += bytes.length;
    if (length < SMALLEST) continue;
    yield* slices(Buffer.concat(held));
    held = [];
    length = 0;
  }
  if (length > 0) yield* slices(Buffer.concat(held));
}

function* slices(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += LARGEST) yield bytes.subarray(at, at + LARGEST);
}

/** The beginning of a file as text; for recognising formats. */
export function headText(head: Uint8Array): string {
  try {
    return new TextDecoder(encodingOf(head)).decode(head);
  } catch {
    return Buffer.from(head).toString('latin1');
  }
}

type Decode = (bytes?: Uint8Array) => string;

function decoder(head: Uint8Array): Decode {
  const encoding = encodingOf(head);
  const platform = openDecoder(encoding);
  return (bytes) => {
    try {
      return bytes === undefined ? platform.decode() : platform.decode(bytes, { stream: true });
    } catch (cause) {
      // A character that is cut off at the end is the end's affair: whoever reads the format notices.
      if (bytes === undefined) return '\ufffd';
      throw new InventoryRefused(
        'UNSUPPORTED_ENCODING',
        `The file holds bytes that are not ${encoding.toUpperCase()}; save it as UTF-8.`,
        { cause },
      );
    }
  };
}

function openDecoder(encoding: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch (cause) {
    throw new InventoryRefused('UNSUPPORTED_ENCODING', `The encoding "${encoding}" cannot be read.`, {
      cause,
    });
  }
}

function encodingOf(head: Uint8Array): string {
  const [a, b, c, d] = head;
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === 0x3c && b === 0 && c !== 0 && d === 0) return 'utf-16le';
  if (a === 0 && b === 0x3c && c === 0 && d !== 0) return 'utf-16be';
  const text = Buffer.from(head.subarray(0, HEAD)).toString('latin1');
  const declared = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(
    text.replace(/^\xef\xbb\xbf/, ''),
  );
  const name = declared?.[1]?.toLowerCase() ?? 'utf-8';
  // A declaration of UTF-16 that can be read byte by byte is wrong; so are the many that say ASCII.
  return /^(utf-?16(le|be)?|us-ascii|ascii)$/.test(name) ? 'utf-8' : name;
}
