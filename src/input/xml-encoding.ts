import { ReportRefused } from './agent.ts';

/** Turns chunks of one document into chunks of UTF-8. `end` gives what was still held back. */
export interface Transcoder {
  write(bytes: Uint8Array): Uint8Array;
  end(): Uint8Array;
}

const HEAD = 1024; // A declaration stands within the first line; console noise may precede it.

/**
 * A transcoder that looks at the byte order mark, then at the XML declaration (XML 1.0, appendix F). UTF-8
 * passes untouched; other encodings that the platform's TextDecoder knows are decoded.
 * Throws ReportRefused UNSUPPORTED_ENCODING for the rest.
 */
export function openTranscoder(): Transcoder {
  let held: Buffer | undefined = Buffer.alloc(0);
  let chosen: Transcoder | undefined;
  return {
    write(bytes) {
      if (chosen !== undefined) return chosen.write(bytes);
      held = Buffer.concat([held as Buffer, bytes]);
      if (held.length < HEAD) return Buffer.alloc(0);
      chosen = choose(held);
      const first = chosen.write(held);
      held = undefined;
      return first;
    },
    end() {
      if (chosen !== undefined) return chosen.end();
      chosen = choose(held as Buffer);
      return Buffer.concat([chosen.write(held as Buffer), chosen.end()]);
    },
  };
}

/** The name of the encoding of a file that begins with these bytes, in the words of the Encoding Standard. */
export function encodingOf(head: Uint8Array): string {
  const [a, b, c, d] = head;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === 0x3c && b === 0 && c !== 0 && d === 0) return 'utf-16le';
  if (a === 0 && b === 0x3c && c === 0 && d !== 0) return 'utf-16be';
  const text = Buffer.from(head.subarray(0, HEAD)).toString('latin1');
  const declared = /<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(text)?.[1]?.toLowerCase();
  // A declaration of UTF-16 that can be read byte by byte is wrong; so are the many that say ASCII.
  if (declared === undefined || /^(utf-?16(le|be)?|us-ascii|ascii)$/.test(declared)) return 'utf-8';
  return declared;
}

/** The beginning of a file as text, whatever its encoding; for recognising formats. */
export function headText(head: Uint8Array): string {
  try {
    return new TextDecoder(encodingOf(head)).decode(head);
  } catch {
    return Buffer.from(head).toString('latin1');
  }
}

function choose(head: Buffer): Transcoder {
  const encoding = encodingOf(head);
  if (encoding === 'utf-8' || encoding === 'utf8') return passThrough();
  const decoder = decoderFor(encoding);
  return {
    write: (bytes) => Buffer.from(decoder.decode(bytes, { stream: true })),
    end: () => Buffer.from(decoder.decode()),
  };
}

function passThrough(): Transcoder {
  return { write: (bytes) => bytes, end: () => Buffer.alloc(0) };
}

function decoderFor(encoding: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(encoding);
  } catch (cause) {
    throw new ReportRefused('UNSUPPORTED_ENCODING', `The encoding "${encoding}" cannot be read.`, { cause });
  }
}
