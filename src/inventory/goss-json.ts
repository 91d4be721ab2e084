import { limits } from '../limits.ts';
import type { ImportOptions, InventoryEvent, InventoryImporter } from './importer.ts';
import { ended, placeOf, skip, stated, told, unreadable } from './inventory-events.ts';
import { headText } from './inventory-text.ts';
import { readJson } from './json-records.ts';
import { isObject, type Json, listAt, textOfJson, valueIn } from './json-value.ts';
import { localMeaning, readHost } from './selector-text.ts';
import { echo, statementRow } from './statement-row.ts';

/**
 * The `port` tests of a goss file in its JSON form: `{"port": {"tcp:22": {"listening": true, "ip": ["0.0.0.0"]}}}`. It
 * is about the machine on which it runs, which it does not name: the default selector does.
 */
export const gossJson: InventoryImporter = {
  name: 'goss-json',
  title: 'goss file as JSON: its port tests, about one host',
  recognises: (head) => /^\s*\{/.test(headText(head)) && /"(tcp|udp)6?:\d+"\s*:\s*\{/.test(headText(head)),
  async *read(source, options) {
    const cut = yield* readJson(source, {
      paths: [],
      record: () => [],
      document: (value) => portEvents(value, options),
      charactersMax: limits.inventoryRecordCharactersMax,
    });
    yield ended(cut, { isSnapshot: true });
  },
};

function portEvents(root: Json, options: ImportOptions): readonly InventoryEvent[] {
  const ports = valueIn(root, 'port');
  if (!isObject(ports)) return unreadable('it has no port tests');
  return Object.entries(ports).flatMap(([name, test]) => {
    const place = placeOf({}, name);
    return told(place, () => [stated(place, rowOf(name, test, options))]);
  });
}

function rowOf(name: string, test: Json, options: ImportOptions) {
  const [, protocol, port] = /^(tcp|udp)6?:(\d+)$/.exec(name) ?? [];
  if (protocol === undefined) return unreadable(`"${echo(name)}" is not a port such as "tcp:22"`);
  const listening = valueIn(test, 'listening');
  if (typeof listening !== 'boolean') return unreadable('it does not say whether it is listening');
  const own = listAt(test, 'ip').map((each) => readHost(textOfJson(each) ?? ''));
  const isLocal = own.length > 0 && own.every((each) => localMeaning(each) === 'is a loopback address');
  if (isLocal) skip('it listens on loopback: others cannot reach it');
  const selector =
    options.defaultSelector ?? unreadable('goss does not name its host, and there is no default selector');
  const expect = listening ? undefined : 'forbidden';
  return statementRow({ selector, protocol, ports: port, expect }, options);
}
