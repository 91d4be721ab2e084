import type { InventoryImporter, MappingProfile } from './importer.ts';
import { ended } from './inventory-events.ts';
import { headText } from './inventory-text.ts';
import { mapRecord } from './map-record.ts';
import { genericXml, serviceNowUnload, serviceNowUpdate } from './profiles.ts';
import { valuesInXml } from './record-path.ts';
import { revisionText } from './time-text.ts';
import { readXml } from './xml-records.ts';
import { rootOf } from './xml-root.ts';

/** XML of any shape, by the mapping profile of the caller, else by the usual names of fields. */
export const xmlProfile: InventoryImporter = importerOf(genericXml, {
  name: 'xml-profile',
  title: 'XML of any shape, by a mapping profile',
  recognises: () => false,
});

export const serviceNowUnloadXml: InventoryImporter = importerOf(serviceNowUnload, {
  // A list export has the root <xml>, which others might use: its records tell it.
  recognises: (head) =>
    rootOf(headText(head)) === 'unload' ||
    (rootOf(headText(head)) === 'xml' && /<(cmdb_ci|u_|sys_)\w*[\s>]/.test(headText(head))),
});

export const serviceNowUpdateXml: InventoryImporter = importerOf(serviceNowUpdate, {
  recognises: (head) => rootOf(headText(head)) === 'record_update',
});

function importerOf(
  own: MappingProfile,
  { recognises, name, title }: Pick<InventoryImporter, 'recognises'> & { name?: string; title?: string },
): InventoryImporter {
  return {
    name: name ?? own.name,
    title: title ?? own.title,
    recognises,
    async *read(source, options) {
      const profile = options.profile ?? own;
      const [, tag, attribute] = /^(.*)\/@([^/]+)$/.exec(profile.revision ?? '') ?? [];
      let externalRevision: string | undefined;
      let removals = 0;
      const cut = yield* readXml(source, {
        records: profile.records,
        record(element, place) {
          const events = mapRecord(valuesInXml(element), place, { profile, options });
          removals += events[0]?.kind === 'removal' ? 1 : 0;
          return events;
        },
        tags: tag === undefined ? [] : [tag],
        tag(element) {
          externalRevision = revisionText(element.attributes.get(attribute ?? ''));
        },
      });
      // Whoever lists what is gone does not list everything that is there.
      const isSnapshot = profile.isSnapshot && removals === 0;
      yield ended(cut, { isSnapshot, ...(externalRevision === undefined ? {} : { externalRevision }) });
    },
  };
}
