import { limits } from '../limits.ts';
import { growingBytes } from './growing-bytes.ts';

/** One line of a report, without its end (`\n` or `\r\n`). */
export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** Bytes from the beginning of the report. */
  readonly offset: number;
  /** It was longer than a line may be, and is cut there. */
  readonly isCut: boolean;
}

/** Cuts bytes into lines and tells each. */
export interface LineReader {
  write(bytes: Uint8Array): void;
  /** The last line, if bytes follow the last line end. It may have been cut off by whoever wrote the file. */
  end(): Line | undefined;
}

/** Characters that no report of lines has, but a file with holes: NUL and the like; not tab, return and escape. */
export const strangeCharacters = /[\0-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]/;

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** A reader that gives every whole line to `tell`. Invalid UTF-8 becomes U+FFFD. */
export function openLineReader(tell: (line: Line) => void): LineReader {
  const held = growingBytes();
  let view = held.view();
  let scanned = 0;
  let before = 0;
  let number = 1;
  let isOverlong = false;

  const lineOf = (from: number, to: number): Line => {
    const hasReturn = to > from && view[to - 1] === RETURN;
    const isCut = isOverlong || to - from > limits.lineBytesMax;
    const last = isCut ? Math.min(to, from + 1024) : to - (hasReturn ? 1 : 0);
    return { text: view.toString('utf8', from, last), number, offset: before + from, isCut };
  };
  return {
    write(bytes) {
      view = held.append(bytes);
      let at = 0;
      for (let end = view.indexOf(NEWLINE, scanned); end >= 0; end = view.indexOf(NEWLINE, at)) {
        tell(lineOf(at, end));
        isOverlong = false;
        number += 1;
        at = end + 1;
      }
      const rest = view.length - at;
      if (rest > limits.lineBytesMax) {
        isOverlong = true; // What comes is told with the line's end; what came is dropped but for its beginning.
        at += rest - limits.lineBytesMax;
      }
      held.drop(at);
      before += at;
      view = held.view();
      scanned = view.length;
    },
    end() {
      return view.length === 0 ? undefined : lineOf(0, view.length);
    },
  };
}
