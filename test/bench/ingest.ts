import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ingestReport, type Reading } from '../../src/pipeline/ingest.ts';
import type { IntakeResult, IntakeStore } from '../../src/pipeline/intake-messages.ts';
import type { Database } from '../../src/store/session.ts';
import { copySeconds, missingXmllint, portRows, xmllintSeconds } from './floors.ts';
import {
  listed,
  median,
  type Row,
  ratioOf,
  type Sample,
  sampleBetween,
  sampled,
  secondsOf,
  tell,
} from './measure.ts';
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

/** The figures of one kind of database, one sample for each run. */
type Samples = Record<Timed, Sample[]>;

const noSamples = (): Samples => ({ first: [], same: [], onePercent: [], tenPercent: [] });

/** How long a report takes from its file to the commit, against what reads the file and what writes its rows. */
export async function measureIngest(world: World): Promise<Row[]> {
  const missing = missingXmllint();
  const file = await fileToCommit(world, missing === undefined);
  const store = await storeAlone(world);
  const pglite = await onPglite(world);
  const row = (name: string, samples: readonly Sample[], limit: number): Row => {
    return { group: 'ingest', name, value: ratioOf(samples), unit: 'x', limit, note: sampled(samples) };
  };
  const readings = [
    row('the /16, first scan, file -> committed / xmllint', file.samples.first, 3),
    row('the /16, 1 % of hosts changed / xmllint', file.samples.onePercent, 1),
    row('the /16, nothing changed / xmllint', file.samples.same, 0.6),
  ];
  return [
    ...(missing === undefined
      ? readings
      : readings.map((one) => ({ ...one, value: undefined, note: missing }))),
    {
      group: 'ingest',
      name: 'the /16, nothing changed: WAL',
      value: median(file.wal) / 1000,
      unit: 'kB',
      limit: 100,
      note: `${listed(
        file.wal.map((bytes) => bytes / 1000),
        1,
      )} kB`,
    },
    row('database alone, first scan / COPY', store.first, 2.5),
    row('database alone, nothing changed / COPY', store.same, 0.4),
    row('database alone, 1 % changed / COPY', store.onePercent, 1.2),
    row('database alone, 10 % changed / COPY', store.tenPercent, 3.5),
    row('PGlite / PostgreSQL, first scan', pglite.first, 2),
    row('PGlite / PostgreSQL, nothing changed', pglite.same, 2),
    row('PGlite / PostgreSQL, 1 % changed', pglite.onePercent, 2),
  ];
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
  const samples = noSamples();
  const wal: number[] = [];
  const { path } = await world.report('first');
  for (const name of rescans) await world.report(name);
  const floor = async () => (hasXmllint ? await xmllintSeconds(path) : 1);
  for (let run = 0; run < world.runs; run += 1) {
    samples.first.push(await sampleBetween(floor, () => onPostgres(world, 'first')));
    await settle(world, 'first');
    samples.same.push(await sampleBetween(floor, () => onPostgres(world, 'same', wal)));
    samples.onePercent.push(await sampleBetween(floor, () => onPostgres(world, 'onePercent')));
    const last = Object.values(samples).flatMap((all) => all.slice(-1));
    tell(`PostgreSQL, run ${run + 1}: ${sampled(last)}`);
  }
  return { samples, wal };
}

/** Seconds on PostgreSQL, on a new database or on a copy of the one that the first scan left. */
async function onPostgres(world: World, name: Timed, wal: number[] = []): Promise<number> {
  const url = await createPostgres(world, name, name === 'first' ? 'template1' : 'first');
  const place = await openWithScanner(url);
  await settle(world);
  const before = await walBytes(place.database);
  const seconds = await secondsOf(() => ingest(world, place, { name }));
  wal.push((await walBytes(place.database)) - before);
  await place.database.close();
  return seconds;
}

/**
 * The share of the store: what a reader asks of it is recorded once, and then asked again of an equal database,
 * without any reading, folding or building of rows.
 */
async function storeAlone(world: World): Promise<Samples> {
  const samples = noSamples();
  const rows = await portRows((await world.report('first')).path);
  await openWithScanner(await createPostgres(world, 'empty')).then(({ database }) => database.close());
  for (const name of ['first', ...rescans] as const) {
    const template = name === 'first' ? 'empty' : 'first';
    const replay = await record(world, name, template);
    const again = async () => {
      const place = await openWithScanner(await createPostgres(world, 'replayed', template));
      await settle(world);
      const seconds = await secondsOf(() => ingest(world, place, { name, reading: replay }));
      await place.database.close();
      return seconds;
    };
    for (let run = 0; run < world.runs; run += 1) {
      samples[name].push(await sampleBetween(() => copySeconds(world, rows), again));
    }
    tell(`database alone, ${name}: ${sampled(samples[name])}`);
  }
  return samples;
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

/** The embedded database, in a directory, against PostgreSQL. Its first scan is long, so that it is measured once. */
async function onPglite(world: World): Promise<Samples> {
  const samples = noSamples();
  const timed = async (name: Timed, url: string) => {
    const place = await openWithScanner(url);
    const seconds = await secondsOf(() => ingest(world, place, { name }));
    await place.database.close();
    return seconds;
  };
  const directory = join(world.directory, 'pglite-first');
  samples.first.push(
    await sampleBetween(
      () => onPostgres(world, 'first'),
      () => timed('first', `pglite:${directory}`),
    ),
  );
  for (let run = 0; run < world.runs; run += 1) {
    for (const name of ['same', 'onePercent'] as const) {
      const again = () => timed(name, copyPglite(world, 'pglite-again', 'pglite-first'));
      samples[name].push(await sampleBetween(() => onPostgres(world, name), again));
    }
  }
  for (const name of ['pglite-first', 'pglite-again'])
    rmSync(join(world.directory, name), { recursive: true, force: true });
  tell(
    `PGlite: first ${sampled(samples.first)}, same ${sampled(samples.same)}, 1 % ${sampled(samples.onePercent)}`,
  );
  return samples;
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
