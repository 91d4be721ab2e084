import { onTestFinished } from 'vitest';
import type { Application } from '../../src/graphql/context.ts';
import { type RunningServer, type ServerOptions, startServer } from '../../src/server/http.ts';
import { createLog } from '../../src/server/log.ts';
import { temporaryDirectory } from '../support/temporary.ts';

/** Without a store: for what is decided before anything is read. Whatever reaches it fails, as a broken store would. */
export const nowhere = new Proxy({} as Application, {
  get: (_, noun) => new Proxy({}, { get: (_noun, verb) => broken(String(noun), String(verb)) }),
});

function broken(noun: string, verb: string): () => Promise<never> {
  return () => {
    const error = new Error(`secret of ${noun}.${verb}`);
    if (verb === 'follow') throw error;
    return Promise.reject(error);
  };
}

export interface EmptyServer extends RunningServer {
  /** Lines of the log. */
  readonly logged: Record<string, unknown>[];
}

/** A server without a store, on a free port, closed after the test. */
export async function startEmptyServer(options: ServerOptions = {}): Promise<EmptyServer> {
  const logged: Record<string, unknown>[] = [];
  const log = createLog({ write: (line) => logged.push(JSON.parse(line) as Record<string, unknown>) });
  const server = await startServer(nowhere, {
    port: 0,
    spoolDirectory: temporaryDirectory(),
    log,
    ...options,
  });
  onTestFinished(server.close);
  return { ...server, logged };
}
