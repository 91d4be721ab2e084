import { migrate } from './migrate.ts';
import { openPglite } from './pglite.ts';
import { openPostgres } from './postgres.ts';
import type { Database } from './session.ts';

/**
 * Opens the database and brings it to the present schema. URLs: `postgres://…`, `pglite:memory` or
 * `pglite:DIRECTORY`. Throws DirectoryInUse where another process has the directory open.
 */
export async function openDatabase({ url }: { url: string }): Promise<Database> {
  const database = url.startsWith('pglite:')
    ? await openPglite(url.slice('pglite:'.length))
    : openPostgres(url);
  try {
    await migrate(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}
