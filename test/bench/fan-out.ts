import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { percentile, type Row, tell } from './measure.ts';
import { addScanner, oneHostReport, type RunningServer, sendReport, startServer } from './running-server.ts';
import type { SubscribersAnswer } from './subscribers.ts';
import { createPostgres, type World } from './world.ts';

const group = 'fan-out';

/** One event for very many subscribers. */
export async function measureFanOut(world: World): Promise<Row[]> {
  return [...(await measure(world, 1000, 250)), ...(await measure(world, 10_000, 1500))];
}

async function measure(world: World, count: number, limit: number): Promise<Row[]> {
  const server = await startServer(await createPostgres(world, 'fanout'));
  await addScanner(server.url, 'bench');
  await report(server, 0);
  const before = server.memory().now;
  const subscribers = fork(fileURLToPath(new URL('./subscribers.js', import.meta.url)));
  const asked = async (message: object): Promise<SubscribersAnswer> => {
    subscribers.send(message);
    const [answer] = (await once(subscribers, 'message')) as [SubscribersAnswer];
    return answer;
  };
  await asked({ kind: 'subscribe', url: server.url, count });
  await pause(2000);
  const kilobytes = (server.memory().now - before) / 1000 / count;
  const latencies: number[] = [];
  let lost = 0;
  for (let round = 1; round <= 5; round += 1) {
    const startedAt = Date.now();
    await report(server, round);
    const { arrivedAt } = await asked({ kind: 'collect', count, withinMs: 10_000 });
    lost += count - arrivedAt.length;
    for (const at of arrivedAt) latencies.push(at - startedAt);
  }
  subscribers.kill();
  await server.stop();
  const p99 = percentile(latencies, 0.99);
  tell(`${count} subscribers: p99 ${p99.toFixed(0)} ms, ${kilobytes.toFixed(1)} kB each, ${lost} lost`);
  const name = `${count.toLocaleString('en')} subscribers, one event`;
  const median = `p50 ${percentile(latencies, 0.5).toFixed(0)} ms, 5 events; from the first byte of the report`;
  return [
    { group, name: `${name}: p99`, value: p99, unit: 'ms', limit, note: median },
    { group, name: `${name}: memory of each`, value: kilobytes, unit: 'kB', limit: 35, note: '' },
    { group, name: `${name}: lost`, value: lost, unit: '', limit: 0, note: '' },
  ];
}

/** The port opens and closes in turn: one change, and so one event. */
function report(server: RunningServer, round: number): Promise<void> {
  const open = round % 2 === 0 ? [22] : [22, 80];
  return sendReport(server.url, 'bench', { text: oneHostReport('192.0.2.7', { round, open }) });
}
