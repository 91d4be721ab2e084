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
  real,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import { addressSpaces } from './address-spaces.ts';
import { scannerGroups } from './scanner-groups.ts';
import { instant } from './types.ts';

/** CMDBs and people that declare what should be in an address space. */
export const targetSources = pgTable('target_source', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  addressSpaceId: integer('address_space_id')
    .notNull()
    .references(() => addressSpaces.id),
  name: text('name').notNull().unique(),
  description: text('description').notNull().default(''),
  priority: integer('priority').notNull().default(0),
  /** Networks that it may speak of; null for the whole address space. */
  networks: text('networks').array(),
  deleteShare: real('delete_share').notNull().default(0.3),
  /** Counts imports that changed something. */
  revision: integer('revision').notNull().default(0),
  externalRevision: text('external_revision'),
  createdAt: instant('created_at').notNull(),
  importedAt: instant('imported_at'),
  /** Names what the last import asked for, where all of it is what stands since `importedRevision`. */
  importedHash: text('imported_hash'),
  importedRevision: integer('imported_revision'),
  /** Statements that it named. */
  importedCount: integer('imported_count'),
});

/** Imports that changed something. */
export const targetRevisions = pgTable(
  'target_revision',
  {
    sourceId: integer('source_id')
      .notNull()
      .references(() => targetSources.id),
    number: integer('number').notNull(),
    mode: text('mode').notNull(),
    at: instant('at').notNull(),
    actor: text('actor'),
    reason: text('reason'),
    externalRevision: text('external_revision'),
    counts: jsonb('counts').notNull(),
  },
  (table) => [primaryKey({ columns: [table.sourceId, table.number] })],
);

/** What was answered to an import with an idempotency key. */
export const targetAnswers = pgTable(
  'target_answer',
  {
    sourceId: integer('source_id')
      .notNull()
      .references(() => targetSources.id),
    key: text('key').notNull(),
    /** SHA-256 of the inventory and of what was asked of it. */
    contentHash: text('content_hash').notNull(),
    result: jsonb('result').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.sourceId, table.key] })],
);

/**
 * Declared intentions, one row for each range of ports. A row stands from one revision of its source up to, and
 * without, another; rows are never changed.
 */
export const targetStatements = pgTable(
  'target_statement',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    sourceId: integer('source_id')
      .notNull()
      .references(() => targetSources.id),
    addressSpaceId: integer('address_space_id').notNull(),
    externalId: text('external_id').notNull(),
    /** `host`, `cidr`, `group` or `all`. */
    selectorKind: text('selector_kind').notNull(),
    /** The host or network. */
    network: cidr('network'),
    hostGroup: text('host_group'),
    /** The view; null for any. */
    scannerGroupId: integer('scanner_group_id').references(() => scannerGroups.id),
    /** Port keys, both included; null where it is about the host. */
    firstPort: integer('first_port'),
    lastPort: integer('last_port'),
    expect: text('expect').notNull(),
    service: text('service'),
    owner: text('owner'),
    ticket: text('ticket'),
    description: text('description'),
    validFrom: instant('valid_from'),
    validUntil: instant('valid_until'),
    locked: boolean('locked').notNull(),
    origin: text('origin').notNull(),
    sinceRevision: integer('since_revision').notNull(),
    since: instant('since').notNull(),
    /** The first revision without it; null for what stands. */
    untilRevision: integer('until_revision'),
    until: instant('until'),
  },
  (table) => [
    index('target_statement_of_source').on(table.sourceId, table.externalId),
    index('target_statement_by_source')
      .on(table.sourceId, table.id)
      .where(sql`${table.untilRevision} is null`),
    index('target_statement_standing')
      .on(table.addressSpaceId, table.id)
      .where(sql`${table.untilRevision} is null`),
  ],
);

/** Which addresses belong to which host group, as a source declares it. */
export const hostGroupMembers = pgTable(
  'host_group_member',
  {
    sourceId: integer('source_id')
      .notNull()
      .references(() => targetSources.id),
    addressSpaceId: integer('address_space_id').notNull(),
    hostGroup: text('host_group').notNull(),
    address: inet('address').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.sourceId, table.hostGroup, table.address] }),
    index('host_group_member_of_space').on(table.addressSpaceId),
  ],
);

/** What undeclared ports and hosts are, and how old evidence may be. */
export const targetPolicies = pgTable(
  'target_policy',
  {
    id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
    addressSpaceId: integer('address_space_id')
      .notNull()
      .references(() => addressSpaces.id),
    /** Address, network, `group:name` or `*`. */
    selector: text('selector').notNull(),
    scannerGroupId: integer('scanner_group_id').references(() => scannerGroups.id),
    undeclaredPorts: text('undeclared_ports').notNull(),
    undeclaredHosts: text('undeclared_hosts').notNull(),
    assessServices: boolean('assess_services').notNull().default(false),
    staleAfterSeconds: integer('stale_after_seconds'),
  },
  (table) => [
    unique('target_policy_place')
      .on(table.addressSpaceId, table.selector, table.scannerGroupId)
      .nullsNotDistinct(),
  ],
);

/** Another number after each change to the target of an address space: a copy in memory is the present one, or not. */
export const targetStamps = pgTable('target_stamp', {
  addressSpaceId: integer('address_space_id')
    .primaryKey()
    .references(() => addressSpaces.id),
  stamp: bigint('stamp', { mode: 'number' }).notNull(),
});

/** Imports that were planned and wait to be applied. */
export const targetPlans = pgTable('target_plan', {
  hash: text('hash').primaryKey(),
  sourceId: integer('source_id')
    .notNull()
    .references(() => targetSources.id),
  /** The request and the rows that were read, packed, as `pipeline/target-plans.ts` writes them. */
  payload: text('payload').notNull(),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
});
