import type { Instant } from '../core/observation.ts';
import { wholeNumber } from './instant.ts';

/** A JSON object of which nothing is known. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is an object, and not a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member. Only for names of our own: what comes from a report may be the name of something inherited. */
export function memberOf(object: JsonObject, name: string): unknown {
  return object[name];
}

/** A member that is a text, not empty. */
export function textAt(object: JsonObject, name: string): string | undefined {
  const value = memberOf(object, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A member that is a text or a number, as text. */
export function writtenAt(object: JsonObject, name: string): string | undefined {
  const value = memberOf(object, name);
  return typeof value === 'number' ? String(value) : textAt(object, name);
}

/** A member that is an object. */
export function objectAt(object: JsonObject, name: string): JsonObject | undefined {
  const value = memberOf(object, name);
  return isObject(value) ? value : undefined;
}

/** The objects in a member that is a list; empty where it is none. */
export function objectsAt(object: JsonObject, name: string): readonly JsonObject[] {
  const value = memberOf(object, name);
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The texts in a member that is a list; empty where it is none. */
export function textsAt(object: JsonObject, name: string): readonly string[] {
  const value = memberOf(object, name);
  return Array.isArray(value)
    ? value.filter((entry): entry is string => typeof entry === 'string' && entry !== '')
    : [];
}

/** Parses a text, or says that it is no JSON. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const iso = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,9})?\s?(Z|UTC|[+-]\d\d:?\d\d)?$/;

/** An ISO 8601 time of any precision; without a zone it is UTC. Undefined where the text is none after 1970. */
export function readIsoTime(text: string | undefined): Instant | undefined {
  if (text === undefined) return undefined;
  return readZulu(text) ?? readAnyIso(text);
}

/** The common form, `2026-11-23T04:06:36.123Z`, by its places: a regular expression takes three times as long. */
function readZulu(text: string): Instant | undefined {
  const last = text.length - 1;
  if (last < 19 || text.charCodeAt(last) !== 0x5a || text.charAt(10) !== 'T') return undefined;
  const date = Date.parse(text.slice(0, 10));
  const hours = wholeNumber(text, 11, 13);
  const minutes = wholeNumber(text, 14, 16);
  const seconds = wholeNumber(text, 17, 19);
  const hasMarks = text.charAt(4) === '-' && text.charAt(13) === ':' && text.charAt(16) === ':';
  const isClock = hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60 && seconds >= 0 && seconds < 60;
  if (!hasMarks || !isClock || !(date > 0)) return undefined;
  const whole = date + ((hours * 60 + minutes) * 60 + seconds) * 1000;
  if (last === 19) return whole;
  const fraction = text.charAt(19) === '.' && last <= 29 ? wholeNumber(text, 20, last) : -1;
  return fraction < 0 ? undefined : whole + Math.floor(fraction / 10 ** (last - 23));
}

function readAnyIso(text: string): Instant | undefined {
  const match = iso.exec(text);
  if (match === null) return undefined;
  const [, date, time, fraction, zone] = match;
  const offset = zone === undefined || zone === 'UTC' ? 'Z' : zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2');
  const instant = Date.parse(`${date}T${time}${(fraction ?? '').slice(0, 4)}${offset}`);
  return instant > 0 ? instant : undefined;
}
