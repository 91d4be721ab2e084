import type { InventoryImporter } from './importer.ts';
import { ended, stated, unreadable } from './inventory-events.ts';
import { headText } from './inventory-text.ts';
import { readJson } from './json-records.ts';
import { asObject, listAt, textOfJson, valueIn } from './json-value.ts';
import { statementRow } from './statement-row.ts';

/** The configuration of rogueport: `[{"host": "192.0.2.10", "ports": [22, 80]}]`; its ports are tcp. */
export const rogueportJson: InventoryImporter = {
  name: 'rogueport-json',
  title: 'rogueport: a list of {"host", "ports"}',
  recognises(head) {
    const text = headText(head);
    return /^\s*\[\s*\{/.test(text) && /"host"\s*:\s*"/.test(text) && /"ports"\s*:\s*\[\s*[\d\]]/.test(text);
  },
  async *read(source, options) {
    const cut = yield* readJson(source, {
      paths: [[]],
      record(value, place) {
        const host = asObject(value);
        const ports = listAt(host, 'ports').map(textOfJson).join(',');
        if (ports === '') return unreadable('it names no port');
        const selector = textOfJson(valueIn(host, 'host'));
        return [stated(place, statementRow({ selector, ports }, options))];
      },
    });
    yield ended(cut, { isSnapshot: true });
  },
};
