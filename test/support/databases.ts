import { createHash, randomBytes } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, inject } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import type { Database } from '../../src/store/session.ts';
import { madeByRun, oncePerRun } from './once-per-run.ts';
import { skippedBecause } from './requires.ts';
import { temporaryDirectory } from './temporary.ts';

export type DatabaseKind = Database['kind'];

/** One database that a suite runs on: migrated, empty, and of its own. */
export interface Place {
  readonly kind: DatabaseKind;
  /** Open from before the first test of the suite until after its last. */
  readonly database: () => Database;
  readonly url: () => string;
}

/**
 * Runs the suite on every kind of database there is. Without PostgreSQL its half is skipped, and the end of the run
 * says so. All tests of the suite share the one database; a test that needs another takes freshDatabase.
 */
export function eachDatabase(suite: (place: Place) => void): void {
  onDatabase('pglite', suite);
  onDatabase('postgres', suite);
}

/** Runs the suite on one kind of database only: for what the other cannot do. */
export function onDatabase(kind: DatabaseKind, suite: (place: Place) => void): void {
  const missing = kind === 'postgres' ? inject('postgresMissing') : '';
  const describeOn = skippedBecause(missing && `needs PostgreSQL: ${missing}`);
  describeOn(`on ${kind === 'postgres' ? 'PostgreSQL' : 'PGlite'}`, () => {
    let opened: { url: string; database: Database } | undefined;
    beforeAll(async () => {
      const url = await freshDatabase(kind);
      opened = { url, database: await openDatabase({ url }) };
    });
    afterAll(() => opened?.database.close());

    const place = () => {
      if (!opened)
        throw new Error('The database is open in hooks and tests only, not while they are collected');
      return opened;
    };
    suite({ kind, database: () => place().database, url: () => place().url });
  });
}

/** The URL of a new database with the present schema and nothing in it; it is dropped after the test file. */
export function freshDatabase(kind: DatabaseKind): Promise<string> {
  return kind === 'postgres' ? freshPostgres() : freshPglite();
}

/** The URL of a new database without any table, for tests of the migrations. */
export async function emptyDatabase(kind: DatabaseKind): Promise<string> {
  return kind === 'postgres' ? createDatabase('template1') : `pglite:${temporaryDirectory()}`;
}

async function freshPglite(): Promise<string> {
  const template = await oncePerRun('template on pglite', async () => {
    const directory = join(inject('runDirectory'), 'pglite-template');
    await (await openDatabase({ url: `pglite:${directory}` })).close();
    return directory;
  });
  const directory = temporaryDirectory();
  cpSync(template, directory, { recursive: true });
  return `pglite:${directory}`;
}

async function freshPostgres(): Promise<string> {
  const template = await oncePerRun('template on postgres', async () => {
    const name = `drportscan_template_${schemaDigest()}`;
    const admin = await administrator();
    const [found] = await admin`select 1 from pg_database where datname = ${name}`;
    if (found) return name;

    // Another run of the tests may do the same on the same server: only a finished template gets the name.
    const unfinished = await createDatabase('template1');
    await (await openDatabase({ url: unfinished })).close();
    const unfinishedName = databaseName(unfinished);
    await admin`alter database ${admin(unfinishedName)} rename to ${admin(name)}`.catch((error: unknown) => {
      if ((error as { code?: string }).code !== '42P04') throw error;
    });
    return name;
  });
  return createDatabase(template);
}

const created: string[] = [];
let administration: postgres.Sql | undefined;

afterAll(async () => {
  if (!administration) return;
  for (const name of created)
    await administration`drop database if exists ${administration(name)} with (force)`;
  await administration.end();
});

async function createDatabase(template: string): Promise<string> {
  const admin = await administrator();
  const name = `drportscan_test_${randomBytes(6).toString('hex')}`;
  await admin`create database ${admin(name)} template ${admin(template)}`;
  created.push(name);
  const url = new URL((await sharedPostgres()).url);
  url.pathname = `/${name}`;
  return url.href;
}

async function administrator(): Promise<postgres.Sql> {
  const { url } = await sharedPostgres();
  administration ??= postgres(url, { max: 1, onnotice: () => undefined });
  return administration;
}

/** The server of this run, started when the first test asks for it. */
function sharedPostgres(): Promise<{ url: string }> {
  return madeByRun('postgres');
}

function databaseName(url: string): string {
  return new URL(url).pathname.slice(1);
}

/** Tells templates of different schemas apart on a server that outlives the run. */
function schemaDigest(): string {
  const digest = createHash('sha256');
  for (const name of readdirSync('migrations', { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join('migrations', name);
    if (statSync(path).isFile()) digest.update(name).update(readFileSync(path));
  }
  return digest.digest('hex').slice(0, 16);
}
