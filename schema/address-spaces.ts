import { integer, pgTable, text } from 'drizzle-orm/pg-core';

/** Naming domains for addresses: a site, a VRF. */
export const addressSpaces = pgTable('address_space', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  name: text('name').notNull().unique(),
  description: text('description').notNull().default(''),
});
