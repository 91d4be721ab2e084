import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { listed, median, type Row } from './measure.ts';
import { startServer } from './running-server.ts';
import { createPostgres, type World } from './world.ts';

/** From the start of the program until its first page has been served. npm's own start is not in it. */
export async function measureStart(world: World): Promise<Row[]> {
  const postgres: number[] = [];
  const again: number[] = [];
  const first: number[] = [];
  const url = await createPostgres(world, 'start');
  await secondsToStart(url); // Makes the tables.
  for (let run = 0; run < world.runs; run += 1) {
    postgres.push(await secondsToStart(url));
    const directory = mkdtempSync(join(world.directory, 'start-'));
    first.push(await secondsToStart(`pglite:${directory}`));
    again.push(await secondsToStart(`pglite:${directory}`));
    rmSync(directory, { recursive: true, force: true });
  }
  const group = 'start';
  const row = (name: string, values: readonly number[], limit: number): Row => {
    return { group, name, value: median(values), unit: 's', limit, note: `${listed(values)} s` };
  };
  return [
    row('first page, PostgreSQL', postgres, 3),
    row('first page, PGlite, a restart', again, 4),
    row('first page, PGlite, the very first start', first, 8),
  ];
}

async function secondsToStart(url: string): Promise<number> {
  const server = await startServer(url);
  await server.stop();
  return server.startSeconds;
}
