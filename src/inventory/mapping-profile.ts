import type { MappingProfile, StatementField } from './importer.ts';
import { isList, isObject, type Json, type JsonObject, valueIn } from './json-value.ts';

/** Either a mapping profile, or everything that is wrong with it. */
export type ProfileReading =
  | { readonly ok: true; readonly profile: MappingProfile }
  | { readonly ok: false; readonly reasons: readonly string[] };

const statementFields: Readonly<Record<StatementField, true>> = {
  externalId: true,
  addressSpace: true,
  selector: true,
  view: true,
  protocol: true,
  ports: true,
  expect: true,
  service: true,
  owner: true,
  ticket: true,
  description: true,
  validFrom: true,
  validUntil: true,
  locked: true,
};

const known = [
  'name',
  'title',
  'records',
  'fields',
  'constants',
  'values',
  'hosts',
  'removal',
  'only',
  'revision',
  'isSnapshot',
];

/**
 * Reads a mapping profile that somebody wrote, as JSON. `title`, `constants`, `values` and `isSnapshot` (false) may
 * be left out; a path may stand for a list of one.
 */
export function readMappingProfile(text: string): ProfileReading {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    return { ok: false, reasons: [`The profile is not JSON: ${(error as Error).message}`] };
  }
  if (!isObject(value)) return { ok: false, reasons: ['The profile is not a JSON object.'] };
  const reasons: string[] = [];
  const profile = toProfile(value, (reason) => reasons.push(reason));
  return reasons.length === 0 ? { ok: true, profile } : { ok: false, reasons };
}

type Complain = (reason: string) => void;

function toProfile(value: JsonObject, complain: Complain): MappingProfile {
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) complain(`"${key}" is not known. A profile has ${known.join(', ')}.`);
  }
  const name = textOf(value, 'name', complain) ?? 'profile';
  const records = paths(valueIn(value, 'records'), '"records"', complain);
  const fields = mapFields(value, 'fields', complain, (each, where) => paths(each, where, complain));
  const constants = mapFields(value, 'constants', complain, (each, where) => word(each, where, complain));
  if (fields.selector === undefined && constants.selector === undefined)
    complain('Neither "fields" nor "constants" say where the selector comes from.');
  const hosts = textOf(value, 'hosts', complain);
  if (hosts !== undefined && hosts !== 'present' && hosts !== 'optional')
    complain('"hosts" is neither "present" nor "optional".');
  const revision = textOf(value, 'revision', complain);
  if (revision !== undefined && !/\/@[^/]+$/.test(revision))
    complain('"revision" is not the path of an attribute, such as "unload/@unload_date".');
  return {
    name,
    title: textOf(value, 'title', complain) ?? name,
    records,
    fields,
    constants,
    values: mapFields(value, 'values', complain, (each, where) => words(each, where, complain)),
    ...(hosts === 'present' || hosts === 'optional' ? { hosts } : {}),
    ...removalOf(valueIn(value, 'removal'), complain),
    ...onlyOf(valueIn(value, 'only'), complain),
    ...(revision === undefined ? {} : { revision }),
    isSnapshot: flag(valueIn(value, 'isSnapshot'), complain),
  };
}

function mapFields<Value>(
  profile: JsonObject,
  key: string,
  complain: Complain,
  read: (value: Json, where: string) => Value,
): Partial<Record<StatementField, Value>> {
  const found = valueIn(profile, key);
  if (found === undefined) return {};
  if (!isObject(found)) {
    complain(`"${key}" is not an object.`);
    return {};
  }
  const result: Partial<Record<StatementField, Value>> = {};
  for (const [field, value] of Object.entries(found)) {
    if (!Object.hasOwn(statementFields, field))
      complain(`"${key}" has "${field}". Fields are ${Object.keys(statementFields).join(', ')}.`);
    else result[field as StatementField] = read(value, `"${key}.${field}"`);
  }
  return result;
}

function paths(value: Json | undefined, where: string, complain: Complain): readonly string[] {
  const list = isList(value) ? value : value === undefined ? [] : [value];
  const texts = list.filter((each): each is string => typeof each === 'string' && isPath(each));
  if (texts.length < list.length || list.length === 0)
    complain(`${where} is not a path or a list of paths, such as "unload/*" or "owner/@name".`);
  return texts;
}

function isPath(text: string): boolean {
  return /^[^/\s][^/]*(\/[^/]+)*$/.test(text) && text.length <= 1000;
}

function word(value: Json, where: string, complain: Complain): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  complain(`${where} is not a text.`);
  return '';
}

function words(value: Json, where: string, complain: Complain): Readonly<Record<string, string>> {
  if (!isObject(value)) {
    complain(`${where} is not an object from foreign words to ours.`);
    return {};
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, word(each, where, complain)]));
}

function textOf(profile: JsonObject, key: string, complain: Complain): string | undefined {
  const value = valueIn(profile, key);
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.trim() !== '') return value;
  complain(`"${key}" is not a text.`);
  return undefined;
}

function removalOf(value: Json | undefined, complain: Complain): Pick<MappingProfile, 'removal'> {
  if (value === undefined) return {};
  const path = valueIn(value, 'path');
  const wanted = valueIn(value, 'value');
  if (typeof path === 'string' && isPath(path) && typeof wanted === 'string')
    return { removal: { path, value: wanted } };
  complain('"removal" is not {"path": …, "value": …}.');
  return {};
}

function onlyOf(value: Json | undefined, complain: Complain): Pick<MappingProfile, 'only'> {
  if (value === undefined) return {};
  const path = valueIn(value, 'path');
  const values = valueIn(value, 'values');
  const texts = isList(values) ? values.filter((each) => typeof each === 'string') : [];
  if (
    typeof path === 'string' &&
    isPath(path) &&
    texts.length > 0 &&
    isList(values) &&
    texts.length === values.length
  )
    return { only: { path, values: texts } };
  complain('"only" is not {"path": …, "values": […]}.');
  return {};
}

function flag(value: Json | undefined, complain: Complain): boolean {
  if (value !== undefined && typeof value !== 'boolean') complain('"isSnapshot" is neither true nor false.');
  return value === true;
}
