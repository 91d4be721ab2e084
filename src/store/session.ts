import type { SQL } from 'drizzle-orm';

/** One row, by column name. Instants arrive as PostgreSQL's text, 64-bit numbers as numbers. */
export type Row = Readonly<Record<string, unknown>>;

/** What a statement can be run on: the database, or one transaction. */
export interface Session {
  /** Runs one statement and gives its rows. */
  rows<R extends object = Row>(statement: SQL): Promise<R[]>;
  /** Appends rows in COPY's text format. */
  copy(target: CopyTarget, text: CopyText): Promise<void>;
  /** Runs the work in a transaction of its own; inside of one, behind a savepoint. Rolled back when it throws. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
}

/** Rows in COPY's text format, as text or as its bytes in UTF-8. */
export type CopyText = string | Uint8Array<ArrayBuffer>;

/** Table and columns of a COPY. Both are names from the program's own source. */
export interface CopyTarget {
  readonly table: string;
  readonly columns: readonly string[];
}

/** PostgreSQL or PGlite behind one type. */
export interface Database extends Session {
  readonly kind: 'postgres' | 'pglite';
  /** Calls back after every commit that woke the channel, by any process; also after a lost connection came back. */
  listen(onWake: () => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
