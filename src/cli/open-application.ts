import type { Place } from '../config.ts';
import type { Application } from '../graphql/context.ts';
import { Failure } from './failure.ts';

/** The application on a database that this process has open. */
export interface OpenApplication {
  readonly application: Application;
  close(): Promise<void>;
}

/** Opens the database and everything that works on it. */
export async function openApplicationAt(place: Exclude<Place, { kind: 'server' }>): Promise<OpenApplication> {
  throw new Failure(`The database ${place.url} cannot be opened yet; name a server with --server`);
}
