import { join } from 'node:path';
import { PGlite, type Transaction } from '@electric-sql/pglite';
import { limits } from '../limits.ts';
import { lockDirectory } from './lock.ts';
import type { CopyTarget, Database, Session } from './session.ts';
import { compile, copyStatement } from './statement.ts';
import { wakeChannel } from './wakeups.ts';

type Runner = PGlite | Transaction;

/** The embedded database: `memory`, or a directory that this process alone may use. */
export async function openPglite(place: string): Promise<Database> {
  const release = place === 'memory' ? () => undefined : lockDirectory(place);
  try {
    const client = await PGlite.create({
      ...(place === 'memory' ? {} : { dataDir: join(place, 'pglite') }),
      parsers: { 20: Number, 1082: keep, 1114: keep, 1184: keep },
    });
    await client.exec(`set time zone 'UTC'; set jit = off`);
    return { kind: 'pglite', ...databaseOn(client, release) };
  } catch (error) {
    release();
    throw error;
  }
}

const keep = (text: string) => text;

function databaseOn(client: PGlite, release: () => void): Omit<Database, 'kind'> {
  const upkeep = newUpkeep(client);
  return {
    ...sessionOn(client),
    transaction: async (work) => {
      const result = await client.transaction((inner) => work(counted(transactionOn(inner, 1), upkeep)));
      await upkeep.afterCommit();
      return result;
    },
    listen: (onWake) => client.listen(wakeChannel, onWake),
    close: async () => {
      await client.close();
      release();
    },
  };
}

/** Does what a PostgreSQL server does by itself: PGlite has neither automatic checkpoints nor autovacuum. */
interface Upkeep {
  /** Bytes that were copied in since the last checkpoint. */
  copied: number;
  afterCommit(): Promise<void>;
}

function newUpkeep(client: PGlite): Upkeep {
  let commits = 0;
  return {
    copied: 0,
    async afterCommit() {
      commits += 1;
      const isLarge = this.copied > limits.embeddedCheckpointBytes;
      if (isLarge || commits % limits.embeddedCheckpointCommits === 0) {
        this.copied = 0;
        await client.exec('checkpoint');
      }
      if (commits % limits.embeddedVacuumCommits === 0) await client.exec('vacuum analyze');
    },
  };
}

function counted(session: Session, upkeep: Upkeep): Session {
  return {
    ...session,
    copy: (target, text) => {
      upkeep.copied += text.length;
      return session.copy(target, text);
    },
  };
}

function sessionOn(runner: Runner): Pick<Session, 'rows' | 'copy'> {
  return {
    rows: async <R extends object>(statement: Parameters<Session['rows']>[0]) => {
      const { text, parameters } = compile(statement);
      return (await runner.query<R>(text, parameters)).rows;
    },
    copy: async ({ table, columns }: CopyTarget, text) => {
      await runner.query(copyStatement(table, columns, `'/dev/blob'`), [], { blob: new Blob([text]) });
    },
  };
}

/** PGlite has one connection: what runs inside a transaction must run on it, never on the database. */
function transactionOn(runner: Transaction, depth: number): Session {
  return {
    ...sessionOn(runner),
    transaction: async (work) => {
      const name = `level_${depth}`;
      await runner.exec(`savepoint ${name}`);
      try {
        const result = await work(transactionOn(runner, depth + 1));
        await runner.exec(`release savepoint ${name}`);
        return result;
      } catch (error) {
        await runner.exec(`rollback to savepoint ${name}; release savepoint ${name}`);
        throw error;
      }
    },
  };
}
