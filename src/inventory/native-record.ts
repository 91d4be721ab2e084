import type { ImportOptions, InventoryEvent, InventoryPlace, StatementField } from './importer.ts';
import { stated, unreadable } from './inventory-events.ts';
import { isList, type Json, type JsonObject, textOfJson, valueIn } from './json-value.ts';
import { readHost } from './selector-text.ts';
import { echo, listedPorts, present, statementRow } from './statement-row.ts';

const fields: ReadonlySet<string> = new Set<StatementField>([
  'externalId',
  'addressSpace',
  'selector',
  'view',
  'protocol',
  'ports',
  'expect',
  'service',
  'owner',
  'ticket',
  'description',
  'validFrom',
  'validUntil',
  'locked',
]);
const fieldsOfRemoval: ReadonlySet<string> = new Set(['externalId', 'removed']);
const fieldsOfMember: ReadonlySet<string> = new Set(['group', 'address']);

/**
 * One record of our own JSON: a statement; `{externalId, removed: true}`, which takes one back; or `{group, address}`,
 * which puts a host into a group. Throws Unstated for anything else, and for a field that nobody knows: it might be
 * one that is written wrongly.
 */
export function nativeRecord(
  record: JsonObject,
  place: InventoryPlace,
  options: ImportOptions,
): readonly InventoryEvent[] {
  if (Object.hasOwn(record, 'removed')) return [removal(record, place)];
  if (Object.hasOwn(record, 'group')) return [member(record, place)];
  onlyFields(record, fields);
  const texts: Partial<Record<StatementField, string | undefined>> = {};
  for (const field of Object.keys(record) as StatementField[]) texts[field] = textOfField(record, field);
  return [stated(place, statementRow(texts, options))];
}

function textOfField(record: JsonObject, field: StatementField): string | undefined {
  const value = valueIn(record, field);
  return field === 'ports' && isList(value) ? portList(value, record) : textOfJson(value);
}

function portList(list: readonly Json[], record: JsonObject): string {
  if (list.length === 0) unreadable('its list of ports is empty');
  const texts = list.map((each) => textOfJson(each) ?? unreadable('one of its ports is null'));
  return listedPorts(texts, textOfJson(valueIn(record, 'protocol')));
}

function removal(record: JsonObject, place: InventoryPlace): InventoryEvent {
  onlyFields(record, fieldsOfRemoval);
  const externalId = present(textOfJson(valueIn(record, 'externalId')));
  if (valueIn(record, 'removed') !== true) return unreadable('"removed" can only be true');
  if (externalId === undefined) return unreadable('it is removed, and has no external id');
  return { kind: 'removal', place, externalId };
}

function member(record: JsonObject, place: InventoryPlace): InventoryEvent {
  onlyFields(record, fieldsOfMember);
  const group = present(textOfJson(valueIn(record, 'group')));
  const address = readHost(textOfJson(valueIn(record, 'address')) ?? '');
  return group === undefined
    ? unreadable('its group has no name')
    : { kind: 'member', place, group, address };
}

function onlyFields(record: JsonObject, known: ReadonlySet<string>): void {
  const unknown = Object.keys(record).find((key) => !known.has(key));
  if (unknown !== undefined) unreadable(`there is no field "${echo(unknown)}"`);
}
