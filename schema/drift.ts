import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  cidr,
  index,
  inet,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import { addressSpaces } from './address-spaces.ts';
import { scannerGroups } from './scanner-groups.ts';
import { instant } from './types.ts';

/** Deviations of what is from what should be, each through all its episodes. */
export const driftItems = pgTable(
  'drift_item',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    addressSpaceId: integer('address_space_id').notNull(),
    scannerGroupId: integer('scanner_group_id').notNull(),
    address: inet('address').notNull(),
    /** Port key; -1 where it is about the host. */
    port: integer('port').notNull(),
    /** `missing` or `excess`. */
    side: text('side').notNull(),
    kind: text('kind').notNull(),
    /** `open` or `resolved`. */
    state: text('state').notNull(),
    episode: integer('episode').notNull(),
    firstOpenedAt: instant('first_opened_at').notNull(),
    openedAt: instant('opened_at').notNull(),
    openedBy: text('opened_by').notNull(),
    resolvedAt: instant('resolved_at'),
    resolvedBy: text('resolved_by'),
    scanId: bigint('scan_id', { mode: 'number' }),
    statementId: bigint('statement_id', { mode: 'number' }),
    owner: text('owner'),
    ticket: text('ticket'),
    acknowledgedAt: instant('acknowledged_at'),
    acknowledgedBy: text('acknowledged_by'),
    note: text('note'),
    unverifiableReason: text('unverifiable_reason'),
    unverifiableSince: instant('unverifiable_since'),
    flapping: boolean('flapping').notNull(),
  },
  (table) => [
    unique('drift_item_place').on(
      table.addressSpaceId,
      table.scannerGroupId,
      table.address,
      table.port,
      table.side,
    ),
    index('drift_item_open')
      .on(table.scannerGroupId, table.address, table.port, table.side)
      .where(sql`${table.state} = 'open'`),
  ],
);

/** Hosts of a view that must be assessed again although nothing new is known of them. */
export const driftWatches = pgTable(
  'drift_watch',
  {
    addressSpaceId: integer('address_space_id').notNull(),
    scannerGroupId: integer('scanner_group_id').notNull(),
    address: inet('address').notNull(),
    /** Something of it is unknown: a scan that covers it in a new way may tell. */
    unknown: boolean('unknown').notNull(),
    /** Scanners of the view say different things of it: any scan that covers it may decide. */
    contested: boolean('contested').notNull(),
    /** When a statement begins or ends to hold, or evidence gets stale; null where only a scan can tell. */
    dueAt: instant('due_at'),
  },
  (table) => [
    primaryKey({ columns: [table.addressSpaceId, table.scannerGroupId, table.address] }),
    index('drift_watch_due').on(table.dueAt).where(sql`${table.dueAt} is not null`),
  ],
);

/** The append-only drift log; numbered with the other logs. */
export const driftEvents = pgTable(
  'drift_event',
  {
    sequence: bigint('sequence', { mode: 'number' }).primaryKey().default(sql`nextval('log_sequence')`),
    kind: text('kind').notNull(),
    at: instant('at').notNull(),
    cause: text('cause').notNull(),
    addressSpaceId: integer('address_space_id').notNull(),
    /** Null for an import as a whole. */
    itemId: bigint('item_id', { mode: 'number' }),
    /** The item's kind and episode then. */
    driftKind: text('drift_kind'),
    episode: integer('episode'),
    /** Why nothing can be said of it. */
    reason: text('reason'),
    scanId: bigint('scan_id', { mode: 'number' }),
    sourceId: integer('source_id'),
    revision: integer('revision'),
    /** Of an import as a whole. */
    counts: jsonb('counts'),
  },
  (table) => [
    index('drift_event_of_item').on(table.itemId, table.sequence),
    index('drift_event_by_time').on(table.at, table.sequence),
  ],
);

/** Drift that somebody accepts until a date. */
export const waivers = pgTable('waiver', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  addressSpaceId: integer('address_space_id')
    .notNull()
    .references(() => addressSpaces.id),
  scannerGroupId: integer('scanner_group_id').references(() => scannerGroups.id),
  network: cidr('network').notNull(),
  /** As `formatPortSet` writes it; null for every port and the host itself. */
  ports: text('ports'),
  /** The same for SQL. */
  portRanges: text('port_ranges'),
  side: text('side'),
  kind: text('kind'),
  reason: text('reason').notNull(),
  owner: text('owner').notNull(),
  ticket: text('ticket'),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
  revokedAt: instant('revoked_at'),
  /** Its end was told. */
  ended: boolean('ended').notNull().default(false),
});
