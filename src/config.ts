import { limits } from './limits.ts';

/** Where `serve` listens unless told. */
export const defaultPort = 8155;
export const defaultHost = '127.0.0.1';

/** The directory of the embedded database unless told. */
export const defaultDataDirectory = './data';

/** Where `push` looks for a server unless told. */
export const defaultServer = `http://${defaultHost}:${defaultPort}`;

/** The variables of the environment that the program reads. */
export interface Environment {
  readonly DATABASE_URL?: string | undefined;
  readonly DRPORTSCAN_DATA?: string | undefined;
  readonly DRPORTSCAN_SERVER?: string | undefined;
}

/** Where the data is, or who is to be asked for it. */
export type Place =
  | { readonly kind: 'server'; readonly url: string }
  | { readonly kind: 'postgres'; readonly url: string }
  | { readonly kind: 'embedded'; readonly url: string; readonly directory: string };

/** What the command line says about the place. */
export interface PlaceOptions {
  readonly server?: string | undefined;
  readonly data?: string | undefined;
}

/**
 * The one rule for all commands: what the command line names; else the server of DRPORTSCAN_SERVER; else the
 * database: PostgreSQL of DATABASE_URL, else the embedded one in DRPORTSCAN_DATA or `./data`.
 */
export function placeOf({ server, data }: PlaceOptions, environment: Environment): Place {
  if (server !== undefined) return { kind: 'server', url: server };
  if (data !== undefined) return embeddedIn(data);
  const named = present(environment.DRPORTSCAN_SERVER);
  return named === undefined ? databasePlace({}, environment) : { kind: 'server', url: named };
}

/** The database, for commands that never ask a server. */
export function databasePlace(
  { data }: PlaceOptions,
  environment: Environment,
): Exclude<Place, { kind: 'server' }> {
  if (data !== undefined) return embeddedIn(data);
  const url = present(environment.DATABASE_URL);
  if (url !== undefined) return databaseAt(url);
  return embeddedIn(present(environment.DRPORTSCAN_DATA) ?? defaultDataDirectory);
}

/** A URL without its password, cut, for messages. */
export function withoutPassword(url: string): string {
  return url.replace(/(\/\/[^/@:]*):[^@]*@/, '$1:***@').slice(0, limits.echoedCharactersMax);
}

function databaseAt(url: string): Exclude<Place, { kind: 'server' }> {
  const embedded = 'pglite:';
  return url.startsWith(embedded) ? embeddedIn(url.slice(embedded.length)) : { kind: 'postgres', url };
}

function embeddedIn(directory: string): Extract<Place, { kind: 'embedded' }> {
  return { kind: 'embedded', url: `pglite:${directory}`, directory };
}

/** An empty variable is as good as none. */
function present(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
