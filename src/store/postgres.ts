import { connect, type Socket } from 'node:net';
import postgres from 'postgres';
import type { CopyTarget, CopyText, Database, Session } from './session.ts';
import { compile, copyStatement } from './statement.ts';
import { wakeChannel } from './wakeups.ts';

type Runner = postgres.Sql | postgres.TransactionSql;

/** PostgreSQL through postgres.js. Connects when first used. */
export function openPostgres(url: string): Database {
  const client = postgres(withoutHost(url), {
    max: 10,
    onnotice: () => undefined,
    connection: settings,
    backoff: (retries) => Math.min(0.05 * 2 ** retries, 0.5),
    types: rawTypes,
    ...place(url),
  });
  return {
    kind: 'postgres',
    ...sessionOn(client, (work) => client.begin(work)),
    listen: async (onWake) => {
      // The second callback also runs after a reconnect, when notifications may have been missed.
      const subscription = await client.listen(wakeChannel, onWake, onWake);
      return () => subscription.unlisten();
    },
    close: () => client.end({ timeout: 5 }),
  };
}

/**
 * A plan that is kept from when a table was empty reads the whole table once for each row, when a first scan
 * has filled it: minutes instead of seconds. So each statement is planned for what the tables hold now.
 */
const settings = { application_name: 'drportscan', TimeZone: 'UTC', plan_cache_mode: 'force_custom_plan' };

/** Instants stay text (a Date would cut them), 64-bit numbers become numbers: ours stay below 2^53. */
const rawTypes = {
  instant: { to: 1184, from: [1082, 1114, 1184], serialize: String, parse: (text: string) => text },
  bigint: { to: 20, from: [20], serialize: String, parse: Number },
};

type Begin = <T>(work: (sql: postgres.TransactionSql) => Promise<T>) => Promise<unknown>;

function sessionOn(runner: Runner, begin: Begin): Session {
  return {
    rows: async <R extends object>(statement: Parameters<Session['rows']>[0]) => {
      const { text, parameters } = compile(statement);
      return (await runner.unsafe(text, parameters as never[], { prepare: true })) as unknown as R[];
    },
    copy: (target, text) => copyInto(runner, target, text),
    transaction: async <T>(work: (session: Session) => Promise<T>) =>
      (await begin((inner) => work(sessionOn(inner, (deeper) => inner.savepoint(deeper))))) as T,
  };
}

/**
 * postgres.js answers a COPY with its stream and forgets the query: an error that comes with the last row (a
 * broken constraint) would reach nobody, and the stream would never finish. So its `reject` is made ours.
 */
async function copyInto(runner: Runner, { table, columns }: CopyTarget, text: CopyText): Promise<void> {
  const query = runner.unsafe(copyStatement(table, columns, 'stdin'));
  const stream = await query.writable();
  await new Promise<void>((resolve, reject) => {
    Object.assign(query, { reject });
    stream.once('error', reject);
    stream.once('finish', resolve);
    stream.end(text);
  });
}

/** libpq's `?host=/folder` names a unix socket; postgres.js would hand it to the server as a setting. */
function withoutHost(url: string): string {
  const parsed = new URL(url);
  parsed.searchParams.delete('host');
  return parsed.href;
}

/**
 * How to reach the server. postgres.js leaves Nagle's algorithm on, which stalls COPY and large parameters
 * for 40 ms each; unix sockets have no such delay and keep the driver's own way.
 */
function place(url: string): { host?: string; socket?: () => Promise<Socket> } {
  const { hostname, port, searchParams } = new URL(url);
  const named = searchParams.get('host');
  if (named?.startsWith('/')) return { host: named };
  const host = named ?? decodeURIComponent(hostname);
  if (host === '' || host.startsWith('/') || host.includes(',')) return {};
  return { socket: () => connectWithoutDelay(host.replace(/^\[|\]$/g, ''), Number(port || 5432)) };
}

function connectWithoutDelay(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    socket.setKeepAlive(true, 30_000);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
