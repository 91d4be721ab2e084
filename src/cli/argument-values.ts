import { InvalidArgumentError } from 'commander';
import { readAddress } from '../core/address.ts';
import { readAddressSet } from '../core/address-set.ts';
import { isInCalendar } from '../core/calendar.ts';
import {
  formatPortSet,
  type PortSet,
  type Protocol,
  portKey,
  portOf,
  readPortSet,
  unionOfPorts,
} from '../core/endpoint.ts';
import { didYouMean } from './nearest.ts';

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** A moment as people write it, as ISO text: a date, a time (UTC unless it says otherwise), or `3h` ago. */
export function readMoment(text: string): string {
  const ago = /^(\d{1,6})\s*([smhdw])(?:\s*ago)?$/.exec(text.trim());
  if (ago !== null) {
    return new Date(Date.now() - Number(ago[1]) * unitMs[ago[2] as keyof typeof unitMs]).toISOString();
  }
  const shape = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,3})?)?)?(Z|[+-]\d\d:\d\d)?$/i;
  const [, day = '', minutes = '00:00', seconds = ':00', zone = 'Z'] = shape.exec(text.trim()) ?? [];
  const instant = Date.parse(`${day}T${minutes}${seconds}${zone.toUpperCase()}`);
  if (Number.isNaN(instant)) {
    throw new InvalidArgumentError(
      'Write 2026-11-23, 2026-11-23T10:15:00Z, or 30m, 6h, 7d for so long before or after now.',
    );
  }
  if (!isInCalendar(day)) throw new InvalidArgumentError(`The calendar has no ${day}.`);
  return new Date(instant).toISOString();
}

/** A moment that was, as people write it. */
export function readPastMoment(text: string): string {
  const moment = readMoment(text);
  if (Date.parse(moment) <= Date.now()) return moment;
  throw new InvalidArgumentError(`${moment} lies in the future, of which nobody knows anything yet.`);
}

/** A span of time in seconds: `90`, `30m`, `26h`, `7d`. */
export function readSeconds(text: string): number {
  const [, count, unit = 's'] = /^(\d{1,9})\s*([smhdw]?)$/.exec(text.trim()) ?? [];
  if (count === undefined) throw new InvalidArgumentError('Write a number of seconds, or 30m, 26h, 7d.');
  return (Number(count) * unitMs[(unit || 's') as keyof typeof unitMs]) / 1000;
}

/** A whole number in a range. */
export function readNumber(first: number, last: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (value >= first && value <= last) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${first} to ${last}.`);
  };
}

/** A share: `0.5` or `50%`. */
export function readShare(text: string): number {
  const [, number, percent] = /^(\d{1,3}(?:\.\d{1,6})?)\s*(%?)$/.exec(text.trim()) ?? [];
  const share = Number(number) / (percent === '%' ? 100 : 1);
  if (share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError('It must be a share from 0 to 1, or from 0% to 100%.');
}

/** One of several words; a list with commas and repeated options both add up. */
export function readWords<Word extends string>(
  words: readonly Word[],
): (text: string, before: readonly Word[] | undefined) => readonly Word[] {
  return (text, before = []) => [...before, ...text.split(',').map((part) => wordOf(part, words))];
}

/** One of several words. */
export function readWord<Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => wordOf(text, words);
}

function wordOf<Word extends string>(text: string, words: readonly Word[]): Word {
  const said = text.trim().toLowerCase().replaceAll('-', '_');
  const word = words.find((candidate) => candidate === said);
  if (word !== undefined) return word;
  throw new InvalidArgumentError(`Known are ${words.join(', ')}.${didYouMean(said, words)}`);
}

/** Networks, ranges and addresses with commas between them; repeated options add up. */
export function readNetworks(text: string, before: readonly string[] = []): readonly string[] {
  const networks = text.split(',').map((part) => part.trim());
  const reading = readAddressSet(networks);
  if (!reading.ok) throw new InvalidArgumentError(`"${reading.text}": ${reading.reason}.`);
  return [...before, ...networks];
}

/** One address, in its canonical spelling. */
export function readAddressArgument(text: string): string {
  const reading = readAddress(text.trim());
  if (reading.ok) return reading.address;
  throw new InvalidArgumentError(`"${text}": ${reading.reason}. Write 192.0.2.7 or 2001:db8::7.`);
}

/** Ports as in `22,80-90/tcp,53/udp`; repeated options add up. */
export function readPortsArgument(text: string, before = ''): string {
  const reading = readPortSet(text);
  if (!reading.ok) throw new InvalidArgumentError(`${reading.reason}. Write 22,80-90/tcp,53/udp.`);
  const ports = formatPortSet(reading.ports);
  return before === '' ? ports : `${before},${ports}`;
}

/** The ports of `--port` and `--protocol` together: a protocol alone means all its ports. */
export function portsOfProtocols(
  port: string | undefined,
  protocol: readonly Protocol[] | undefined,
): string | undefined {
  if (protocol === undefined) return port;
  const reading = readPortSet(port ?? '0-65535');
  const wanted = reading.ok ? reading.ports : [];
  const ranges = protocol.flatMap((name) =>
    wanted.map(({ first, last }) => ({
      first: portKey(name, portOf(first)),
      last: portKey(name, portOf(last)),
    })),
  );
  return formatPortSet(ranges.reduce<PortSet>((all, range) => unionOfPorts(all, [range]), []));
}

/** Texts that may be repeated and keep their commas. */
export function readTexts(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
