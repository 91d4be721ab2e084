import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startBroker } from './broker.ts';
import { findPostgres, type PostgresServer, startPostgres } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why there is no PostgreSQL to test with; empty where there is one. */
    postgresMissing: string;
    /** A directory for everything that lasts as long as this run of the tests. */
    runDirectory: string;
    brokerUrl: string;
  }
}

/** What the tests get from the run's PostgreSQL server: the URL of its maintenance database. */
export interface SharedPostgres {
  readonly url: string;
}

/** Runs once before all test files; what it returns runs after them. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  buildWhereStale();

  const runDirectory = mkdtempSync(join(tmpdir(), 'drportscan-test-'));
  chmodSync(runDirectory, 0o755); // The database server runs as another user.
  cleanUpAfterDeath(runDirectory);

  const given = process.env.TEST_DATABASE_URL;
  const programs = findPostgres();
  let server: PostgresServer | undefined;
  const startServer = async (): Promise<SharedPostgres> => {
    if (given) return { url: given };
    if (!programs.found) throw new Error(programs.reason);
    server = await startPostgres(programs.bin, { directory: join(runDirectory, 'postgres') });
    return { url: server.url };
  };

  const broker = await startBroker({ postgres: startServer });
  project.provide('brokerUrl', broker.url);
  project.provide('runDirectory', runDirectory);
  project.provide('postgresMissing', given || programs.found ? '' : programs.reason);

  return async () => {
    await broker.close();
    await server?.stop();
    rmSync(runDirectory, { recursive: true, force: true, maxRetries: 5 });
  };
}

/** Worker threads and the command line run from dist/, so it must be as new as the sources. */
function buildWhereStale(): void {
  const [program, stamp] = ['dist/src/main.js', 'dist/.tsbuildinfo'];
  const builtAt = existsSync(program) && existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
  if (newest(['src', 'schema']) < builtAt) return;

  const { status, stdout } = spawnSync('npm', ['run', '--silent', 'build'], { encoding: 'utf8' });
  if (status !== 0) process.stderr.write(`\nThe build has errors, tests may run stale code:\n${stdout}\n`);
}

function newest(directories: readonly string[]): number {
  const files = directories
    .filter((directory) => existsSync(directory))
    .flatMap((directory) =>
      readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((name) => join(directory, name)),
    );
  return Math.max(0, ...files.filter((file) => file.endsWith('.ts')).map((file) => statSync(file).mtimeMs));
}

/** However this process ends, even by SIGKILL, its end closes a pipe, and a waiting shell clears up. */
function cleanUpAfterDeath(runDirectory: string): void {
  const script = `
    cat > /dev/null
    for file in "$1"/*/data/postmaster.pid; do
      pid=$(head -n 1 "$file" 2> /dev/null | grep -x "[1-9][0-9]*") && kill -QUIT "$pid"
    done
    for attempt in 1 2 3 4 5; do
      rm -rf "$1" && break
      sleep 0.2
    done`;
  const shell = spawn('sh', ['-c', script, 'sh', runDirectory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.unref();
  (shell.stdin as Socket).unref();
}
