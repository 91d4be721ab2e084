import type { Instant } from '../core/observation.ts';

const DAY = 24 * 3600 * 1000;

/**
 * ISO 8601, or `YYYY-MM-DD hh:mm:ss`; without a zone it is UTC. A day without a time begins at midnight, and as the
 * last day of something it is included. Undefined for what is no time.
 */
export function parseTime(text: string, side: 'first' | 'last'): Instant | undefined {
  const match =
    /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)\s?(Z|UTC|[+-]\d\d:?\d\d)?)?$/.exec(
      text,
    );
  const [, year, month, day, time, zone] = match ?? [];
  const start = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const date = new Date(start);
  // Date.UTC takes the 31st of February for the 3rd of March.
  if (date.getUTCDate() !== Number(day) || date.getUTCMonth() !== Number(month) - 1) return undefined;
  if (time === undefined) return side === 'first' ? start : start + DAY;
  const offset = zone === undefined || zone === 'UTC' ? 'Z' : zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2');
  const instant = Date.parse(`${year}-${month}-${day}T${time}${offset}`);
  return Number.isFinite(instant) ? instant : undefined;
}

/** The number or time of a state of a source: times in their one form, so that they can be compared. */
export function revisionText(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  if (trimmed === undefined || trimmed === '') return undefined;
  const instant = parseTime(trimmed, 'first');
  return instant === undefined ? trimmed : new Date(instant).toISOString();
}
