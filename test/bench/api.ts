import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ask, fieldOf } from '../server/ask.ts';
import { filledDatabase } from './ingest.ts';
import { listed, median, percentile, type Row, tell } from './measure.ts';
import { startServer } from './running-server.ts';
import type { World } from './world.ts';

/** What the API costs on the filled /16. */
export async function measureApi(world: World): Promise<Row[]> {
  const server = await startServer(await filledDatabase(world));
  const first = await timesOf(server.url, { first: 100, after: null });
  const small = await timesOf(server.url, { first: 10, after: null });
  const deep = await timesOf(server.url, { first: 10, after: await cursorBefore(server.url, 1000) });
  const shares: { ours: number; ping: number }[] = [];
  const ping = await startPing();
  for (let run = 0; run < world.runs; run += 1) {
    shares.push({
      ours: await requestsPerSecond(server.url, hostPage),
      ping: await requestsPerSecond(ping.url, '{ ping }'),
    });
    tell(`requests/s: ${JSON.stringify(shares.at(-1))}`);
  }
  ping.stop();
  await server.stop();
  const group = 'api';
  return [
    {
      group,
      name: 'endpoints(port 3389), first page of 100 among 948,991, p50',
      value: percentile(first, 0.5),
      unit: 'ms',
      limit: 30,
      note: `p99 ${percentile(first, 0.99).toFixed(0)} ms, ${first.length} requests`,
    },
    {
      group,
      name: 'page 1,000 / page 1 of the same, 10 on a page',
      value: percentile(deep, 0.5) / percentile(small, 0.5),
      unit: 'x',
      limit: 1.5,
      note: `p50 ${percentile(deep, 0.5).toFixed(1)} and ${percentile(small, 0.5).toFixed(1)} ms`,
    },
    {
      group,
      name: 'requests/s, 20 hosts with 5 endpoints each / a bare Yoga ping',
      value: median(shares.map(({ ours, ping: bare }) => ours / bare)),
      unit: 'x',
      limit: 0.25,
      atLeast: true,
      note: `${listed(
        shares.map(({ ours }) => ours),
        0,
      )} and ${listed(
        shares.map(({ ping: bare }) => bare),
        0,
      )} per second`,
    },
  ];
}

const page = `query ($first: Int, $after: String) {
  endpoints(filter: { ports: "3389", verdicts: [OPEN] }, first: $first, after: $after) {
    pageInfo { endCursor }
    nodes { address port protocol verdict service { name product version } views { scanner { name } since { at } } }
  }
}`;

const hostPage =
  '{ hosts(first: 20) { nodes { address names endpoints(first: 5) { nodes { port protocol verdict } } } } }';

interface PageArguments {
  readonly first: number;
  readonly after: string | null;
}

async function endCursorOf(url: string, variables: PageArguments): Promise<string> {
  const answer = await ask(url, page, { ...variables });
  return fieldOf<{ pageInfo: { endCursor: string } }>(answer, 'endpoints').pageInfo.endCursor;
}

/** Milliseconds of 50 requests, one after the other, after 10 for warming up. */
async function timesOf(url: string, variables: PageArguments): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < 60; i += 1) {
    const started = performance.now();
    await endCursorOf(url, variables);
    times.push(performance.now() - started);
  }
  return times.slice(10);
}

/** The cursor at the end of the page before this one, pages of 10. */
async function cursorBefore(url: string, number: number): Promise<string> {
  let after: string | null = null;
  for (let done = 1; done < number; done += 10) {
    after = await endCursorOf(url, { first: Math.min(100, 10 * (number - done)), after });
  }
  return after ?? '';
}

const pingServer = fileURLToPath(new URL('./ping-server.js', import.meta.url));

async function startPing(): Promise<{ url: string; stop(): void }> {
  const child = spawn(process.execPath, [pingServer], { stdio: ['ignore', 'pipe', 'inherit'] });
  let url = '';
  for await (const chunk of child.stdout) {
    url += String(chunk);
    if (url.endsWith('\n')) break;
  }
  return { url: url.trim(), stop: () => child.kill() };
}

/** Eight connections, five seconds; autocannon runs in a process of its own. */
async function requestsPerSecond(url: string, query: string): Promise<number> {
  const args = ['-j', '-c', '8', '-d', '5', '-m', 'POST', '-H', 'content-type=application/json'];
  const body = JSON.stringify({ query });
  const child = spawn('node_modules/.bin/autocannon', [...args, '-b', body, `${url}/graphql`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  for await (const chunk of child.stdout) output += String(chunk);
  const result = JSON.parse(output) as { requests: { average: number }; non2xx: number; errors: number };
  if (result.non2xx + result.errors > 0) throw new Error(`${result.non2xx + result.errors} requests failed`);
  return result.requests.average;
}
