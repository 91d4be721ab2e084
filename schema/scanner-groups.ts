import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import { addressSpaces } from './address-spaces.ts';

/** Views: scanners that should see the same. */
export const scannerGroups = pgTable('scanner_group', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  addressSpaceId: integer('address_space_id')
    .notNull()
    .references(() => addressSpaces.id),
  name: text('name').notNull().unique(),
  description: text('description').notNull().default(''),
  /** Two scanners of the group may disagree so long before it is an inconsistency. */
  agreementWindowSeconds: integer('agreement_window_seconds').notNull().default(86_400),
});
