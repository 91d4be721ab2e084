import { sql } from 'drizzle-orm';
import { bigint, boolean, index, inet, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant, portRanges } from './types.ts';

/** The settled state of a host for one scanner. */
export const hostStates = pgTable(
  'host_state',
  {
    addressSpaceId: integer('address_space_id').notNull(),
    address: inet('address').notNull(),
    scannerId: integer('scanner_id').notNull(),
    /** `down` (pending, never up), `up` or `gone`. */
    status: text('status').notNull(),
    names: text('names').array().notNull(),
    /** Settled open ports as port keys (protocol << 16 | port); empty where `open_ranges` stands instead. */
    open: integer('open').array().notNull(),
    openRanges: portRanges('open_ranges'),
    /** Port keys of the other endpoints that are kept: once open and now not, or about to open. */
    shut: integer('shut').array().notNull(),
    /** A contradiction is being counted. */
    pending: boolean('pending').notNull(),
    /** The whole state, as `encodeState` writes it. */
    state: text('state').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.addressSpaceId, table.address, table.scannerId] }),
    index('host_state_open').using('gin', table.open),
    index('host_state_wide')
      .on(table.addressSpaceId, table.address)
      .where(sql`${table.openRanges} is not null`),
    index('host_state_shut').using('gin', table.shut).where(sql`${table.shut} <> '{}'`),
    index('host_state_by_scanner').on(table.scannerId, table.address),
  ],
);

/** Raw content of a host that holds from one scan on, until the next run of the same profile. */
export const hostRuns = pgTable(
  'host_run',
  {
    addressSpaceId: integer('address_space_id').notNull(),
    address: inet('address').notNull(),
    scannerId: integer('scanner_id').notNull(),
    profileId: integer('profile_id').notNull(),
    scanId: bigint('scan_id', { mode: 'number' }).notNull(),
    at: instant('at').notNull(),
    /** When the host itself was done, where the report says so. */
    observedAt: instant('observed_at'),
    reason: text('reason'),
    /** As `encodeContent` writes it; empty for a covered host that the scan does not list. */
    content: text('content').notNull(),
  },
  (table) => [
    primaryKey({
      columns: [table.addressSpaceId, table.address, table.scannerId, table.profileId, table.scanId],
    }),
  ],
);

/** The digests of each host's latest run: what an unchanged record is recognised by. */
export const hostHeads = pgTable(
  'host_head',
  {
    addressSpaceId: integer('address_space_id').notNull(),
    scannerId: integer('scanner_id').notNull(),
    profileId: integer('profile_id').notNull(),
    address: inet('address').notNull(),
    /** Digest of the content, 32 hexadecimal digits; `-` for a host that the scan did not list. */
    digest: text('digest').notNull(),
    /** Digest of the record's bytes less their volatile parts; empty where the format has none. */
    recordDigest: text('record_digest').notNull(),
    /** What the content says at a glance, for receipts of scans that bring nothing new. */
    up: boolean('up').notNull(),
    openPorts: integer('open_ports').notNull(),
    /** The state is not settled on this content: fold again, even if nothing is new. */
    mustFold: boolean('must_fold').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.addressSpaceId, table.scannerId, table.profileId, table.address] }),
  ],
);

/**
 * Where the folding of a host's history begins: looks and entries up to then are settled for good. Written when
 * history is pruned, and when a host is forgotten; the latest one counts.
 */
export const hostBases = pgTable(
  'host_base',
  {
    addressSpaceId: integer('address_space_id').notNull(),
    address: inet('address').notNull(),
    scannerId: integer('scanner_id').notNull(),
    at: instant('at').notNull(),
    /** `pruned` or `forgotten`. */
    reason: text('reason').notNull(),
    /** The state at that moment, as `encodeState` writes it. */
    state: text('state').notNull(),
    /** What complete looks had covered of the host until then. */
    coveredHost: boolean('covered_host').notNull(),
    coveredPorts: text('covered_ports').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.addressSpaceId, table.address, table.scannerId, table.at] }),
    index('host_base_by_scanner').on(table.scannerId, table.address),
  ],
);
