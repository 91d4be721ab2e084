import { setTimeout as pause } from 'node:timers/promises';
import { ask } from '../server/ask.ts';
import { listed, median, percentile, type Row, tell } from './measure.ts';
import { addScanner, oneHostReport, type RunningServer, sendReport, startServer } from './running-server.ts';
import { subscribe } from './subscriber.ts';
import { createPostgres, type ReportName, settle, type World } from './world.ts';

const group = 'ingest';
const MB = 1e6;

/** What a report costs the server that takes it in: memory, its event loop, and the time until others know. */
export async function measureServer(world: World): Promise<Row[]> {
  const small: Peak[] = [];
  const large: Peak[] = [];
  const busy: Awaited<ReturnType<typeof whileTakenIn>>[] = [];
  for (let run = 0; run < world.runs; run += 1) {
    small.push(await peakOf(world, 'small'));
    large.push(await peakOf(world, 'first'));
    busy.push(await whileTakenIn(world));
    const peaks = listed(
      [small, large].map((all) => (all.at(-1)?.peak ?? 0) / MB),
      0,
    );
    tell(`server, run ${run + 1}: peaks ${peaks} MB, event loop p99 ${busy.at(-1)?.p99.toFixed(0)} ms`);
  }
  const latencies = await reportToEvent(world);
  const above = large.map(({ peak, idle }) => (peak - idle) / MB);
  const [smallPeak, largePeak] = [small, large].map((peaks) => median(peaks.map(({ peak }) => peak / MB)));
  const peaks = `peak ${largePeak?.toFixed(0)} MB and ${smallPeak?.toFixed(0)} MB`;
  return [
    {
      group,
      name: 'memory of the server, 284 MB report / 22 MB report',
      value: (largePeak ?? 0) / (smallPeak ?? 1),
      unit: 'x',
      limit: 1.15,
      note: peaks,
    },
    {
      group,
      name: 'memory of the server above idle, 284 MB report',
      value: median(above),
      unit: 'MB',
      limit: 250,
      note: `${listed(above, 0)} MB`,
    },
    {
      group,
      name: 'event loop p99 while the /16 comes in and 100 queries/s run',
      value: median(busy.map(({ p99 }) => p99)),
      unit: 'ms',
      limit: 100,
      note: `max ${listed(
        busy.map(({ max }) => max),
        0,
      )} ms; query p50 ${listed(
        busy.map(({ query }) => percentile(query, 0.5)),
        0,
      )} ms, p99 ${listed(
        busy.map(({ query }) => percentile(query, 0.99)),
        0,
      )} ms`,
    },
    {
      group,
      name: 'one-host report -> event at a subscriber, p50',
      value: percentile(latencies, 0.5),
      unit: 'ms',
      limit: 25,
      note: `${latencies.length} reports into the filled /16`,
    },
    {
      group,
      name: 'one-host report -> event at a subscriber, p99',
      value: percentile(latencies, 0.99),
      unit: 'ms',
      limit: 150,
      note: '',
    },
  ];
}

interface Peak {
  readonly idle: number;
  readonly peak: number;
}

/** A server with an empty database, one scanner, and one small report behind it. */
async function warmServer(world: World, database: string): Promise<RunningServer> {
  const server = await startServer(await createPostgres(world, database));
  await addScanner(server.url, 'bench');
  await addScanner(server.url, 'other');
  await sendReport(server.url, 'other', { text: oneHostReport('192.0.2.1', { round: 0, open: [22] }) });
  await pause(1000);
  await settle(world);
  return server;
}

async function peakOf(world: World, name: ReportName): Promise<Peak> {
  const { path } = await world.report(name);
  const server = await warmServer(world, 'memory');
  server.forgetPeak();
  const idle = server.memory().now;
  await sendReport(server.url, 'bench', { path });
  const { peak } = server.memory();
  await server.stop();
  return { idle, peak };
}

const queries = [
  '{ endpoints(filter: { ports: "3389", verdicts: [OPEN] }, first: 20) { nodes { address port verdict } } }',
  '{ hosts(first: 20) { nodes { address names } } }',
  '{ scans(first: 5) { nodes { id } } }',
];

/** The database stays behind, filled, for what follows. */
async function whileTakenIn(world: World) {
  const { path } = await world.report('first');
  const server = await warmServer(world, 'filled');
  const query: number[] = [];
  const asked: Promise<void>[] = [];
  const askOnce = async (text: string) => {
    const started = performance.now();
    await ask(server.url, text);
    query.push(performance.now() - started);
  };
  await Promise.all(queries.map(askOnce));
  query.length = 0;
  await server.loopDelay();
  const pump = setInterval(() => asked.push(askOnce(queries[asked.length % queries.length] as string)), 10);
  await sendReport(server.url, 'bench', { path });
  clearInterval(pump);
  const { p99, max } = await server.loopDelay();
  await Promise.all(asked);
  await server.stop();
  return { p99, max, query };
}

/** Milliseconds from the first byte of a report of one host until a subscriber has its event. */
async function reportToEvent(world: World): Promise<number[]> {
  await settle(world, 'filled');
  const url = new URL(world.postgres.url);
  url.pathname = '/filled';
  const server = await startServer(url.href);
  const waiting: ((at: number) => void)[] = [];
  const subscriber = await subscribe(server.url, (at) => waiting.shift()?.(at));
  await pause(500);
  const latencies: number[] = [];
  for (let round = 0; round < 220; round += 1) {
    const arrived = new Promise<number>((resolve) => waiting.push(resolve));
    const started = performance.now();
    // The port opens and closes in turn: one change each.
    const text = oneHostReport('10.20.7.7', { round, open: round % 2 === 0 ? [22, 1] : [22] });
    await sendReport(server.url, 'bench', { text });
    const at = await arrived;
    if (round >= 20) latencies.push(at - started);
    if (round < 20) await pause(20); // The first reports may bring several entries.
    waiting.length = 0;
  }
  subscriber.close();
  await server.stop();
  return latencies;
}
