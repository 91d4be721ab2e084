import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { resolve } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { afterAll } from 'vitest';
import { until } from './until.ts';

/** How a program ended and what it wrote. */
export interface Outcome {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  /** Standard input; empty unless told. */
  readonly input?: string | Uint8Array | Readable;
  /** Added to our own environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** After this it is killed, and the promise fails with what it wrote; 120 seconds unless told. */
  readonly withinMs?: number;
}

/** A program that runs; it is killed after the test file at the latest. */
export interface Running {
  readonly pid: number;
  /** What it has written so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Waits until either output matches; fails when the program ends without. */
  readonly prints: (pattern: RegExp, withinMs?: number) => Promise<RegExpExecArray>;
  readonly exited: Promise<Outcome>;
  /** Sends the signal (SIGTERM unless told) and waits for the end. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<Outcome>;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const running = new Set<Child>();

afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** The built command line program. */
export const drportscan = resolve('dist/src/main.js');

/** Runs a program to its end. It does not fail on an exit code: that is for the test to judge. */
export async function run(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<Outcome> {
  const { exited, stop, stdout, stderr } = start(program, args, options);
  const withinMs = options.withinMs ?? 120_000;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<'too late'>((late) => {
    timer = setTimeout(late, withinMs, 'too late');
  });
  const outcome = await Promise.race([exited, tooLate]);
  clearTimeout(timer);
  if (outcome !== 'too late') return outcome;

  await stop('SIGKILL');
  throw new Error(`${program} ${args.join(' ')} ran for more than ${withinMs} ms:\n${stdout()}${stderr()}`);
}

/** Runs `drportscan` with these arguments to its end. */
export function runCli(args: readonly string[], options?: ProgramOptions): Promise<Outcome> {
  return run(process.execPath, [drportscan, ...args], options);
}

/** Starts `drportscan`, such as `startCli(['serve', '--port', '0'])`. */
export function startCli(args: readonly string[], options?: ProgramOptions): Running {
  return start(process.execPath, [drportscan, ...args], options);
}

/** Starts a program and returns at once. */
export function start(program: string, args: readonly string[], options: ProgramOptions = {}): Running {
  const child: Child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: '1', NODE_OPTIONS: undefined, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  running.add(child);
  child.stdin.on('error', () => undefined); // A program may end before it has read everything.
  if (options.input instanceof Readable) options.input.pipe(child.stdin);
  else child.stdin.end(options.input ?? '');

  const written = { stdout: '', stderr: '' };
  const news = new EventEmitter();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
      news.emit('news');
    });
  }

  let ended: Outcome | undefined;
  const exited = new Promise<Outcome>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => {
      running.delete(child);
      ended = { code, signal, ...written };
      news.emit('news');
      done(ended);
    });
  });
  exited.catch(() => undefined);

  return {
    pid: child.pid ?? -1,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    exited,
    prints: (pattern, withinMs = 120_000) => {
      const look = () => {
        const match = pattern.exec(written.stdout) ?? pattern.exec(written.stderr);
        if (!match && ended) throw new Error(`It ended without printing ${pattern}:\n${describe(ended)}`);
        return match;
      };
      return until(`${program} prints ${pattern}`, look, {
        withinMs,
        on: { emitter: news, events: ['news'] },
      });
    },
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return exited;
    },
  };
}

function describe({ code, signal, stdout, stderr }: Outcome): string {
  return `exit ${code ?? signal}\n${stdout}${stderr}`;
}
