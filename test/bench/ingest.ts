import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ingestReport, type Reading } from '../../src/pipeline/ingest.ts';
import type { IntakeResult, IntakeStore } from '../../src/pipeline/intake-messages.ts';
import type { Database } from '../../src/store/session.ts';
import { copySeconds, missingXmllint, portRows, xmllintSeconds } from './floors.ts';
import { listed, median, type Row, secondsOf, tell } from './measure.ts';
import {
  copyPglite,
  createPostgres,
  openWithScanner,
  type ReportName,
  settle,
  urlOf,
  type World,
  walBytes,
} from './world.ts';

/** What follows the first scan, each on a copy of the database as the first scan left it. */
const rescans = ['same', 'onePercent', 'tenPercent'] as const;

type Timed = 'first' | (typeof rescans)[number];

/** The figures of one kind of database, one for each run. */
type Seconds = Record<Timed, number[]>;

/** How long a report takes from its file to the commit, against what reads the file and what writes its rows. */
export async function measureIngest(world: World): Promise<Row[]> {
  const missing = missingXmllint();
  const file = await fileToCommit(world, missing === undefined);
  const store = await storeAlone(world);
  const pglite = await onPglite(world);
  const rows: Row[] = [];
  const add = (row: Omit<Row, 'group'>) => rows.push({ group: 'ingest', ...row });

  for (const [timed, name, limit] of [
    ['first', 'the /16, first scan, file -> committed / xmllint', 3],
    ['onePercent', 'the /16, 1 % of hosts changed / xmllint', 1],
    ['same', 'the /16, nothing changed / xmllint', 0.6],
  ] as const) {
    const value = missing === undefined ? median(file.seconds[timed]) / median(file.floor) : undefined;
    const note = missing ?? `${listed(file.seconds[timed])} s; xmllint ${listed(file.floor)} s`;
    add({ name, value, unit: 'x', limit, note });
  }
  add({
    name: 'the /16, nothing changed: WAL',
    value: median(file.wal) / 1000,
    unit: 'kB',
    limit: 100,
    note: '',
  });
  for (const [timed, name, limit] of [
    ['first', 'database alone, first scan / COPY', 2.5],
    ['same', 'database alone, nothing changed / COPY', 0.4],
    ['onePercent', 'database alone, 1 % changed / COPY', 1.2],
    ['tenPercent', 'database alone, 10 % changed / COPY', 3.5],
  ] as const) {
    const note = `${listed(store.seconds[timed])} s; COPY ${listed(store.floor)} s`;
    add({ name, value: median(store.seconds[timed]) / median(store.floor), unit: 'x', limit, note });
  }
  for (const [timed, name] of [
    ['first', 'PGlite / PostgreSQL, first scan'],
    ['same', 'PGlite / PostgreSQL, nothing changed'],
    ['onePercent', 'PGlite / PostgreSQL, 1 % changed'],
  ] as const) {
    const note = `${listed(pglite[timed])} s; PostgreSQL ${listed(file.seconds[timed])} s`;
    add({ name, value: median(pglite[timed]) / median(file.seconds[timed]), unit: 'x', limit: 2, note });
  }
  return rows;
}

/** Takes in one report as the server does: a large one in a worker thread. */
async function ingest(
  world: World,
  place: { readonly database: Database; readonly scannerId: number },
  { name, reading = world.readers.read }: { readonly name: ReportName; readonly reading?: Reading },
): Promise<void> {
  const { path } = await world.report(name);
  const request = {
    scannerId: place.scannerId,
    paths: [path],
    spool: `${path}.spool`,
    receivedAt: Date.now(),
  };
  await ingestReport(place.database, request, reading);
}

async function fileToCommit(world: World, hasXmllint: boolean) {
  const seconds: Seconds = { first: [], same: [], onePercent: [], tenPercent: [] };
  const floor: number[] = [];
  const wal: number[] = [];
  const { path } = await world.report('first');
  for (const name of rescans) await world.report(name);
  for (let run = 0; run < world.runs; run += 1) {
    if (hasXmllint) floor.push(await xmllintSeconds(path));
    const first = await openWithScanner(await createPostgres(world, 'first'));
    await settle(world);
    seconds.first.push(await secondsOf(() => ingest(world, first, { name: 'first' })));
    await first.database.close();
    await settle(world, 'first');
    for (const name of ['same', 'onePercent'] as const) {
      const place = await openWithScanner(await createPostgres(world, name, 'first'));
      await settle(world);
      const before = await walBytes(place.database);
      seconds[name].push(await secondsOf(() => ingest(world, place, { name })));
      if (name === 'same') wal.push((await walBytes(place.database)) - before);
      await place.database.close();
    }
    tell(`PostgreSQL, run ${run + 1}: ${listed(Object.values(seconds).map((all) => all.at(-1) ?? 0))} s`);
  }
  return { seconds, floor, wal };
}

/**
 * The share of the store: what a reader asks of it is recorded once, and then asked again of an equal database,
 * without any reading, folding or building of rows.
 */
async function storeAlone(world: World): Promise<{ seconds: Seconds; floor: number[] }> {
  const seconds: Seconds = { first: [], same: [], onePercent: [], tenPercent: [] };
  const floor: number[] = [];
  const rows = await portRows((await world.report('first')).path);
  for (let run = 0; run < world.runs; run += 1) floor.push(await copySeconds(world, rows));
  await openWithScanner(await createPostgres(world, 'empty')).then(({ database }) => database.close());
  for (const name of ['first', ...rescans] as const) {
    const template = name === 'first' ? 'empty' : 'first';
    const replay = await record(world, name, template);
    for (let run = 0; run < world.runs; run += 1) {
      const place = await openWithScanner(await createPostgres(world, 'replayed', template));
      await settle(world);
      seconds[name].push(await secondsOf(() => ingest(world, place, { name, reading: replay })));
      await place.database.close();
    }
    tell(`database alone, ${name}: ${listed(seconds[name])} s; COPY ${listed(floor)} s`);
  }
  return { seconds, floor };
}

type Call = (store: IntakeStore) => Promise<unknown>;

/** Takes the report in, and gives a reading that only repeats what was asked of the store. */
async function record(world: World, name: ReportName, template: string): Promise<Reading> {
  const calls: Call[] = [];
  let result: IntakeResult | undefined;
  const place = await openWithScanner(await createPostgres(world, 'recorded', template));
  await ingest(world, place, {
    name,
    reading: async (request, store, bytes) => {
      calls.length = 0;
      result = await world.readers.read(request, recording(store, calls), bytes);
      return result;
    },
  });
  await place.database.close();
  return async (_request, store) => {
    for (const call of calls) await call(store);
    if (result === undefined) throw new Error('nothing was recorded');
    return result;
  };
}

function recording(store: IntakeStore, calls: Call[]): IntakeStore {
  const note = (call: Call) => calls.push(call);
  return {
    begin(beginning) {
      note((other) => other.begin(beginning));
      return store.begin(beginning);
    },
    states(addresses) {
      note((other) => other.states(addresses));
      return store.states(addresses);
    },
    known(profileId, addresses) {
      note((other) => other.known(profileId, addresses));
      return store.known(profileId, addresses);
    },
    histories(addresses) {
      note((other) => other.histories(addresses));
      return store.histories(addresses);
    },
    write(rows) {
      note((other) => other.write(rows));
      return store.write(rows);
    },
  };
}

/** The embedded database, in a directory. Its first scan is long, so that it is measured once. */
async function onPglite(world: World): Promise<Seconds> {
  const seconds: Seconds = { first: [], same: [], onePercent: [], tenPercent: [] };
  const directory = join(world.directory, 'pglite-first');
  const first = await openWithScanner(`pglite:${directory}`);
  seconds.first.push(await secondsOf(() => ingest(world, first, { name: 'first' })));
  await first.database.close();
  for (let run = 0; run < world.runs; run += 1) {
    for (const name of ['same', 'onePercent'] as const) {
      const place = await openWithScanner(copyPglite(world, 'pglite-again', 'pglite-first'));
      seconds[name].push(await secondsOf(() => ingest(world, place, { name })));
      await place.database.close();
    }
  }
  for (const name of ['pglite-first', 'pglite-again'])
    rmSync(join(world.directory, name), { recursive: true, force: true });
  tell(
    `PGlite: first ${listed(seconds.first)}, same ${listed(seconds.same)}, 1 % ${listed(seconds.onePercent)} s`,
  );
  return seconds;
}

/** The URL of a database that holds the first scan of the /16; made where it is missing. */
export async function filledDatabase(world: World): Promise<string> {
  const name = 'filled';
  const place = await openWithScanner(await createPostgres(world, name));
  await ingest(world, place, { name: 'first' });
  await place.database.close();
  await settle(world, name);
  return urlOf(world, name);
}
