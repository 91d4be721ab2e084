import type { Api } from './api.ts';
import { Failure } from './failure.ts';

/** The API on a database of our own, in this process. */
export async function databaseApi(url: string): Promise<Api> {
  throw new Failure(`The database ${url} cannot be opened yet; name a server with --server`);
}
