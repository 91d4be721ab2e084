import type { InventoryImporter } from './importer.ts';
import { ended } from './inventory-events.ts';
import { readJson } from './json-records.ts';
import { mapRecord } from './map-record.ts';
import { genericJson } from './profiles.ts';
import { valuesInJson } from './record-path.ts';

/**
 * JSON of any shape, by the mapping profile of the caller, else a list of objects with the usual names of fields. The
 * path of its records leads through objects to a list: `data/items/*`; `*` alone is a list at the root.
 */
export const jsonProfile: InventoryImporter = {
  name: 'json-profile',
  title: 'JSON of any shape, by a mapping profile',
  recognises: () => false,
  async *read(source, options) {
    const profile = options.profile ?? genericJson;
    let deletions = 0;
    const cut = yield* readJson(source, {
      paths: profile.records.map((path) =>
        path
          .replace(/\/?\*$/, '')
          .split('/')
          .filter(Boolean),
      ),
      record(value, place) {
        const events = mapRecord(valuesInJson(value), place, { profile, options });
        deletions += events[0]?.kind === 'removal' ? 1 : 0;
        return events;
      },
    });
    yield ended(cut, { isSnapshot: profile.isSnapshot && deletions === 0 });
  },
};
