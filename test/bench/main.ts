import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPostgres, startPostgres } from '../support/postgres-server.ts';
import { measureApi } from './api.ts';
import { measureCompare } from './compare.ts';
import { measureDrift } from './drift.ts';
import { measureFanOut } from './fan-out.ts';
import { measureFormats } from './formats.ts';
import { measureHistory } from './history.ts';
import { measureIngest } from './ingest.ts';
import { type Row, tell } from './measure.ts';
import { printRows, writeResults } from './results.ts';
import { measureServer } from './server.ts';
import { measureStart } from './start.ts';
import { createWorld, settingsOf, type World } from './world.ts';

/** The groups in the order of the table. `npm run bench -- ingest api --runs 1` measures only these. */
const groups: Readonly<Record<string, (world: World) => Promise<Row[]>>> = {
  formats: measureFormats,
  ingest: measureIngest,
  history: measureHistory,
  drift: measureDrift,
  server: measureServer,
  compare: measureCompare,
  api: measureApi,
  'fan-out': measureFanOut,
  start: measureStart,
};

async function main(args: readonly string[]): Promise<void> {
  const place = args.indexOf('--runs');
  const runs = place < 0 ? 3 : Number(args[place + 1]);
  const named = args.filter((_, i) => place < 0 || (i !== place && i !== place + 1));
  const unknown = named.find((name) => groups[name] === undefined);
  if (unknown !== undefined || !(runs >= 1)) {
    throw new Error(`usage: npm run bench -- [--runs N] [${Object.keys(groups).join('|')} …]`);
  }
  const programs = findPostgres();
  if (!programs.found) throw new Error(`The bench needs PostgreSQL: ${programs.reason}`);

  const directory = mkdtempSync(join(tmpdir(), 'drportscan-bench-'));
  chmodSync(directory, 0o755); // The database server runs as another user.
  const postgres = await startPostgres(programs.bin, { directory: join(directory, 'postgres'), fsync: true });
  const world = createWorld({ directory, postgres, runs });
  const clearUp = async () => {
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void clearUp().finally(() => process.exit(130)));
  }
  try {
    const rows: Row[] = [];
    for (const [name, measure] of Object.entries(groups)) {
      if (named.length > 0 && !named.includes(name)) continue;
      tell(`measuring ${name}`);
      rows.push(...(await measure(world)));
    }
    const settings = `PostgreSQL ${programs.version}: ${await settingsOf(world)}`;
    printRows(rows);
    if (named.length === 0) await writeResults(rows, { settings, runs });
  } finally {
    await world.readers.close();
    await clearUp();
  }
}

await main(process.argv.slice(2));
