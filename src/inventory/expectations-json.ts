import type { InventoryImporter } from './importer.ts';
import { ended, unreadable } from './inventory-events.ts';
import { headText } from './inventory-text.ts';
import { readJson } from './json-records.ts';
import { asObject, isObject, type Json, textOfJson, valueIn } from './json-value.ts';
import { nativeRecord } from './native-record.ts';
import { echo } from './statement-row.ts';

/** Our own JSON: `{"externalRevision": …, "statements": […], "members": […]}`, or the list of statements alone. */
export const expectationsJson: InventoryImporter = {
  name: 'expectations-json',
  title: 'a JSON object or list of statements with selector, view, ports, expect, …',
  recognises(head) {
    const text = headText(head).trimStart();
    if (/^\{\s*"(statements|externalRevision|members)"\s*:/.test(text)) return true;
    return isList(text) || (/^\[\s*\{/.test(text) && holds(text, 'selector', 'expect'));
  },
  async *read(source, options) {
    let externalRevision: string | undefined;
    const cut = yield* readJson(source, {
      paths: [[], ['statements'], ['members']],
      record: (value, place) => nativeRecord(asObject(value), place, options),
      document(value) {
        externalRevision = revisionOf(value);
        return [];
      },
    });
    yield ended(cut, { isSnapshot: true, ...(externalRevision === undefined ? {} : { externalRevision }) });
  },
};

/** A list of nothing, or one whose first record is a removal or a member of a group. */
function isList(text: string): boolean {
  if (/^\[\s*\]\s*$/.test(text)) return true;
  const [, first = ''] = /^\[\s*(\{[^{}[\]]*\})/.exec(text) ?? [];
  return holds(first, 'externalId', 'removed') || holds(first, 'group', 'address');
}

function holds(text: string, ...keys: readonly string[]): boolean {
  return keys.every((key) => new RegExp(`"${key}"\\s*:`).test(text));
}

function revisionOf(document: Json): string | undefined {
  if (!isObject(document)) return undefined;
  const known = ['externalRevision', 'statements', 'members'];
  const unknown = Object.keys(document).find((key) => !known.includes(key));
  if (unknown !== undefined) unreadable(`the document has a field "${echo(unknown)}" that is not known`);
  return textOfJson(valueIn(document, 'externalRevision'));
}
