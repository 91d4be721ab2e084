import { limits } from '../limits.ts';
import { InventoryRefused } from './importer.ts';

/** What an XML document holds, in its order. Names have no name space prefix. */
export type XmlPiece =
  | { readonly kind: 'record'; readonly text: string; readonly path: readonly string[] }
  /** A start tag outside of records, as an element without content. */
  | { readonly kind: 'tag'; readonly text: string; readonly path: readonly string[] };

/** Cuts one XML document into its records and the tags around them. */
export interface XmlCutter {
  write(text: string): readonly XmlPiece[];
  /** The file has ended; says why the document is not whole, if it is not. */
  end(): string | undefined;
}

/** Whether the elements at a path are records. */
export type IsRecord = (path: readonly string[]) => boolean;

interface State {
  readonly isRecord: IsRecord;
  pieces: XmlPiece[];
  /** What was not read yet: the beginning of a tag, or nothing. */
  held: string;
  /** What ends the part that is passed over, and whether its text belongs to the record. */
  until: { readonly mark: string; readonly isKept: boolean } | undefined;
  /** Names of the open elements, with and without prefix. */
  readonly names: string[];
  readonly path: string[];
  record: string[] | undefined;
  recordLength: number;
  /** How many elements are open around the record. */
  recordDepth: number;
  hasRoot: boolean;
  fault: string | undefined;
}

/**
 * A cutter of UTF-16 text. Comments and processing instructions are dropped. It checks that elements are closed in
 * order, which is how one knows that a document is whole: XML parsers take cut-off documents for good ones. Throws
 * InventoryRefused UNSAFE_XML for internal definitions and for shapes that only an attacker writes, TOO_LARGE.
 */
export function openXmlCutter(isRecord: IsRecord): XmlCutter {
  const state: State = {
    isRecord,
    pieces: [],
    held: '',
    until: undefined,
    names: [],
    path: [],
    record: undefined,
    recordLength: 0,
    recordDepth: 0,
    hasRoot: false,
    fault: undefined,
  };
  return {
    write(text) {
      state.pieces = [];
      const all = state.held + text;
      let at = 0;
      while (at < all.length && state.fault === undefined) {
        const next = step(state, all, at);
        if (next === at) break;
        at = next;
      }
      state.held = state.fault === undefined ? all.slice(at) : '';
      return state.pieces;
    },
    end: () => state.fault ?? whyOpen(state),
  };
}

function whyOpen({ names, until, held, hasRoot }: State): string | undefined {
  const isOpen = names.length > 0 || until !== undefined || held !== '';
  if (isOpen) return 'the file is cut off: its elements are not closed';
  return hasRoot ? undefined : 'the file holds no element';
}

/** Reads one piece and gives the place after it; the same place where more text is needed. */
function step(state: State, text: string, at: number): number {
  if (state.until !== undefined) return passOver(state, text, at);
  if (text[at] === '<') return markup(state, text, at);
  const less = text.indexOf('<', at);
  const end = less < 0 ? text.length : less;
  const part = text.slice(at, end);
  if (state.record !== undefined) keep(state, part);
  else if (state.names.length === 0 && /[^\s\ufeff]/.test(part))
    fail(state, 'text stands outside of its root');
  return end;
}

function markup(state: State, text: string, at: number): number {
  const next = text[at + 1];
  if (next === undefined) return at;
  if (next === '?') return passFrom(state, at + 2, { mark: '?>', isKept: false });
  if (next !== '!') return tag(state, text, at);
  const word = text.slice(at, at + 9);
  if (word.startsWith('<!--')) return passFrom(state, at + 4, { mark: '-->', isKept: false });
  if (word === '<![CDATA[') return section(state, at + 9);
  if ('<![CDATA['.startsWith(word) || '<!--'.startsWith(word)) return at;
  return definition(state, text, at);
}

function section(state: State, at: number): number {
  if (state.names.length === 0) fail(state, 'text stands outside of its root');
  if (state.record !== undefined) keep(state, '<![CDATA[');
  return passFrom(state, at, { mark: ']]>', isKept: true });
}

function passFrom(state: State, at: number, until: NonNullable<State['until']>): number {
  state.until = until;
  return at;
}

function passOver(state: State, text: string, at: number): number {
  const { mark, isKept } = state.until as NonNullable<State['until']>;
  const found = text.indexOf(mark, at);
  // What may be the beginning of the mark stays.
  const end = found < 0 ? Math.max(at, text.length - mark.length + 1) : found + mark.length;
  if (isKept && state.record !== undefined) keep(state, text.slice(at, end));
  if (found >= 0) state.until = undefined;
  return end;
}

/** Only a document type that points to a definition elsewhere, which nobody reads, and only before the root. */
function definition(state: State, text: string, at: number): number {
  const end = text.indexOf('>', at);
  const part = text.slice(at, end < 0 ? text.length : end + 1);
  if (/^<!(ENTITY|ELEMENT|ATTLIST|NOTATION)/i.test(part) || part.includes('['))
    throw unsafe('declares entities or other markup of its own');
  if (end < 0) return tooLong(part, at);
  if (!/^<!DOCTYPE\s/i.test(part) || state.hasRoot) fail(state, 'it holds markup that is no XML');
  return end + 1;
}

function tag(state: State, text: string, at: number): number {
  const end = tagEnd(text, at);
  if (end === undefined) return tooLong(text.slice(at), at);
  const whole = text.slice(at, end);
  const match =
    /^<(\/?)((?:[\p{L}_][\p{L}\p{N}\p{M}_.·-]*:)?([\p{L}_][\p{L}\p{N}\p{M}_.·-]*))(?=[\s/>])/u.exec(whole);
  if (match === null) fail(state, 'a "<" begins no element');
  else {
    const [, slash, name = '', local = ''] = match;
    if (slash === '/') close(state, whole, name);
    else open(state, whole, { name, local });
  }
  return end;
}

/** The place after the `>` that ends the tag; a `>` inside quotes does not. Counts attributes on the way. */
function tagEnd(text: string, at: number): number | undefined {
  let attributes = 0;
  let quote = '';
  // Tags are short: those that are not whole are looked at again, up to their limit.
  for (let i = at + 1; i < text.length; i += 1) {
    const character = text[i] as string;
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '=') attributes += 1;
    else if (character === '>') return i + 1;
    if (attributes > limits.attributesMax)
      throw unsafe(`has an element of more than ${limits.attributesMax} attributes`);
  }
  return undefined;
}

function open(state: State, whole: string, { name, local }: { name: string; local: string }): void {
  if (state.names.length === 0 && state.hasRoot) {
    fail(state, 'a second document follows the first');
    return;
  }
  state.hasRoot = true;
  state.names.push(name);
  state.path.push(local);
  if (state.names.length > limits.nestingMax) throw unsafe(`nests elements deeper than ${limits.nestingMax}`);
  const isEmpty = whole.endsWith('/>');
  if (state.record !== undefined) keep(state, whole);
  else if (state.isRecord(state.path)) {
    state.record = [];
    state.recordDepth = state.names.length;
    keep(state, whole);
  } else {
    const text = isEmpty ? whole : `${whole.slice(0, -1)}/>`;
    state.pieces.push({ kind: 'tag', text, path: [...state.path] });
  }
  if (isEmpty) leave(state);
}

function close(state: State, whole: string, name: string): void {
  const opened = state.names.at(-1);
  if (opened !== name) {
    fail(state, `</${name}> closes ${opened === undefined ? 'nothing' : `<${opened}>`}`);
    return;
  }
  if (state.record !== undefined) keep(state, whole);
  leave(state);
}

function leave(state: State): void {
  if (state.record !== undefined && state.names.length === state.recordDepth) {
    state.pieces.push({ kind: 'record', text: state.record.join(''), path: [...state.path] });
    state.record = undefined;
    state.recordLength = 0;
  }
  state.names.pop();
  state.path.pop();
}

function keep(state: State, part: string): void {
  state.recordLength += part.length;
  if (state.recordLength > limits.inventoryRecordCharactersMax)
    throw new InventoryRefused(
      'TOO_LARGE',
      `One record has more than ${limits.inventoryRecordCharactersMax} characters.`,
    );
  state.record?.push(part);
}

function fail(state: State, reason: string): void {
  state.fault ??= `it is not well-formed XML: ${reason.slice(0, limits.echoedCharactersMax)}`;
}

function tooLong(part: string, at: number): number {
  if (part.length > limits.valueCharactersMax)
    throw unsafe(`has a tag of more than ${limits.valueCharactersMax} characters`);
  return at;
}

function unsafe(what: string): InventoryRefused {
  return new InventoryRefused('UNSAFE_XML', `The XML ${what}; such files are not read.`);
}
