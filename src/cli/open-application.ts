import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databasePlace, type Place } from '../config.ts';
import type { Application } from '../graphql/context.ts';
import { limits } from '../limits.ts';
import { openApplication } from '../pipeline/application.ts';
import { startTicking } from '../pipeline/overdue.ts';
import { openReaders } from '../pipeline/readers.ts';
import { openReportUploads } from '../pipeline/report-uploads.ts';
import { openDatabase } from '../store/database.ts';

/** The application on a database that this process has open. */
export interface OpenApplication {
  readonly application: Application;
  /** What a command line needs to open the same database: ` --data …`, or nothing where the environment says it. */
  readonly place: string;
  /** Where reports may wait until they are read; empty at first, and removed in the end. */
  readonly spool: string;
  /** Looks for what is due again and again, as a server does. */
  startTicking(): void;
  close(): Promise<void>;
}

/** Opens the database and everything that works on it. Throws DirectoryInUse. */
export async function openApplicationAt(
  place: Exclude<Place, { kind: 'server' }>,
  onProblem: (error: unknown) => void = () => undefined,
): Promise<OpenApplication> {
  const database = await openDatabase({ url: place.url });
  const spool = await emptySpool(place);
  const readers = openReaders();
  const now = () => Date.now();
  const uploads = openReportUploads(database, { readers, spool, now });
  const application = openApplication(database, { uploads, now, onProblem });
  let ticking: { close(): Promise<void> } | undefined;
  return {
    application,
    startTicking: () => {
      ticking ??= startTicking(database, { everyMs: limits.tickMs, now, onProblem });
    },
    place: isNamed(place) ? ` --data ${place.directory}` : '',
    spool,
    close: async () => {
      await ticking?.close();
      await application.close();
      await readers.close();
      await database.close();
      await rm(spool, { recursive: true, force: true });
    },
  };
}

function isNamed(place: Exclude<Place, { kind: 'server' }>): place is Extract<Place, { kind: 'embedded' }> {
  return place.kind === 'embedded' && place.url !== databasePlace({}, process.env).url;
}

/** Beside the embedded database, which is ours alone by now: what a killed process left there is not needed. */
async function emptySpool(place: Exclude<Place, { kind: 'server' }>): Promise<string> {
  if (place.kind === 'postgres' || place.directory === 'memory') {
    return mkdtemp(join(tmpdir(), `drportscan-spool-${process.pid}-`));
  }
  const spool = join(place.directory, 'uploads');
  await rm(spool, { recursive: true, force: true });
  await mkdir(spool, { recursive: true });
  return spool;
}
