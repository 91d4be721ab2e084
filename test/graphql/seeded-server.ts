import { afterAll, beforeAll } from 'vitest';
import type { Application } from '../../src/graphql/context.ts';
import { openApplication } from '../../src/pipeline/application.ts';
import { openReaders } from '../../src/pipeline/readers.ts';
import { openReportUploads } from '../../src/pipeline/report-uploads.ts';
import { type RunningServer, startServer } from '../../src/server/http.ts';
import { createLog } from '../../src/server/log.ts';
import type { Database } from '../../src/store/session.ts';
import type { Place } from '../support/databases.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { seed } from './seed.ts';

export interface SeededServer {
  readonly url: () => string;
  readonly application: () => Application;
  /** What the log said of errors of ours. */
  readonly failures: () => readonly string[];
}

/** A server on this database with the scans of `seed`, for the whole suite. */
export function seededServer(place: Place): SeededServer {
  let opened: { readonly application: Application; close(): Promise<void> } | undefined;
  let server: RunningServer | undefined;
  const lines: string[] = [];
  beforeAll(async () => {
    opened = open(place.database());
    await seed(opened.application);
    const log = createLog({ write: (line) => lines.push(line) });
    server = await startServer(opened.application, { port: 0, spoolDirectory: temporaryDirectory(), log });
  });
  afterAll(async () => {
    await server?.close();
    await opened?.close();
  });
  return {
    url: () => present(server).url,
    application: () => present(opened).application,
    failures: () => lines.filter((line) => line.includes('unexpected error')),
  };
}

function open(database: Database): { readonly application: Application; close(): Promise<void> } {
  const readers = openReaders();
  const now = () => Date.now();
  const uploads = openReportUploads(database, { readers, spool: temporaryDirectory(), now });
  const application = openApplication(database, { uploads, now });
  const close = async () => {
    await application.close();
    await readers.close();
  };
  return { application, close };
}

function present<T>(thing: T | undefined): T {
  if (thing === undefined)
    throw new Error('The server runs in hooks and tests only, not while they are collected');
  return thing;
}
