import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  index,
  inet,
  integer,
  pgSequence,
  pgTable,
  primaryKey,
  smallint,
  text,
} from 'drizzle-orm/pg-core';
import { instant } from './types.ts';

/** Numbers the entries of all logs, in the order in which they are committed. */
export const logSequence = pgSequence('log_sequence');

/**
 * The append-only change log. One row holds the entries of one kind that one scan brought to one host;
 * an entry is (sequence, port).
 */
export const changes = pgTable(
  'change',
  {
    sequence: bigint('sequence', { mode: 'number' }).notNull().default(sql`nextval('log_sequence')`),
    addressSpaceId: integer('address_space_id').notNull(),
    address: inet('address').notNull(),
    scannerId: integer('scanner_id').notNull(),
    scanId: bigint('scan_id', { mode: 'number' }).notNull(),
    /** The change code: one bit. */
    kind: smallint('kind').notNull(),
    /** Port keys; null for a change of the host itself. */
    ports: integer('ports').array(),
    baseline: boolean('baseline').notNull(),
    confirmations: smallint('confirmations').notNull(),
    /** Facts before and after, as `core/entry.ts` writes them; null where kind and ports say it all. */
    facts: text('facts'),
    at: instant('at').notNull(),
    observedAt: instant('observed_at'),
    /** Those of the ports that are told as part of one finding instead of one by one. */
    collapsed: integer('collapsed').array(),
    /** The row whose entries (those of `ports`) are taken back. */
    retracts: bigint('retracts', { mode: 'number' }),
    /** Why they are taken back. */
    reason: text('reason'),
    loggedAt: instant('logged_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.addressSpaceId, table.address, table.sequence] }),
    index('change_log').on(table.sequence),
    index('change_by_scan').on(table.scanId, table.sequence),
    index('change_by_time').on(table.at, table.sequence),
    /** Which entries were taken back; retractions are rare. */
    index('change_retractions').on(table.retracts).where(sql`${table.retracts} is not null`),
  ],
);

/** Behind which sequence nothing is missing from the logs: rows up to the highest may have been pruned. */
export const logFloors = pgTable('log_floor', {
  sequence: bigint('sequence', { mode: 'number' }).primaryKey(),
});
