import { type CsvReader, type CsvRecord, openCsvReader } from './csv-records.ts';
import { type InventoryEvent, type InventoryPlace, InventoryRefused } from './importer.ts';
import { noLineEnd, told, unreadable } from './inventory-events.ts';
import { textOf } from './inventory-text.ts';

/** The cells of one row by the names of their columns. */
export type Row = (column: string) => string | undefined;

/** What is made of a table; `row` may throw Unstated. */
export interface TableHandler {
  /** Looks at the names of the columns, in lower case. Throws InventoryRefused where it is another table. */
  readonly columns: (names: readonly string[]) => void;
  readonly row: (row: Row, place: InventoryPlace) => readonly InventoryEvent[];
}

/**
 * Reads a CSV with a header. The separator is the one that the header uses most: comma, semicolon or tab. Gives the
 * events of the handler, and returns why the file is not whole, undefined where it is.
 */
export async function* readTable(
  source: AsyncIterable<Uint8Array>,
  handler: TableHandler,
): AsyncGenerator<InventoryEvent, string | undefined, undefined> {
  let head = '';
  let reader: CsvReader | undefined;
  const table = openTable(handler);
  for await (const text of textOf(source)) {
    if (reader === undefined) {
      head += text;
      if (!/[\r\n]/.test(head.trimStart())) continue;
      reader = openCsvReader(separatorOf(head));
      yield* table(reader.write(head));
      head = '';
    } else yield* table(reader.write(text));
  }
  reader ??= openCsvReader(separatorOf(head));
  yield* table(reader.write(head));
  const { record, isQuoted } = reader.end();
  if (record === undefined) return undefined;
  const reason = isQuoted ? 'the file ends inside of quotes' : noLineEnd;
  yield* table([{ ...record, fault: reason }]);
  return reason;
}

/** The separator of a table that begins so. */
export function separatorOf(head: string): string {
  const [first = ''] = head.trimStart().split(/[\r\n]/, 1);
  const count = (separator: string) => first.split(separator).length;
  return [',', ';', '\t'].reduce((best, each) => (count(each) > count(best) ? each : best));
}

/** The names of the columns of a table that begins so. */
export function columnsIn(head: string): readonly string[] {
  const [first = ''] = head.trimStart().split(/[\r\n]/, 1);
  const [record] = openCsvReader(separatorOf(head)).write(`${first}\n`);
  return (record?.fields ?? []).map(columnName);
}

function openTable({ columns, row }: TableHandler) {
  let header: ReadonlyMap<string, number> | undefined;
  return function* (records: readonly CsvRecord[]): Generator<InventoryEvent, void, undefined> {
    for (const record of records) {
      if (header === undefined) {
        header = readHeader(record);
        columns([...header.keys()]);
        continue;
      }
      const known = header;
      const place = { line: record.line };
      yield* told(place, () => row(cellsOf(record, known), place));
    }
  };
}

function readHeader({ fields, fault }: CsvRecord): ReadonlyMap<string, number> {
  const names = fields.map(columnName);
  if (fault !== undefined || new Set(names).size < names.length)
    throw new InventoryRefused(
      'NOT_AN_INVENTORY',
      `The first line is no header of a table: ${fault ?? 'a column stands there twice'}.`,
    );
  return new Map(names.map((name, index) => [name, index]));
}

function columnName(field: string): string {
  return field.trim().toLowerCase();
}

function cellsOf({ fields, fault }: CsvRecord, header: ReadonlyMap<string, number>): Row {
  if (fault !== undefined) return unreadable(fault);
  if (fields.length !== header.size)
    return unreadable(`it has ${fields.length} fields, the header has ${header.size}`);
  return (column) => fields[header.get(column) ?? -1];
}
