import { limits } from '../limits.ts';
import { ReportRefused } from './agent.ts';
import { growingBytes } from './growing-bytes.ts';
import {
  isStartOf,
  kindAt,
  kindsOf,
  mayBecomeRecord,
  nmapShape,
  type RecordKind,
  startsWith,
  type XmlShape,
} from './xml-shape.ts';
import { readTag, type XmlTag } from './xml-tag.ts';

/** One record as it stands in the file. */
export interface RawRecord {
  /** Valid until the next bytes are written. */
  readonly bytes: Buffer;
  /** Bytes from the beginning of the document. */
  readonly offset: number;
  /** It holds comments, CDATA sections or processing instructions, which nmap never writes there. */
  readonly irregular: boolean;
}

/** Who is told what a document holds, in its order. */
export interface XmlPieces {
  /** A tag outside of host records. */
  readonly tag: (tag: XmlTag, offset: number) => void;
  readonly record: (record: RawRecord) => void;
  /** A host record that cannot be had as a whole. */
  readonly lost: (offset: number, reason: string) => void;
  /** Something that is neither a tag nor white space. */
  readonly junk: (offset: number) => void;
}

/** Cuts the bytes of a document (UTF-8) into tags and records. */
export interface XmlSplitter {
  write(bytes: Uint8Array): void;
  /** The document has ended; says what was cut off, if anything. */
  end(): string | undefined;
}

/** Where the search for the end of an irregular record stands. */
interface CarefulSearch {
  at: number;
  /** Records of the same name that are open within this one. */
  inside: number;
  until: Buffer | undefined;
  /** What was found is not the end of the record but the beginning of another document. */
  isCut: boolean;
}

interface State {
  readonly pieces: XmlPieces;
  readonly kinds: readonly RecordKind[];
  readonly skipped: ReadonlyMap<string, Buffer>;
  readonly document: string | undefined;
  /** The kind of the record at `at`. */
  kind: RecordKind | undefined;
  /** All bytes that are held. */
  view: Buffer;
  /** Where reading goes on in `view`. */
  at: number;
  /** Bytes of the document before `view`. */
  before: number;
  /** Up to where the piece at `at` was searched in vain. */
  scanned: number;
  /** What ends the part that is being skipped. */
  until: Buffer | undefined;
  /** The quote that is open in the tag at `at`. */
  quote: number;
  /** Where the record at `at` was found to be irregular: the careful search stands here. */
  careful: CarefulSearch | undefined;
  depth: number;
  /** The next `!` and `?` at or after the last place asked for. */
  readonly marks: { bang: number; question: number };
}

const LESS = 0x3c;
const MORE = 0x3e;
const SLASH = 0x2f;
const BANG = 0x21;
const QUESTION = 0x3f;
const MIN = 10; // Enough bytes to tell the pieces apart.
const commentEnd = Buffer.from('-->');
const sectionEnd = Buffer.from(']]>');
const instructionEnd = Buffer.from('?>');

/**
 * A splitter that reports to `pieces`. Comments, CDATA sections, processing instructions and what the shape skips
 * are passed over in whatever size; records and tags are held as a whole up to a limit. Time is linear in the bytes,
 * whatever the size of the chunks. Throws ReportRefused UNSAFE_XML for an internal DTD subset.
 */
export function openSplitter(pieces: XmlPieces, shape: XmlShape = nmapShape): XmlSplitter {
  const held = growingBytes();
  const marks = { bang: -1, question: -1 };
  const state: State = {
    pieces,
    kinds: kindsOf(shape),
    skipped: new Map(shape.skipped?.map((name) => [name, Buffer.from(`</${name}>`)])),
    document: shape.document,
    kind: undefined,
    view: held.view(),
    at: 0,
    before: 0,
    scanned: 0,
    until: undefined,
    quote: 0,
    careful: undefined,
    depth: 0,
    marks,
  };
  return {
    write(bytes) {
      held.drop(state.at);
      shift(state, state.at);
      state.view = held.append(bytes);
      while (step(state, false));
    },
    end() {
      while (step(state, true));
      if (state.until !== undefined) return 'it ends inside a comment or another part that is not closed';
      return state.at < state.view.length ? 'it ends inside an element' : undefined;
    },
  };
}

/** The beginning of `view` was dropped: all places move. */
function shift(state: State, count: number): void {
  state.before += count;
  state.at = 0;
  state.scanned = Math.max(0, state.scanned - count);
  if (state.careful !== undefined) state.careful.at -= count;
  state.marks.bang = -1;
  state.marks.question = -1;
}

/** Reads one piece; false where more bytes are needed. */
function step(state: State, last: boolean): boolean {
  if (state.until !== undefined) return skip(state, state.until);
  const { view } = state;
  const less = view.indexOf(LESS, state.at);
  const textEnd = less < 0 ? view.length : less;
  const ink = firstInk(view, state.at, textEnd);
  // Text inside an element (a script's output) is its own affair.
  if (ink < textEnd && state.depth === 0) state.pieces.junk(state.before + ink);
  else if (ink < textEnd) tellHoles(state, ink, textEnd);
  if (textEnd > state.at) move(state, textEnd);
  if (less < 0) return false;
  if (view.length - less < MIN && !(last && view.length - less > 1)) return false;

  const code = view[less + 1] as number;
  if (code === QUESTION) return skipFrom(state, less + 2, instructionEnd);
  if (code === BANG) return declaration(state);
  state.kind = kindAt(state.kinds, view, less);
  if (state.kind === undefined && !last && mayBecomeRecord(state.kinds, view, less)) return false;
  if (state.kind !== undefined) return record(state, state.kind);
  if (code === SLASH || isNameStart(code)) return tag(state);
  state.pieces.junk(state.before + less);
  move(state, less + 1);
  return true;
}

function move(state: State, to: number): void {
  state.at = to;
  state.scanned = to;
  state.quote = 0;
  state.careful = undefined;
}

function skipFrom(state: State, from: number, until: Buffer): boolean {
  move(state, from);
  state.until = until;
  return true;
}

function skip(state: State, until: Buffer): boolean {
  const found = state.view.indexOf(until, state.at);
  tellHoles(state, state.at, found < 0 ? state.view.length : found);
  if (found < 0) {
    state.at = Math.max(state.at, state.view.length - until.length + 1);
    return false;
  }
  state.until = undefined;
  move(state, found + until.length);
  return true;
}

/** A file with holes may have lost the end of what is skipped. */
function tellHoles({ view, before, pieces }: State, from: number, to: number): void {
  const hole = view.subarray(from, to).indexOf(0);
  if (hole >= 0) pieces.junk(before + from + hole);
}

function declaration(state: State): boolean {
  const { view, at } = state;
  if (view[at + 2] === 0x2d && view[at + 3] === 0x2d) return skipFrom(state, at + 4, commentEnd);
  const word = view.toString('latin1', at, at + 9);
  if (word === '<![CDATA[') return skipFrom(state, at + 9, sectionEnd);
  if (word.toUpperCase() !== '<!DOCTYPE') return strangeDeclaration(state, word);
  const end = view.indexOf(MORE, state.scanned);
  const subset = view.subarray(state.scanned, end < 0 ? view.length : end).indexOf(0x5b);
  if (subset >= 0) throw unsafe('has an internal document type definition');
  if (end < 0) {
    state.scanned = view.length;
    return tooLong(state, 'a document type declaration');
  }
  move(state, end + 1);
  return true;
}

function strangeDeclaration(state: State, word: string): boolean {
  if (/^<!(ENTITY|ELEMENT|ATTLIST|NOTATIO)/i.test(word))
    throw unsafe('declares entities or other markup of its own');
  state.pieces.junk(state.before + state.at);
  move(state, state.at + 2);
  return true;
}

function tag(state: State): boolean {
  const end = tagEnd(state);
  if (end < 0) return tooLong(state, 'a tag');
  const { view, at, pieces } = state;
  const offset = state.before + at;
  const text = view.toString('utf8', at, end);
  const read = text.includes('\0') ? undefined : readTag(text, 0);
  move(state, end);
  if (read === undefined) {
    pieces.junk(offset);
    return true;
  }
  nest(state, read);
  pieces.tag(read, offset);
  const skippedTo = read.kind === 'start' ? state.skipped.get(read.name) : undefined;
  if (skippedTo !== undefined) {
    state.depth -= 1;
    state.until = skippedTo;
  }
  return true;
}

/** The place after the `>` that ends the tag; a `>` inside quotes does not. -1 where it is not there yet. */
function tagEnd(state: State): number {
  const { view } = state;
  for (let i = Math.max(state.scanned, state.at + 1); i < view.length; i += 1) {
    const code = view[i] as number;
    if (state.quote !== 0) {
      if (code === state.quote) state.quote = 0;
    } else if (code === 0x22 || code === 0x27) {
      state.quote = code;
    } else if (code === MORE) {
      return i + 1;
    }
  }
  state.scanned = view.length;
  return -1;
}

function nest(state: State, { name, kind }: XmlTag): void {
  if (name === state.document) state.depth = 0;
  else if (kind === 'start') state.depth += 1;
  else if (kind === 'end') state.depth = Math.max(0, state.depth - 1);
  if (state.depth > limits.nestingMax) throw unsafe(`nests elements deeper than ${limits.nestingMax}`);
}

function tooLong(state: State, what: string): boolean {
  if (state.view.length - state.at <= limits.recordBytesMax) return false;
  throw new ReportRefused('TOO_LARGE', `The file holds ${what} of more than ${limits.recordBytesMax} bytes.`);
}

function record(state: State, kind: RecordKind): boolean {
  const end = recordEnd(state, kind);
  if (end < 0 && state.view.length - state.at <= limits.recordBytesMax) return false;
  const offset = state.before + state.at;
  if (end < 0) {
    state.pieces.lost(offset, `the ${kind.name} record is larger than ${limits.recordBytesMax} bytes`);
    return skipFrom(state, Math.max(state.at, state.view.length - kind.end.length + 1), kind.end);
  }
  if (state.careful?.isCut === true) {
    state.pieces.lost(offset, `the ${kind.name} record ends where another document begins`);
  } else {
    const irregular = state.careful !== undefined;
    state.pieces.record({ bytes: state.view.subarray(state.at, end), offset, irregular });
  }
  move(state, end);
  return true;
}

/** The place after the record at `at`, or the place where a new document begins within it; -1 if not there yet. */
function recordEnd(state: State, kind: RecordKind): number {
  if (state.careful !== undefined) return carefulEnd(state, state.careful, kind);
  const { view, at } = state;
  if (state.scanned === at) {
    const start = view.indexOf(MORE, at);
    if (start >= 0 && view[start - 1] === SLASH) return start + 1;
    if (start < 0) return -1;
  }
  const found = view.indexOf(kind.end, Math.max(at, state.scanned - kind.end.length + 1));
  if (found < 0) {
    state.scanned = view.length;
    return -1;
  }
  if (!kind.mayNest && !holdsMarkup(state, at, found)) return found + kind.end.length;
  state.careful = { at: at + 1 + kind.name.length, inside: 0, until: undefined, isCut: false };
  return carefulEnd(state, state.careful, kind);
}

/** Whether `<!` or `<?` stands between the two places. */
function holdsMarkup(state: State, from: number, to: number): boolean {
  const { view, marks } = state;
  if (marks.bang < from) marks.bang = nextMark(view, BANG, from);
  if (marks.question < from) marks.question = nextMark(view, QUESTION, from);
  return marks.bang < to || marks.question < to;
}

/** The first `<!` or `<?` (place of its second byte) at or after a place; beyond the view where there is none. */
function nextMark(view: Buffer, mark: number, from: number): number {
  for (let i = view.indexOf(mark, from); i >= 0; i = view.indexOf(mark, i + 1)) {
    if (view[i - 1] === LESS) return i;
  }
  return view.length;
}

/** Searches the end tag outside of comments, CDATA sections, processing instructions and records within. */
function carefulEnd(state: State, careful: CarefulSearch, kind: RecordKind): number {
  const { view } = state;
  const needed = Math.max(MIN, kind.end.length);
  for (;;) {
    if (careful.until !== undefined && !skipCarefully(view, careful, careful.until)) return -1;
    const less = view.indexOf(LESS, careful.at);
    careful.at = less < 0 ? view.length : less;
    if (less < 0) return -1;
    if (startsWith(view, kind.end, less)) {
      if (careful.inside === 0) return less + kind.end.length;
      careful.inside -= 1;
    } else {
      if (view.length - less < needed) return -1;
      careful.isCut = isNewDocument(view, less, state.document);
      if (careful.isCut) return less;
      const opened = openedWithin(view, less, kind);
      if (opened === undefined) return -1;
      careful.inside += opened;
      careful.until = skippedBy(view, less);
    }
    careful.at = less + 1;
  }
}

/** Goes behind a part that is skipped; false where its end is not there yet. */
function skipCarefully(view: Buffer, careful: CarefulSearch, until: Buffer): boolean {
  const found = view.indexOf(until, careful.at);
  careful.until = found < 0 ? until : undefined;
  careful.at = found < 0 ? Math.max(careful.at, view.length - until.length + 1) : found + until.length;
  return found >= 0;
}

/** How many records of the same name begin here: 1, 0, or undefined where the tag is not there as a whole. */
function openedWithin(view: Buffer, at: number, { name, mayNest }: RecordKind): number | undefined {
  if (!mayNest || !isStartOf(view, at, name)) return 0;
  const more = view.indexOf(MORE, at);
  return more < 0 ? undefined : view[more - 1] === SLASH ? 0 : 1;
}

/** What ends the comment, CDATA section or processing instruction that begins here. */
function skippedBy(view: Buffer, at: number): Buffer | undefined {
  if (view[at + 1] === QUESTION) return instructionEnd;
  if (view[at + 1] !== BANG) return undefined;
  return view[at + 2] === 0x2d ? commentEnd : sectionEnd;
}

/** Whether an XML declaration, a document type or a report begins here. */
function isNewDocument(view: Buffer, at: number, document: string | undefined): boolean {
  const code = view[at + 1];
  if (code === QUESTION || code === BANG)
    return /^<(\?xml\s|!DOCTYPE)/.test(view.toString('latin1', at, at + 9));
  return document !== undefined && view[at + 1] === document.charCodeAt(0) && isStartOf(view, at, document);
}

/** The first byte that is not white space; `to` where there is none. */
function firstInk(view: Buffer, from: number, to: number): number {
  for (let i = from; i < to; i += 1) {
    const code = view[i] as number;
    if (code !== 0x0a && code !== 0x20 && code !== 0x0d && code !== 0x09) return i;
  }
  return to;
}

function isNameStart(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || code === 0x3a;
}

function unsafe(what: string): ReportRefused {
  return new ReportRefused('UNSAFE_XML', `The XML ${what}; such files are not read.`);
}
