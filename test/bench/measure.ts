import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** One line of the table. */
export interface Row {
  readonly group: string;
  readonly name: string;
  /** Undefined where it could not be measured; `note` says why. */
  readonly value: number | undefined;
  readonly unit: 'x' | 'ms' | 's' | 'kB' | 'MB' | '%' | '';
  readonly limit: number;
  /** The value must not be below the limit, instead of not above it. */
  readonly atLeast?: boolean;
  /** What it was computed from. */
  readonly note: string;
}

/** Whether the row reaches its target; undefined where it was not measured. */
export function isReached({ value, limit, atLeast }: Row): boolean | undefined {
  if (value === undefined) return undefined;
  return atLeast === true ? value >= limit : value <= limit;
}

/** The middle value; the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2;
}

/** A time, and what its floor took just before and just after, because the machine is shared with others. */
export interface Sample {
  readonly seconds: number;
  readonly floor: number;
}

/** The middle of the ratios; undefined without samples. */
export function ratioOf(samples: readonly Sample[]): number | undefined {
  return samples.length === 0 ? undefined : median(samples.map(({ seconds, floor }) => seconds / floor));
}

/** `3.1 3.0 s against 1.5 1.6 s`, for notes. */
export function sampled(samples: readonly Sample[]): string {
  const seconds = listed(samples.map((sample) => sample.seconds));
  return `${seconds} s against ${listed(samples.map(({ floor }) => floor))} s`;
}

/** Measures the floor, the work, and the floor again. */
export async function sampleBetween(
  floor: () => Promise<number>,
  work: () => Promise<number>,
): Promise<Sample> {
  const before = await floor();
  const seconds = await work();
  return { seconds, floor: (before + (await floor())) / 2 };
}

/** The value below which this share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
}

/** Seconds that the work takes. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** Seconds that a program takes from its start to its end. Throws where it fails. */
export function secondsOfProgram(program: string, args: readonly string[]): Promise<number> {
  return secondsOf(async () => {
    const [code] = await once(spawn(program, args, { stdio: 'ignore' }), 'exit');
    if (code !== 0) throw new Error(`${program} ended with ${code}`);
  });
}

/** `1.53 2.01 1.60`, for notes. */
export function listed(values: readonly number[], digits = 2): string {
  return values.map((value) => value.toFixed(digits)).join(' ');
}

/** What happens, on the terminal only. */
export function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
