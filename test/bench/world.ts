import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type SQL, sql } from 'drizzle-orm';
import { openReaders } from '../../src/pipeline/readers.ts';
import { openDatabase } from '../../src/store/database.ts';
import { allScannerGroups } from '../../src/store/scanner-groups.ts';
import { createScanner } from '../../src/store/scanners.ts';
import type { Database } from '../../src/store/session.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { tell } from './measure.ts';
import { type WrittenLoad, writeLoad } from './standard-load.ts';

/** What all groups share: a directory, a database server, reports that are written when first asked for. */
export interface World {
  readonly directory: string;
  readonly postgres: PostgresServer;
  /** How often each figure is taken. */
  readonly runs: number;
  readonly readers: ReturnType<typeof openReaders>;
  report(name: ReportName): Promise<WrittenLoad>;
}

/** `first`: the /16 for the first time; `same` and so on: the /16 again, with so many hosts changed. */
export type ReportName = keyof typeof loads;

const loads = {
  small: { hosts: 5000, round: 0, changed: 0 },
  first: { hosts: 65_536, round: 0, changed: 0 },
  same: { hosts: 65_536, round: 1, changed: 0 },
  onePercent: { hosts: 65_536, round: 1, changed: 100 },
  tenPercent: { hosts: 65_536, round: 1, changed: 1000 },
  /** About 64,000 differences. */
  many: { hosts: 65_536, round: 2, changed: 4250 },
} as const;

/** A world around a running server. */
export function createWorld({
  directory,
  postgres,
  runs,
}: Pick<World, 'directory' | 'postgres' | 'runs'>): World {
  const reports = new Map<ReportName, Promise<WrittenLoad>>();
  return {
    directory,
    postgres,
    runs,
    readers: openReaders(),
    report(name) {
      const known = reports.get(name);
      if (known !== undefined) return known;
      tell(`writing the report "${name}"`);
      const written = writeLoad({ ...loads[name], path: join(directory, `${name}.xml`) });
      reports.set(name, written);
      return written;
    },
  };
}

/** A statement without values, on the server's maintenance database or another. */
async function administer(world: World, statement: (name: typeof sql.identifier) => SQL): Promise<void> {
  const admin = await openBare(world.postgres.url);
  try {
    await admin.rows(statement(sql.identifier));
  } finally {
    await admin.close();
  }
}

/** The driver only: the maintenance database gets no tables. */
async function openBare(url: string): Promise<Database> {
  const { openPostgres } = await import('../../src/store/postgres.ts');
  return openPostgres(url);
}

/** The URL of one database of the world's server. */
export function urlOf({ postgres }: World, name: string): string {
  const url = new URL(postgres.url);
  url.pathname = `/${name}`;
  return url.href;
}

/** A new database: empty, or a copy of another, which nobody may have open. */
export async function createPostgres(world: World, name: string, template = 'template1'): Promise<string> {
  await administer(world, (id) => sql`drop database if exists ${id(name)} with (force)`);
  await administer(world, (id) => sql`create database ${id(name)} template ${id(template)}`);
  return urlOf(world, name);
}

/** Settles the disk, so that no measurement pays for the one before it. */
export async function settle(world: World, name?: string): Promise<void> {
  if (name !== undefined) {
    const database = await openBare(urlOf(world, name));
    await database.rows(sql`vacuum analyze`);
    await database.close();
  }
  await administer(world, () => sql`checkpoint`);
}

/** A copy of an embedded database that nobody has open. */
export function copyPglite(world: World, name: string, template: string): string {
  const directory = join(world.directory, name);
  rmSync(directory, { recursive: true, force: true });
  cpSync(join(world.directory, template), directory, { recursive: true });
  return `pglite:${directory}`;
}

/** Opens a database and adds its one scanner where there is none. */
export async function openWithScanner(url: string): Promise<{ database: Database; scannerId: number }> {
  const database = await openDatabase({ url });
  const [known] = await database.rows<{ id: number }>(sql`select id from scanner order by id limit 1`);
  if (known !== undefined) return { database, scannerId: known.id };
  const [group] = await allScannerGroups(database);
  if (group === undefined) throw new Error('a new database has a scanner group');
  const { id } = await createScanner(database, { groupId: group.id, name: 'bench' }, Date.now());
  return { database, scannerId: id };
}

/** How far the write-ahead log is, in bytes. */
export async function walBytes(database: Database): Promise<number> {
  const [row] = await database.rows<{ bytes: number }>(
    sql`select (pg_current_wal_insert_lsn() - '0/0')::bigint as bytes`,
  );
  return Number(row?.bytes);
}

/** The settings that matter, as the server says them. */
export async function settingsOf(world: World): Promise<string> {
  const database = await openBare(world.postgres.url);
  try {
    const rows = await database.rows<{ text: string }>(sql`
      select name || ' = ' || current_setting(name) as text
      from unnest(array['shared_buffers', 'fsync', 'synchronous_commit', 'full_page_writes', 'max_wal_size',
        'wal_level', 'autovacuum', 'jit', 'work_mem']) as name
    `);
    return rows.map(({ text }) => text).join(', ');
  } finally {
    await database.close();
  }
}
