import { sql } from 'drizzle-orm';
import type { ImportRequest, ImportResult } from '../../src/core/target-model.ts';
import { openApplication } from '../../src/pipeline/application.ts';
import { assessHosts } from '../../src/pipeline/assess.ts';
import { assessingOf } from '../../src/pipeline/drift.ts';
import { ingestReport } from '../../src/pipeline/ingest.ts';
import { openReportUploads } from '../../src/pipeline/report-uploads.ts';
import { presentTarget } from '../../src/pipeline/target-cache.ts';
import type { Database } from '../../src/store/session.ts';
import { groupsInService } from '../../src/store/side-by-side.ts';
import { copySeconds, portRows } from './floors.ts';
import {
  median,
  type Row,
  ratioOf,
  type Sample,
  sampleBetween,
  sampled,
  secondsOf,
  tell,
} from './measure.ts';
import { createPostgres, openWithScanner, settle, type World } from './world.ts';

const hosts = 65_536;

/** What it costs to hold the /16 against 200,000 statements, and to keep that up to date. */
export async function measureDrift(world: World): Promise<Row[]> {
  const { path } = await world.report('first');
  const copied = await portRows(path);
  const plain = await openWithScanner(await createPostgres(world, 'no-target'));
  await takeIn(world, plain, path);
  await plain.database.close();
  const place = await openWithScanner(await createPostgres(world, 'target', 'no-target'));
  const bench: Bench = { world, copied, ...place, application: applicationOf(world, place.database) };
  try {
    const rows = await importRows(bench);
    await settle(world, 'target');
    rows.push(...(await assessRows(bench)), ...(await readRows(bench)));
    return [...rows, await ingestRow(bench)];
  } finally {
    await bench.application.close();
    await place.database.close();
  }
}

interface Bench {
  readonly world: World;
  /** The open ports as rows for COPY. */
  readonly copied: string;
  readonly database: Database;
  readonly scannerId: number;
  readonly application: ReturnType<typeof applicationOf>;
}

function applicationOf(world: World, database: Database) {
  const now = () => Date.now();
  const uploads = openReportUploads(database, { readers: world.readers, spool: world.directory, now });
  return openApplication(database, { uploads, now });
}

async function takeIn(
  world: World,
  { database, scannerId }: { database: Database; scannerId: number },
  path: string,
): Promise<void> {
  const request = { scannerId, paths: [path], spool: `${path}.spool`, receivedAt: Date.now() };
  await ingestReport(database, request, world.readers.read);
}

/** 200,000 statements about hosts and networks; `changed` of 100 hosts have another owner. */
function inventoryLines(changed: number): string[] {
  const lines: string[] = [];
  for (let host = 0; host < hosts; host += 1) {
    const selector = `10.20.${host >> 8}.${host & 255}`;
    const owner = host % 100 < changed ? 'new' : `team${host % 50}`;
    lines.push(
      `{"externalId":"h${host}","selector":"${selector}","expect":"present","owner":"${owner}"}\n`,
      `{"externalId":"s${host}","selector":"${selector}","ports":"22/tcp","expect":"required","owner":"${owner}"}\n`,
      `{"externalId":"w${host}","selector":"${selector}","ports":"80/tcp","expect":"allowed","owner":"${owner}"}\n`,
    );
  }
  for (let net = 0; net < 256; net += 1) {
    lines.push(
      `{"externalId":"n${net}","selector":"10.20.${net}.0/24","ports":"1-65535/tcp","expect":"allowed"}\n`,
    );
  }
  for (let net = 0; lines.length < 200_000; net += 1) {
    const selector = `10.20.${net >> 4}.${(net & 15) << 4}/28`;
    lines.push(`{"externalId":"f${net}","selector":"${selector}","ports":"3389/tcp","expect":"forbidden"}\n`);
  }
  return lines;
}

async function* bytesOf(lines: readonly string[]): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < lines.length; at += 2000) yield Buffer.from(lines.slice(at, at + 2000).join(''));
}

async function importRows(bench: Bench): Promise<Row[]> {
  const { targets } = bench.application;
  const { id: sourceId } = await targets.sources.create({ name: 'cmdb', addressSpaceId: 1 });
  const take = async (lines: readonly string[]): Promise<ImportResult> => {
    const { revision = 0 } = (await targets.sources.find(sourceId)) ?? {};
    const request: ImportRequest = {
      sourceId,
      mode: 'snapshot',
      format: 'expectations-jsonl',
      expectedRevision: revision,
    };
    return targets.importInventory({ ...request, dryRun: false }, bytesOf(lines));
  };
  const lines = [inventoryLines(0), inventoryLines(1)];
  tell('importing 200,000 statements');
  const first = await secondsOf(() => take(lines[0] as string[]));
  tell(`the first import took ${first.toFixed(1)} s`);
  const floor = () => parseAndCopySeconds(bench, lines[0] as string[]);
  const same: Sample[] = [];
  const changed: Sample[] = [];
  for (let run = 0; run < bench.world.runs; run += 1) {
    const now = lines[run % 2] as string[];
    same.push(await sampleBetween(floor, () => secondsOf(() => take(now))));
    changed.push(await sampleBetween(floor, () => secondsOf(() => take(lines[(run + 1) % 2] as string[]))));
  }
  return [
    x('import of 200,000 statements, nothing changed / parse + COPY', same, 1),
    x('import of 200,000 statements, 1 % changed / parse + COPY', changed, 1.5),
  ];
}

/** JSON.parse of every line, and a plain COPY of as many rows into a table with a primary key. */
async function parseAndCopySeconds({ database }: Bench, lines: readonly string[]): Promise<number> {
  await database.rows(sql`drop table if exists floor`);
  await database.rows(sql`create table floor (id text primary key, selector text, expect text, owner text)`);
  return secondsOf(async () => {
    const rows = lines.map((line) => {
      const { externalId, selector, expect, owner } = JSON.parse(line) as Record<string, string>;
      return `${externalId}\t${selector}\t${expect}\t${owner ?? ''}\n`;
    });
    await database.copy({ table: 'floor', columns: ['id', 'selector', 'expect', 'owner'] }, rows.join(''));
  });
}

async function assessRows({ world, copied, database, application }: Bench): Promise<Row[]> {
  const floor = () => copySeconds(world, copied);
  const all: Sample[] = [];
  const thousand: Sample[] = [];
  const one: number[] = [];
  let assessed = 0;
  for (let run = 0; run < world.runs; run += 1) {
    all.push(
      await sampleBetween(floor, () =>
        secondsOf(async () => {
          ({ assessed } = await application.drift.verify({ addressSpaceId: 1 }));
        }),
      ),
    );
    const some = Array.from({ length: 1000 }, (_, i) => `10.20.${run * 8 + (i >> 8)}.${i & 255}`);
    thousand.push(await sampleBetween(floor, () => assessSeconds(database, some)));
    for (let i = 0; i < 10; i += 1) one.push(await assessSeconds(database, [`10.20.77.${run * 10 + i}`]));
  }
  return [
    x(`full recomputation, ${assessed} hosts x 200,000 statements / COPY`, all, 2),
    ms('one host, after a scan', one, 5),
    x('1,000 hosts, after a scan / COPY', thousand, 0.5),
  ];
}

/** What a scan does once it knows which hosts it touched. */
function assessSeconds(database: Database, addresses: readonly string[]): Promise<number> {
  return database.transaction(async (session) => {
    const target = await presentTarget(session, 1);
    const [view] = await groupsInService(session, {});
    if (target === undefined || view === undefined) throw new Error('the bench declared a target');
    const origin = { at: Date.now(), cause: 'observation' } as const;
    return secondsOf(() => assessHosts(assessingOf(session, { target, view, origin }), addresses));
  });
}

async function readRows({ world, application }: Bench): Promise<Row[]> {
  const { items, summary } = application.drift;
  const total = await items.count({});
  const pages: number[] = [];
  const deep: number[] = [];
  const summaries: number[] = [];
  let after: string | undefined;
  for (let read = 0; read < total * 0.9; read += 1000) {
    const page = await items.page(
      {},
      { limit: 1000, backward: false, ...(after === undefined ? {} : { after }) },
    );
    after = page.items.at(-1)?.cursor;
  }
  for (let run = 0; run < 10 * world.runs; run += 1) {
    summaries.push(await secondsOf(() => summary({}, 'subnet')));
    pages.push(await secondsOf(() => items.page({}, { limit: 100, backward: false })));
    deep.push(
      await secondsOf(() => items.page({}, { limit: 100, backward: false, ...(after && { after }) })),
    );
  }
  return [
    ms(`summary by /24 of the /16, ${total} items`, summaries, 50),
    {
      group: 'drift',
      name: 'page of 100 items at 90 % depth / first page',
      value: median(deep) / median(pages),
      unit: 'x',
      limit: 1.5,
      note: `p50 ${(median(deep) * 1000).toFixed(1)} and ${(median(pages) * 1000).toFixed(1)} ms`,
    },
  ];
}

/** The /16 with 1 % changed, with and without a target. */
async function ingestRow({ world, database, application }: Bench): Promise<Row> {
  await application.close();
  await database.close();
  const { path } = await world.report('onePercent');
  const samples: Sample[] = [];
  const secondsOn = async (template: string) => {
    const name = `${template}-again`;
    const place = await openWithScanner(await createPostgres(world, name, template));
    await settle(world);
    // A server has its target in memory.
    await place.database.transaction((session) => presentTarget(session, 1));
    const seconds = await secondsOf(() => takeIn(world, place, path));
    await place.database.close();
    return seconds;
  };
  for (let run = 0; run < world.runs; run += 1) {
    samples.push(
      await sampleBetween(
        () => secondsOn('no-target'),
        () => secondsOn('target'),
      ),
    );
  }
  const ratio = ratioOf(samples);
  return {
    group: 'drift',
    name: 'what drift adds to the ingest of the /16, 1 % changed',
    value: ratio === undefined ? undefined : (ratio - 1) * 100,
    unit: '%',
    limit: 25,
    note: sampled(samples),
  };
}

function x(name: string, samples: readonly Sample[], limit: number): Row {
  return { group: 'drift', name, value: ratioOf(samples), unit: 'x', limit, note: sampled(samples) };
}

function ms(name: string, samples: readonly number[], limit: number): Row {
  const note = `p50 of ${samples.length}`;
  return { group: 'drift', name, value: median(samples) * 1000, unit: 'ms', limit, note };
}
