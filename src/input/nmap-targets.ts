import { type AddressSet, readRange } from '../core/address-set.ts';
import { bigintLine, type Interval, normalise, subtract } from '../core/intervals.ts';
import { limits } from '../limits.ts';
import type { NmapCommand } from './nmap-command.ts';
import { short } from './nmap-facts.ts';

/** The targets of a command line, or why they are not known. */
export type TargetsReading =
  | { readonly ok: true; readonly addresses: AddressSet }
  | { readonly ok: false; readonly reason: string };

/** Options that name targets, or exceptions, which the report does not hold. */
const hidden: Readonly<Record<string, string>> = {
  iL: 'the targets stand in a file of their own (-iL)',
  iR: 'the targets were chosen at random (-iR)',
  excludefile: 'the excluded hosts stand in a file of their own (--excludefile)',
  resume: 'the run was resumed (--resume)',
};

/** The addresses that an nmap command line names, less those it excludes. */
export function readTargets(command: NmapCommand): TargetsReading {
  for (const [option, reason] of Object.entries(hidden)) {
    if (command.options.has(option)) return { ok: false, reason };
  }
  if (command.targets.length === 0) return { ok: false, reason: 'the command line names no target' };
  const isV6 = command.options.has('6');
  const targets = readSpecifications(command.targets, isV6);
  if (!targets.ok) return targets;
  const excluded = readSpecifications(
    command.excludes.flatMap((list) => list.split(',')).filter(Boolean),
    isV6,
  );
  if (!excluded.ok) return excluded;
  return { ok: true, addresses: subtract(bigintLine, targets.addresses, excluded.addresses) };
}

function readSpecifications(texts: readonly string[], isV6: boolean): TargetsReading {
  const intervals: Interval<bigint>[] = [];
  for (const text of texts) {
    const found = text.includes(':') || isV6 ? readV6(text) : readV4(text);
    if (found === undefined)
      return { ok: false, reason: `the target "${short(text)}" is not written as addresses` };
    if (intervals.length + found.length > limits.targetIntervalsMax) {
      return { ok: false, reason: `the targets fall into more than ${limits.targetIntervalsMax} ranges` };
    }
    for (const interval of found) intervals.push(interval);
  }
  return { ok: true, addresses: normalise(bigintLine, intervals) };
}

/** nmap reads IPv6 targets as addresses and networks only. */
function readV6(text: string): Interval<bigint>[] | undefined {
  if (!text.includes(':') || text.includes('-')) return undefined;
  const range = readRange(text);
  return typeof range === 'string' ? undefined : [range];
}

/** Octet ranges: `10.0.0-5.1-254`, `192.168.*.1,3,7`, `-` for 0-255, and a prefix length (nmap's manual, "Target specification"). */
function readV4(text: string): Interval<bigint>[] | undefined {
  const match = /^([\d.,*-]+?)(?:\/(\d{1,2}))?$/.exec(text);
  const parts = match?.[1]?.split('.') ?? [];
  const bits = match?.[2] === undefined ? 32 : Number(match[2]);
  if (parts.length !== 4 || bits > 32) return undefined;
  let blocks: Interval<number>[] = [{ first: 0, last: 0 }];
  for (const part of parts) {
    const ranges = readOctet(part);
    if (ranges === undefined) return undefined;
    blocks = nextOctet(blocks, ranges);
    if (blocks.length > limits.targetIntervalsMax) return blocks.map(toBigint);
  }
  const size = 2 ** (32 - bits);
  return blocks.flatMap((block) => (size === 1 ? [toBigint(block)] : networksOf(block, size)));
}

/** The ranges of one octet, sorted; undefined where the text is none. */
function readOctet(text: string): Interval<number>[] | undefined {
  const ranges: Interval<number>[] = [];
  for (const part of text.split(',')) {
    const match = /^(?:\*|(\d{1,3})?(-)?(\d{1,3})?)$/.exec(part);
    if (match === null || part === '') return undefined;
    const [, from, dash, to] = match;
    const first = Number(from ?? 0);
    const last = dash === undefined && part !== '*' ? first : Number(to ?? 255);
    if (first > last || last > 255) return undefined;
    ranges.push({ first, last });
  }
  return ranges.sort((a, b) => a.first - b.first);
}

/** Every block with every range of the next octet behind it; whole octets keep blocks whole. */
function nextOctet(
  blocks: readonly Interval<number>[],
  ranges: readonly Interval<number>[],
): Interval<number>[] {
  const isWhole = ranges.length === 1 && ranges[0]?.first === 0 && ranges[0].last === 255;
  if (isWhole) return blocks.map(({ first, last }) => ({ first: first * 256, last: last * 256 + 255 }));
  const next: Interval<number>[] = [];
  for (const block of blocks) {
    for (let value = block.first; value <= block.last; value += 1) {
      for (const { first, last } of ranges)
        next.push({ first: value * 256 + first, last: value * 256 + last });
      if (next.length > limits.targetIntervalsMax) return next;
    }
  }
  return next;
}

function networksOf({ first, last }: Interval<number>, size: number): Interval<bigint>[] {
  const from = Math.floor(first / size) * size;
  const to = Math.floor(last / size) * size + size - 1;
  return [toBigint({ first: from, last: to })];
}

function toBigint({ first, last }: Interval<number>): Interval<bigint> {
  return { first: BigInt(first), last: BigInt(last) };
}
