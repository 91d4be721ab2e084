import { fileURLToPath } from 'node:url';
import { SQL, StringChunk, sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import type { Session } from './session.ts';

/** Any number that no other program on the database uses: "drps" in ASCII. */
const migrationLock = 0x64727073;

/**
 * Applies the steps in `migrations/` that are missing, in one transaction and under a lock, so that
 * several processes may start at once and a broken-off start leaves nothing behind.
 */
export async function migrate(database: Session): Promise<void> {
  const steps = readMigrationFiles({ migrationsFolder: migrationsFolder() });
  await database.transaction(async (session) => {
    await session.rows(sql`/* lockMigrations */ select pg_advisory_xact_lock(${migrationLock})`);
    await session.rows(sql`
      /* createMigrationTable */
      create table if not exists drportscan_migration (
        hash text primary key,
        created_at bigint not null,
        applied_at timestamptz not null default now()
      )
    `);
    const done = await session.rows<{ hash: string }>(sql`
      /* appliedMigrations */
      select hash from drportscan_migration order by created_at limit 10000
    `);
    const known = new Set(done.map(({ hash }) => hash));
    for (const step of steps) if (!known.has(step.hash)) await apply(session, step);
  });
}

type Step = ReturnType<typeof readMigrationFiles>[number];

async function apply(session: Session, step: Step): Promise<void> {
  for (const statement of step.sql) await session.rows(literalStatement(statement));
  await session.rows(sql`
    /* recordMigration */
    insert into drportscan_migration (hash, created_at) values (${step.hash}, ${step.folderMillis})
  `);
}

/** A statement from our own migration files: the one place where SQL is not written in the source. */
function literalStatement(statement: string): SQL {
  return new SQL([new StringChunk(statement)]);
}

/** `migrations/` beside `src/` in the checkout, and beside `dist/` in the package. */
function migrationsFolder(): string {
  const isSource = import.meta.url.endsWith('.ts');
  return fileURLToPath(new URL(isSource ? '../../migrations' : '../../../migrations', import.meta.url));
}
