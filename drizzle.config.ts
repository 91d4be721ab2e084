import { defineConfig } from 'drizzle-kit';

/** For `npm run migrations:generate`: the tables in schema/ become SQL steps in migrations/. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './schema/*.ts',
  out: './migrations',
});
