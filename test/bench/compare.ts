import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listed, median, type Row, tell } from './measure.ts';
import { writeLoad } from './standard-load.ts';
import type { World } from './world.ts';

const ndiff = 'ndiff';
const drportscan = fileURLToPath(new URL('../../src/main.js', import.meta.url));

/** Two reports of one network, and what `drportscan diff` may take of what ndiff takes. */
interface Pair {
  readonly name: string;
  readonly hosts: number;
  /** Hosts in 10,000 that differ. */
  readonly changed: number;
  readonly time: number;
  readonly memory: number;
  /** ndiff on two files of 289 MB takes a minute. */
  readonly ndiffRuns?: number;
}

const pairs: readonly Pair[] = [
  { name: '5,000 hosts, 1 % changed', hosts: 5000, changed: 100, time: 0.3, memory: 1 },
  { name: '5,000 hosts, 10 % changed', hosts: 5000, changed: 1000, time: 0.5, memory: 1 },
  { name: '5,000 hosts, all changed', hosts: 5000, changed: 10_000, time: 1, memory: 2 },
  { name: 'the /16, 1 % changed', hosts: 65_536, changed: 100, time: 0.15, memory: 0.25, ndiffRuns: 1 },
];

/** `drportscan diff` against ndiff on the same files, both from the start of the process to its end. */
export async function measureCompare(world: World): Promise<Row[]> {
  const { error } = spawnSync(ndiff, ['-h']);
  const rows: Row[] = [];
  for (const pair of pairs) {
    if (error === undefined) rows.push(...(await measurePair(world, pair)));
    else rows.push(...rowsOf(pair, undefined, 'needs ndiff (Debian: apt-get install ndiff)'));
  }
  return rows;
}

async function measurePair(world: World, pair: Pair): Promise<Row[]> {
  const [before, after] = await writePair(world, pair);
  tell(`comparing ${pair.name}`);
  const theirs = await costs(ndiff, [before, after], Math.min(world.runs, pair.ndiffRuns ?? world.runs));
  const ours = await costs(process.execPath, [drportscan, 'diff', before, after], world.runs);
  const seconds = (all: readonly Cost[]) => listed(all.map((cost) => cost.seconds));
  const megabytes = (all: readonly Cost[]) =>
    listed(
      all.map((cost) => cost.bytes / 1e6),
      0,
    );
  return rowsOf(
    pair,
    { time: ratio(ours, theirs, 'seconds'), memory: ratio(ours, theirs, 'bytes') },
    `${seconds(ours)} s, ndiff ${seconds(theirs)} s; ${megabytes(ours)} MB, ndiff ${megabytes(theirs)} MB`,
  );
}

async function writePair({ directory }: World, { hosts, changed }: Pair): Promise<[string, string]> {
  const path = (round: number) => join(directory, `compare-${hosts}-${changed}-${round}.xml`);
  await writeLoad({ path: path(0), hosts, round: 0, changed: 0 });
  await writeLoad({ path: path(1), hosts, round: 1, changed });
  return [path(0), path(1)];
}

function rowsOf(
  { name, time, memory }: Pair,
  found: { readonly time: number; readonly memory: number } | undefined,
  note: string,
): Row[] {
  const row = { group: 'compare', unit: 'x', note } as const;
  return [
    { ...row, name: `${name}: time`, value: found?.time, limit: time },
    { ...row, name: `${name}: memory`, value: found?.memory, limit: memory },
  ];
}

interface Cost {
  readonly seconds: number;
  /** The most that the process had in memory. */
  readonly bytes: number;
}

function ratio(ours: readonly Cost[], theirs: readonly Cost[], key: keyof Cost): number {
  return median(ours.map((cost) => cost[key])) / median(theirs.map((cost) => cost[key]));
}

async function costs(program: string, args: readonly string[], runs: number): Promise<Cost[]> {
  const all: Cost[] = [];
  for (let run = 0; run < runs; run += 1) all.push(await costOf(program, args));
  return all;
}

/** Throws unless the program found differences, as both say by exit code 1. */
async function costOf(program: string, args: readonly string[]): Promise<Cost> {
  const started = performance.now();
  const child = spawn(program, args, { stdio: 'ignore', env: { ...process.env, TZ: 'UTC' } });
  const peak = watchMemory(child);
  const [code] = await once(child, 'exit');
  const seconds = (performance.now() - started) / 1000;
  if (code !== 1) throw new Error(`${program} ended with ${code}, not with 1 for differences`);
  return { seconds, bytes: peak() };
}

/** The kernel keeps the peak of a process; it is asked for until the process is gone. */
function watchMemory({ pid }: ChildProcess): () => number {
  let peak = 0;
  const look = () => {
    try {
      const [, kilobytes] = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      peak = Math.max(peak, Number(kilobytes ?? 0) * 1024);
    } catch {
      // It has ended.
    }
  };
  const timer = setInterval(look, 10);
  return () => {
    clearInterval(timer);
    return peak;
  };
}
