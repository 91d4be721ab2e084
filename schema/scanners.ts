import { integer, pgTable, real, text } from 'drizzle-orm/pg-core';
import { scannerGroups } from './scanner-groups.ts';
import { instant } from './types.ts';

/** Data sources, each at one vantage point, with thresholds and defaults of their own. */
export const scanners = pgTable('scanner', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  groupId: integer('group_id')
    .notNull()
    .references(() => scannerGroups.id),
  name: text('name').notNull().unique(),
  description: text('description').notNull().default(''),
  openAfterScans: integer('open_after_scans').notNull().default(1),
  closedAfterScans: integer('closed_after_scans').notNull().default(1),
  goneAfterScans: integer('gone_after_scans').notNull().default(1),
  backAfterScans: integer('back_after_scans').notNull().default(1),
  reopenWindowDays: integer('reopen_window_days').notNull().default(90),
  /** Default scope of addresses, as in `readAddressSet`, for reports that state none. */
  defaultAddresses: text('default_addresses').array(),
  /** Default scope of ports, as in `readPortSet`. */
  defaultPorts: text('default_ports'),
  expectEverySeconds: integer('expect_every_seconds'),
  guardShare: real('guard_share').notNull().default(0.5),
  bogusPorts: integer('bogus_ports').notNull().default(1000),
  /** The due time that passed without a scan and was told of last. */
  overdueAt: instant('overdue_at'),
  createdAt: instant('created_at').notNull(),
  retiredAt: instant('retired_at'),
});
