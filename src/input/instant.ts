import type { Instant } from '../core/observation.ts';

const LAST_SECOND = 253_402_300_799; // The year 9999, the last that ISO 8601 and PostgreSQL write alike.

/** Seconds since 1970 as tools write them; undefined where they are no number, not after 1970, or after 9999. */
export function readInstant(text: string): Instant | undefined {
  if (!/^\d{1,12}$/.test(text)) return undefined;
  const seconds = Number(text);
  return seconds > 0 && seconds <= LAST_SECOND ? seconds * 1000 : undefined;
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
