import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import { addressSpaces } from './address-spaces.ts';
import { scanners } from './scanners.ts';
import { instant } from './types.ts';

/** Finished or broken-off runs of scanners. An unchanged re-scan is one row here and nothing else. */
export const scans = pgTable(
  'scan',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    addressSpaceId: integer('address_space_id')
      .notNull()
      .references(() => addressSpaces.id),
    scannerId: integer('scanner_id')
      .notNull()
      .references(() => scanners.id),
    /** SHA-256 of the uncompressed report, hexadecimal: the same report twice is one scan. */
    digest: text('digest').notNull(),
    /** `applied`, `held` or `discarded`; only applied scans count. */
    status: text('status').notNull(),
    at: instant('at').notNull(),
    receivedAt: instant('received_at').notNull(),
    complete: boolean('complete').notNull(),
    /** What the report says about itself and what became of it, as `core/scan.ts` defines. */
    receipt: jsonb('receipt').notNull(),
  },
  (table) => [
    unique('scan_report').on(table.scannerId, table.digest),
    index('scan_timeline').on(table.scannerId, table.at, table.digest),
    index('scan_by_time').on(table.at, table.id),
  ],
);

/** How scans looked at hosts; equal profiles are one row. */
export const profiles = pgTable('profile', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  digest: text('digest').notNull().unique(),
  ports: text('ports').notNull(),
  names: boolean('names').notNull(),
  status: boolean('status').notNull(),
  complete: boolean('complete').notNull(),
  absent: text('absent').notNull(),
});

/** Sets of addresses that scans covered; equal sets are one row. */
export const addressSets = pgTable('address_set', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  digest: text('digest').notNull().unique(),
  /** As `formatAddressSet` writes it, joined by commas. */
  ranges: text('ranges').notNull(),
});

/** What each scan covered: a set of addresses, looked at under one profile. */
export const looks = pgTable(
  'look',
  {
    scanId: bigint('scan_id', { mode: 'number' })
      .notNull()
      .references(() => scans.id),
    scannerId: integer('scanner_id').notNull(),
    profileId: integer('profile_id')
      .notNull()
      .references(() => profiles.id),
    addressSetId: integer('address_set_id')
      .notNull()
      .references(() => addressSets.id),
  },
  (table) => [
    primaryKey({ columns: [table.scanId, table.profileId, table.addressSetId] }),
    index('look_by_scanner').on(table.scannerId, table.scanId),
  ],
);

/** What happened to scans and their scanners, in the order of the log. */
export const scanEvents = pgTable('scan_event', {
  sequence: bigint('sequence', { mode: 'number' }).primaryKey().default(sql`nextval('log_sequence')`),
  /** Null where the event is about a scanner that has no scan. */
  scanId: bigint('scan_id', { mode: 'number' }).references(() => scans.id),
  /** Null where the scan says it. */
  scannerId: integer('scanner_id'),
  kind: text('kind').notNull(),
  at: instant('at').notNull(),
  /** What the kind wants to tell besides, as `core/scan-event.ts` defines. */
  details: jsonb('details'),
});
