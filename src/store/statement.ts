import { type SQL, sql } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import { limits } from '../limits.ts';

const dialect = new PgDialect();

/** The text and parameters of a statement, for a driver. */
export function compile(statement: SQL): { text: string; parameters: unknown[] } {
  const { sql: text, params } = dialect.sqlToQuery(statement);
  return { text, parameters: params };
}

/** The COPY that appends rows to a table. */
export function copyStatement(table: string, columns: readonly string[], from: string): string {
  const name = (identifier: string) => `"${identifier.replaceAll('"', '""')}"`;
  return `copy ${name(table)} (${columns.map(name).join(', ')}) from ${from}`;
}

/**
 * A list as one parameter: `${list(ids, 'integer')}`. Both drivers send it as text, so that neither's idea of
 * array types matters; null stays null.
 */
export function list(values: readonly (string | number | boolean | null)[], type: ListType): SQL {
  const text = `{${values.map(arrayElement).join(',')}}`;
  return sql`${text}::text::${listTypes[type]}`;
}

type ListType = keyof typeof listTypes;

const listTypes = {
  integer: sql`integer[]`,
  bigint: sql`bigint[]`,
  smallint: sql`smallint[]`,
  text: sql`text[]`,
  inet: sql`inet[]`,
  boolean: sql`boolean[]`,
  instant: sql`timestamptz[]`,
  ranges: sql`int4multirange[]`,
} as const;

function arrayElement(value: string | number | boolean | null): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  return String(value);
}

/** One field of a row in COPY's text format. */
export function copyField(value: string | number | boolean | null): string {
  if (value === null) return '\\N';
  if (typeof value !== 'string') return String(value);
  return copySpecial.test(value)
    ? value.replace(copySpecials, (char) => copyEscapes[char] ?? '\ufffd')
    : value;
}

/** A text as the database can hold it: NUL and halves of surrogate pairs become U+FFFD. */
export function storableText(text: string): string {
  return text.replace(/[\0\p{Cs}]/gu, '\ufffd');
}

/** One row in COPY's text format. */
export function copyLine(fields: readonly (string | number | boolean | null)[]): string {
  let text = '';
  let separator = '';
  for (const field of fields) {
    text += separator + copyField(field);
    separator = '\t';
  }
  return `${text}\n`;
}

const copySpecial = /[\\\t\n\r\0]/;
const copySpecials = /[\\\t\n\r\0]/g;

/** NUL is not here: PostgreSQL cannot hold it, so it is written as U+FFFD. */
const copyEscapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
};

/** An instant as PostgreSQL reads it. The rows of one scan have few, so the last texts are kept. */
export function instantText(at: number): string {
  let text = instantTexts.get(at);
  if (text === undefined) {
    text = new Date(at).toISOString();
    if (instantTexts.size >= limits.instantTextsMax) instantTexts.clear();
    instantTexts.set(at, text);
  }
  return text;
}

const instantTexts = new Map<number, string>();
