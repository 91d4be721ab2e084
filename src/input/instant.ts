import type { Instant } from '../core/observation.ts';

const LAST_SECOND = 253_402_300_799; // The year 9999, the last that ISO 8601 and PostgreSQL write alike.

/** Seconds since 1970 as tools write them; undefined where they are no number, not after 1970, or after 9999. */
export function readInstant(text: string): Instant | undefined {
  const seconds = wholeNumber(text, 0, text.length);
  return seconds > 0 && seconds <= LAST_SECOND ? seconds * 1000 : undefined;
}

/** The number that one to twelve digits are, from one place to another; -1 where there is anything else. */
export function wholeNumber(text: string, from: number, to: number): number {
  if (to <= from || to - from > 12) return -1;
  let value = 0;
  for (let i = from; i < to; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

const months = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/** A C `ctime` text (`Tue Dec 22 13:44:37 2015`), taken as UTC since it names no zone. */
export function readCtime(text: string): Instant | undefined {
  const match = /^\w{3} (\w{3})\s{1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})$/.exec(text.trim());
  if (match === null) return undefined;
  const month = months.indexOf(match[1] as string);
  if (month < 0 || month % 3 !== 0) return undefined;
  const [day, hour, minute, second, year] = match.slice(2).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return Date.UTC(year, month / 3, day, hour, minute, second);
}
