import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { databasePlace, type Place, type PlaceOptions, placeOf, withoutPassword } from '../config.ts';
import type { Api } from './api.ts';
import { Failure } from './failure.ts';
import type { OpenApplication } from './open-application.ts';

/** Whether a command may make a database where there is none. */
export type Opening = 'existing' | 'create';

/** Adds the options that say where the data is. */
export function addPlaceOptions(command: Command): Command {
  return command
    .addOption(new Option('--server <url>', 'ask this server (else DRPORTSCAN_SERVER)').helpGroup('Where:'))
    .addOption(dataOption())
    .addHelpText('after', placeHelp);
}

/** The option for the directory of the embedded database. */
export function dataOption(): Option {
  return new Option(
    '--data <directory>',
    'open the embedded database there (else DATABASE_URL, DRPORTSCAN_DATA, ./data)',
  ).helpGroup('Where:');
}

const placeHelp = `
With --server or DRPORTSCAN_SERVER the command asks that server; else it opens the database itself.
The embedded database belongs to one process at a time: while a server runs on it, ask the server.`;

/** Opens what the options name, does the work with it, and closes it again. */
export async function withApi<T>(
  options: PlaceOptions,
  opening: Opening,
  work: (api: Api) => Promise<T>,
): Promise<T> {
  const api = await openPlace(placeOf(options, process.env), opening);
  try {
    return await work(api);
  } finally {
    await api.close();
  }
}

/** The same, but never over a server. */
export async function withDatabaseApi<T>(
  options: PlaceOptions,
  opening: Opening,
  work: (api: Api) => Promise<T>,
): Promise<T> {
  const api = await openPlace(databasePlace(options, process.env), opening);
  try {
    return await work(api);
  } finally {
    await api.close();
  }
}

/** Opens the place. Throws Failure that says what to do where it cannot be opened. */
export async function openPlace(place: Place, opening: Opening): Promise<Api> {
  if (place.kind === 'server') {
    const { serverApi } = await import('./api-server.ts');
    return serverApi(place.url);
  }
  const { databaseApi } = await import('./api-database.ts');
  return databaseApi(await openDatabasePlace(place, opening));
}

/** Opens the database. Throws Failure that says what to do where it cannot be opened. */
export async function openDatabasePlace(
  place: Exclude<Place, { kind: 'server' }>,
  opening: Opening,
): Promise<OpenApplication> {
  if (place.kind === 'embedded' && opening === 'existing') requireDatabase(place.directory);
  const { openApplicationAt } = await import('./open-application.ts');
  try {
    return await openApplicationAt(place);
  } catch (error) {
    throw explained(error, place);
  }
}

/** What cannot be opened, and what to do instead. */
function explained(error: unknown, place: Exclude<Place, { kind: 'server' }>): unknown {
  if (error instanceof Error && error.name === 'DirectoryInUse' && place.kind === 'embedded') {
    return inUse(place.directory, error);
  }
  const { code = '' } = error as { code?: string };
  if (place.kind === 'postgres' && /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|CONNECT_TIMEOUT)$/.test(code)) {
    const url = withoutPassword(place.url);
    return new Failure(
      `PostgreSQL at ${url} cannot be reached (${code}); start it, or correct DATABASE_URL`,
      {
        cause: error,
      },
    );
  }
  return error;
}

function inUse(directory: string, error: Error): Failure {
  const holder = /process (\d+)/.exec(error.message)?.[1];
  const server = serverOf(directory);
  const who = holder === undefined ? 'another process' : `process ${holder}`;
  const remedy =
    server === undefined
      ? 'wait until it is done, or choose another directory with --data'
      : `ask its server with --server ${server}, or stop it`;
  return new Failure(`The database in ${directory} is in use by ${who}: ${remedy}`, { cause: error });
}

const addressFile = 'server-address';

/** Where `serve` writes down its address, for those who find the database in use. */
export function addressFileIn(directory: string): string {
  return join(directory, addressFile);
}

function serverOf(directory: string): string | undefined {
  const path = addressFileIn(directory);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}

function requireDatabase(directory: string): void {
  if (existsSync(join(directory, 'pglite'))) return;
  throw new Failure(
    `There is no database in ${directory} yet; take in a report with \`drportscan ingest\`, look at \`drportscan demo\`, ` +
      'or name a server with --server',
  );
}
