/** Which elements of a document are cut out as records. */
export interface XmlShape {
  /** Elements whose records are cut out as a whole. */
  readonly records: readonly string[];
  /** Those of them that may hold others of their own name. */
  readonly nested?: readonly string[];
  /** Elements that are skipped with all they hold. */
  readonly skipped?: readonly string[];
  /** The root, where several documents may follow one another. */
  readonly document?: string;
}

/** nmap's report: everything but its hosts is a matter of single tags. */
export const nmapShape: XmlShape = { records: ['host'], skipped: ['hosthint'], document: 'nmaprun' };

/** How a record of one element begins and ends. */
export interface RecordKind {
  readonly name: string;
  readonly end: Buffer;
  readonly mayNest: boolean;
}

/** The kinds of records of a shape. */
export function kindsOf(shape: XmlShape): readonly RecordKind[] {
  return shape.records.map((name) => ({
    name,
    end: Buffer.from(`</${name}>`),
    mayNest: shape.nested?.includes(name) === true,
  }));
}

/** The kind of the record whose start tag is here. */
export function kindAt(kinds: readonly RecordKind[], view: Buffer, at: number): RecordKind | undefined {
  const first = view[at + 1];
  for (const kind of kinds) {
    if (kind.end[2] === first && isStartOf(view, at, kind.name)) return kind;
  }
  return undefined;
}

/** Whether too few bytes are there to tell a record from another element. */
export function mayBecomeRecord(kinds: readonly RecordKind[], view: Buffer, at: number): boolean {
  const length = view.length - at - 1;
  if (length > namesMax) return false;
  return kinds.some(
    ({ name }) => length <= name.length && view.toString('latin1', at + 1) === name.slice(0, length),
  );
}

const namesMax = 64;

/** Whether a start tag of this name is here. */
export function isStartOf(view: Buffer, at: number, name: string): boolean {
  for (let i = 0; i < name.length; i += 1) {
    if (view[at + 1 + i] !== name.charCodeAt(i)) return false;
  }
  const after = view[at + 1 + name.length];
  return (
    after === 0x20 || after === MORE || after === 0x0a || after === 0x0d || after === 0x09 || after === SLASH
  );
}

/** Whether these bytes are here. */
export function startsWith(view: Buffer, bytes: Buffer, at: number): boolean {
  for (let i = 0; i < bytes.length; i += 1) {
    if (view[at + i] !== bytes[i]) return false;
  }
  return true;
}

const MORE = 0x3e;
const SLASH = 0x2f;
