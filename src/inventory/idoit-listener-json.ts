import { type Listener, listenerReader } from './idoit-listeners.ts';
import type { InventoryEvent, InventoryImporter, InventoryPlace } from './importer.ts';
import { ended, placeOf, told, unreadable } from './inventory-events.ts';
import { headText } from './inventory-text.ts';
import { readJson } from './json-records.ts';
import {
  asObject,
  isList,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  textOfJson,
  valueIn,
} from './json-value.ts';

/**
 * Answers of the JSON-RPC API of i-doit to `cmdb.category.read`: listeners (C__CATG__NET_LISTENER), and host
 * addresses (C__CATG__IP) for those that listen on all of them. One answer, several, or a list of them (a batch).
 */
export const idoitListenerJson: InventoryImporter = {
  name: 'idoit-listener-json',
  title: 'i-doit JSON-RPC answers: category C__CATG__NET_LISTENER, and C__CATG__IP',
  recognises: (head) => /^\s*[[{]/.test(headText(head)) && /"port_from"\s*:/.test(headText(head)),
  async *read(source, options) {
    const reader = listenerReader(options);
    const entry = (value: Json, place: InventoryPlace): readonly InventoryEvent[] => {
      const record = asObject(value);
      if (Object.hasOwn(record, 'port_from')) return reader.take(listenerOf(record), place);
      const objectId = textOfJson(valueIn(record, 'objID'));
      const address = addressOf(record);
      if (objectId !== undefined && address !== undefined) reader.addAddress(objectId, address);
      else unreadable('it is neither a listener nor a host address of i-doit');
      return [];
    };
    const cut = yield* readJson(source, {
      paths: [[], ['result']],
      record(value, place) {
        if (!isObject(value) || !Object.hasOwn(value, 'jsonrpc')) return entry(value, place);
        checkAnswer(value);
        return listAt(value, 'result').flatMap((each, index) => {
          const own = placeOf(place, nameOf(each, index + 1));
          return told(own, () => entry(each, own));
        });
      },
      document(value) {
        if (!isList(value)) checkAnswer(value);
        return [];
      },
    });
    yield* reader.end();
    // Categories are read object by object: no answer says that it is about all of them.
    yield ended(cut, { isSnapshot: false });
  },
};

/** What an entry of an answer is called: an answer is one record, and may have hundreds of them. */
function nameOf(entry: Json, place: number): string {
  const [id, objectId] = ['id', 'objID'].map((key) => valueIn(entry, key));
  if (isObject(id) || isList(id) || isObject(objectId) || isList(objectId)) return `entry ${place}`;
  const object = objectId === undefined ? '' : ` of object ${objectId}`;
  return `entry ${id ?? `at place ${place}`}${object}`;
}

function checkAnswer(value: Json): void {
  const error = valueIn(value, 'error');
  const message = textOfJson(valueIn(error, 'message'));
  if (error !== undefined) unreadable(`i-doit answered with an error: ${(message ?? '').slice(0, 80)}`);
  if (!isList(valueIn(value, 'result'))) unreadable('it is no answer of i-doit with a list of entries');
}

function listenerOf(record: JsonObject): Listener {
  const text = (key: string) => dialog(valueIn(record, key));
  return {
    id: text('id'),
    objectId: text('objID'),
    object: undefined,
    address: addressIn(valueIn(record, 'ip_address')),
    protocol: text('protocol'),
    portFrom: text('port_from'),
    portTo: text('port_to'),
    service: text('protocol_layer_5'),
    openedBy: text('opened_by'),
    description: text('description'),
  };
}

function addressOf(record: JsonObject): string | undefined {
  for (const key of ['hostaddress', 'ipv4_address', 'ipv6_address', 'ip_address']) {
    const address = addressIn(valueIn(record, key));
    if (address !== undefined) return address;
  }
  return undefined;
}

/** Fields with a choice are texts in some versions and objects in others. */
function dialog(value: Json | undefined): string | undefined {
  const text = isObject(value) ? (valueIn(value, 'title') ?? valueIn(value, 'ref_title')) : value;
  return emptyAsNothing(isList(text) ? undefined : textOfJson(text));
}

function addressIn(value: Json | undefined): string | undefined {
  if (!isObject(value)) return emptyAsNothing(textOfJson(value));
  const texts = ['ref_title', 'title', 'ipv4_address', 'hostaddress'].map((key) => valueIn(value, key));
  return emptyAsNothing(textOfJson(texts.find((text) => text !== undefined && !isObject(text))));
}

function emptyAsNothing(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text.trim();
}
