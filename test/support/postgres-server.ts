import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './ports.ts';

/** Where the server programs stand, or why PostgreSQL cannot be had. */
export type PostgresPrograms =
  | { readonly found: true; readonly bin: string; readonly version: number }
  | { readonly found: false; readonly reason: string };

/** A running server of our own. The URLs name its maintenance database; its superuser needs no password. */
export interface PostgresServer {
  /** `postgres://postgres@127.0.0.1:PORT/postgres`. */
  readonly url: string;
  /** The directory of its Unix socket, and the port that is part of the socket's name. */
  readonly socket: { readonly directory: string; readonly port: number };
  /** The postmaster, a direct child, so that it can be killed and reaped. */
  readonly process: ChildProcess;
  /** Ends it in the "fast" way and waits until it is gone. */
  readonly stop: () => Promise<void>;
}

export interface PostgresSettings {
  /** An empty or absent directory for a new cluster, or the one of a cluster to start again. */
  readonly directory: string;
  /** Off unless told: the tests that kill the database itself need it on. */
  readonly fsync?: boolean;
  /** Taken again by those that restart a server; a free one unless told. */
  readonly port?: number;
}

const OLDEST_VERSION = 15;

/** Looks in PGBIN, then in Debian's directories (newest first), then in PATH. */
export function findPostgres(env: NodeJS.ProcessEnv = process.env): PostgresPrograms {
  let reason = `no server programs (initdb, postgres) in PGBIN, ${DEBIAN} or PATH`;
  for (const bin of candidates(env)) {
    if (!existsSync(join(bin, 'initdb')) || !existsSync(join(bin, 'postgres'))) continue;

    const printed = execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' });
    const version = Number(/\d+/.exec(printed)?.[0]);
    if (version >= OLDEST_VERSION) return { found: true, bin, version };
    reason = `${bin} is version ${version}, ${OLDEST_VERSION} is needed`;
  }
  return { found: false, reason };
}

/** Makes a cluster where there is none, and returns when the server takes connections. */
export async function startPostgres(bin: string, settings: PostgresSettings): Promise<PostgresServer> {
  const { directory } = settings;
  const data = join(directory, 'data');
  const owner = serverOwner();
  mkdirSync(directory, { recursive: true });
  if (owner) chownSync(directory, owner.uid, owner.gid);
  const options = { ...owner, cwd: directory, env: { PATH: process.env.PATH, LC_ALL: 'C' } };

  if (!existsSync(join(data, 'PG_VERSION'))) {
    const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
    execFileSync(join(bin, 'initdb'), initdb, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  }

  const port = settings.port ?? (await freePort());
  const args = ['-D', data, '-p', String(port), '-k', directory, ...configuration(settings.fsync ?? false)];
  const child = spawn(join(bin, 'postgres'), args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  await readiness(child);

  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    socket: { directory, port },
    process: child,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGINT');
      await once(child, 'exit');
    },
  };
}

const DEBIAN = '/usr/lib/postgresql';

function candidates(env: NodeJS.ProcessEnv): string[] {
  const debian = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const inPath = (env.PATH ?? '').split(':').map((directory) => join(directory, 'postgres'));
  return [
    ...(env.PGBIN ? [env.PGBIN] : []),
    ...debian.map((version) => join(DEBIAN, version, 'bin')),
    ...inPath.filter((program) => existsSync(program)).map((program) => dirname(realpathSync(program))),
  ];
}

/** The server refuses to run as root; then it runs as `postgres`, or as `nobody` where there is no such user. */
function serverOwner(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;

  for (const user of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) =>
        Number(execFileSync('id', [flag, user], { stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // There is no such user: the next one may do.
    }
  }
  throw new Error('PostgreSQL cannot run as root, and there is neither a user postgres nor a user nobody');
}

function configuration(fsync: boolean): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    max_connections: 200,
    shared_buffers: '64MB',
    fsync: fsync ? 'on' : 'off',
    full_page_writes: fsync ? 'on' : 'off',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** The server says on its standard error when it takes connections; everything before that explains a failure. */
async function readiness(child: ChildProcess): Promise<void> {
  const { stderr } = child;
  if (!stderr) throw new Error('PostgreSQL was started without a pipe for its messages');

  const messages: string[] = [];
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`PostgreSQL did not start:\n${messages.join('\n')}`)));
    createInterface({ input: stderr }).on('line', (line) => {
      if (messages.length < 100) messages.push(line);
      if (line.includes('ready to accept connections')) resolve();
    });
  });
}
