import { limits } from '../limits.ts';
import type { ImportOptions, InventoryEvent, InventoryImporter, InventoryPlace } from './importer.ts';
import { ended, stated, told, unreadable } from './inventory-events.ts';
import { headText } from './inventory-text.ts';
import { readJson } from './json-records.ts';
import { asObject, type Json, type JsonObject, listAt, textOfJson, valueIn } from './json-value.ts';
import { echo, statementRow } from './statement-row.ts';

/** Its words for what is expected of a port. */
const expects: Readonly<Record<string, string>> = { open: 'required', closed: 'forbidden', maybe: 'allowed' };

/** The configuration of nmap-analyze: port specifications, and which hosts they hold for. */
export const nmapAnalyzeJson: InventoryImporter = {
  name: 'nmap-analyze-json',
  title: 'nmap-analyze: mappings and portspecs',
  recognises: (head) =>
    /^\s*\{/.test(headText(head)) && /"(mappings|portspecs)"\s*:\s*\[/.test(headText(head)),
  async *read(source, options) {
    const cut = yield* readJson(source, {
      paths: [],
      record: () => [],
      document: (value) => documentEvents(asObject(value), options),
      charactersMax: limits.inventoryWholeCharactersMax,
    });
    yield ended(cut, { isSnapshot: true });
  },
};

function documentEvents(root: JsonObject, options: ImportOptions): readonly InventoryEvent[] {
  const specs = new Map(listAt(root, 'portspecs').map((spec) => [textOfJson(valueIn(spec, 'name')), spec]));
  return listAt(root, 'mappings').flatMap((mapping, index) => {
    const place = { record: index + 1 };
    return told(place, () => mappingEvents(asObject(mapping), place, { specs, options }));
  });
}

function mappingEvents(
  mapping: JsonObject,
  place: InventoryPlace,
  {
    specs,
    options,
  }: { readonly specs: ReadonlyMap<string | undefined, Json>; readonly options: ImportOptions },
): readonly InventoryEvent[] {
  const wanted = textOfJson(valueIn(mapping, 'portspec'));
  const spec = specs.get(wanted) ?? unreadable(`there is no portspec "${echo(wanted ?? '')}"`);
  const addresses = listAt(mapping, 'ips').map(textOfJson);
  if (addresses.length === 0) unreadable('it has no ips');
  const id = textOfJson(valueIn(mapping, 'id'));
  const description = textOfJson(valueIn(mapping, 'name') ?? valueIn(mapping, 'hostname'));
  const groups = portsByState(spec);
  return addresses.flatMap((selector) =>
    [...groups].map(([state, ports]) => {
      const externalId = id === undefined ? undefined : `${id}/${selector ?? ''}/${state}`;
      const texts = { externalId, selector, ports: ports.join(','), expect: expects[state], description };
      return stated(place, statementRow(texts, options));
    }),
  );
}

function portsByState(spec: Json): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const port of listAt(spec, 'ports')) {
    const state = textOfJson(valueIn(port, 'state')) ?? 'open';
    const id = textOfJson(valueIn(port, 'id')) ?? unreadable('a port of its portspec has no id');
    if (!Object.hasOwn(expects, state)) unreadable(`"${echo(state)}" is not open, closed or maybe`);
    groups.set(state, [...(groups.get(state) ?? []), portText(id)]);
  }
  return groups;
}

/** `443`, `443/tcp` or `tcp/443`; a number alone is tcp. */
function portText(id: string): string {
  const [, protocol, port] = /^([a-z]+)[/:](\d+)$/i.exec(id.trim()) ?? [];
  if (protocol !== undefined) return `${port}/${protocol}`;
  return id.includes('/') ? id : `${id}/tcp`;
}
