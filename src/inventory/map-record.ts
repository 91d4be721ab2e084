import type {
  ImportOptions,
  InventoryEvent,
  InventoryPlace,
  MappingProfile,
  StatementField,
} from './importer.ts';
import { placeOf, skip, stated, told, unreadable } from './inventory-events.ts';
import type { ValuesAt } from './record-path.ts';
import { refuseLocal } from './selector-text.ts';
import { listedPorts, present, type StatementTexts, statementRow } from './statement-row.ts';

/**
 * What a record says through a mapping profile: a removal, a statement about its host, one about its ports, or both.
 * Throws Unstated where it cannot be read, or says nothing.
 */
export function mapRecord(
  valuesAt: ValuesAt,
  place: InventoryPlace,
  { profile, options }: { readonly profile: MappingProfile; readonly options: ImportOptions },
): readonly InventoryEvent[] {
  const texts = textsOf(valuesAt, profile);
  const named = placeOf(place, texts.externalId);
  return told(named, () => eventsOf(valuesAt, texts, { place: named, profile, options }));
}

interface Mapping {
  readonly place: InventoryPlace;
  readonly profile: MappingProfile;
  readonly options: ImportOptions;
}

function eventsOf(
  valuesAt: ValuesAt,
  texts: StatementTexts,
  { place, profile, options }: Mapping,
): readonly InventoryEvent[] {
  const { removal } = profile;
  if (removal !== undefined && valuesAt(removal.path).includes(removal.value)) return removals(texts, place);
  const other = otherValue(valuesAt, profile);
  if (other !== undefined) return leftOut(texts, { place, reason: other });
  if (present(texts.selector) === undefined) skip(`it names no address (looked for ${lookedFor(profile)})`);
  const rows = statementsOf(texts, profile).map((each) => statementRow(each, options));
  for (const { selector } of rows) refuseLocal(selector, options);
  return [...rows.map((row) => stated(place, row)), ...clearedPorts(valuesAt, profile, { texts, place })];
}

/** A field of ports that is there and empty takes the ports back; one that is not there says nothing about them. */
function clearedPorts(
  valuesAt: ValuesAt,
  { fields, hosts }: MappingProfile,
  { texts, place }: { readonly texts: StatementTexts; readonly place: InventoryPlace },
): readonly InventoryEvent[] {
  const id = present(texts.externalId);
  if (hosts === undefined || id === undefined || present(texts.ports) !== undefined) return [];
  const isThere = (fields.ports ?? []).some((path) => valuesAt(path).length > 0);
  return isThere ? [{ kind: 'removal', place, externalId: portsIdOf(id) }] : [];
}

function filled(values: readonly string[]): readonly string[] {
  return values.filter((value) => value.trim() !== '');
}

function textsOf(valuesAt: ValuesAt, { fields, constants, values }: MappingProfile): StatementTexts {
  // The protocol first: ports that stand alone have it.
  const names = new Set(['protocol', ...Object.keys(fields), ...Object.keys(constants)] as StatementField[]);
  const texts: { [Field in StatementField]?: string } = {};
  for (const field of names) {
    const found = (fields[field] ?? []).map((path) => filled(valuesAt(path))).find((each) => each.length > 0);
    const text =
      field === 'ports' && found !== undefined && found.length > 1
        ? listedPorts(found, texts.protocol)
        : found?.[0];
    const word = present(text);
    const words = values[field] ?? {};
    const said = word !== undefined && Object.hasOwn(words, word) ? words[word] : word;
    const value = said ?? constants[field];
    if (value !== undefined) texts[field] = value;
  }
  return texts;
}

/** The texts of each statement: with `hosts`, the ports are a second one, and what is expected is said of them. */
function statementsOf(texts: StatementTexts, { hosts }: MappingProfile): readonly StatementTexts[] {
  if (hosts === undefined) return [texts];
  const { ports, protocol, service, expect, ...rest } = texts;
  const host = { ...rest, expect: hosts };
  if (present(ports) === undefined) return [host];
  const externalId = rest.externalId === undefined ? undefined : portsIdOf(rest.externalId);
  return [host, { ...rest, ports, protocol, service, expect, externalId }];
}

/** The external id of the statement about the ports of a record that is also one about its host. */
export function portsIdOf(externalId: string): string {
  return `${externalId}/ports`;
}

function removals({ externalId }: StatementTexts, place: InventoryPlace): readonly InventoryEvent[] {
  const id = present(externalId);
  if (id === undefined) return unreadable('it is removed, and has no external id');
  return [id, portsIdOf(id)].map((each) => ({ kind: 'removal', place, externalId: each }));
}

function otherValue(valuesAt: ValuesAt, { only }: MappingProfile): string | undefined {
  const [value] = only === undefined ? [] : filled(valuesAt(only.path));
  if (only === undefined || value === undefined || only.values.includes(value.trim())) return undefined;
  return `its ${only.path} is "${value.trim().slice(0, 40)}"`;
}

function leftOut(
  texts: StatementTexts,
  { place, reason }: { place: InventoryPlace; reason: string },
): readonly InventoryEvent[] {
  const skipped: InventoryEvent = { kind: 'skipped', place, reason };
  return present(texts.externalId) === undefined ? [skipped] : [skipped, ...removals(texts, place)];
}

function lookedFor({ fields }: MappingProfile): string {
  return (fields.selector ?? []).join(', ');
}
