import { limits } from '../limits.ts';
import {
  type ImportOptions,
  type InventoryEvent,
  type InventoryImporter,
  type InventoryPlace,
  InventoryRefused,
} from './importer.ts';
import { ended, placeOf, stated, told, unreadable } from './inventory-events.ts';
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
  valueAt,
  valueIn,
} from './json-value.ts';
import { isGraphqlResult, isPage, type NetboxKind, netboxPages } from './netbox-pages.ts';
import { type NetboxAddress, type NetboxParents, netboxParents, parentName } from './netbox-parents.ts';
import { refuseLocal } from './selector-text.ts';
import { statementRow } from './statement-row.ts';

/**
 * Services of NetBox: pages of `/api/ipam/services/` one after the other or in a list, or the result of a GraphQL
 * query. Pages of `/api/ipam/ip-addresses/` before them tell VRFs, and the addresses of services that name none.
 */
export const netboxJson: InventoryImporter = {
  name: 'netbox-json',
  title: 'NetBox services as JSON: pages of /api/ipam/services/, or service_list of GraphQL',
  recognises(head) {
    const text = headText(head);
    if (!/^\s*[[{]/.test(text)) return false;
    if (/"service_list"\s*:/.test(text)) return true;
    const isEmpty = /"count"\s*:\s*0\s*,/.test(text) && /"results"\s*:\s*\[\s*\]/.test(text);
    const isServices = /"ipaddresses"\s*:/.test(text) && /"ports"\s*:/.test(text);
    return isEmpty || isServices || (/"assigned_object/.test(text) && /"results"\s*:/.test(text));
  },
  async *read(source, options) {
    const pages = netboxPages();
    const reader = serviceReader(options);
    let kind: NetboxKind = 'unknown';
    const take = (value: Json, place: InventoryPlace) => {
      const record = asObject(value);
      kind = kindOf(record);
      return reader.take(record, kind, place);
    };
    const cut = yield* readJson(source, {
      paths: [[], ['results'], ['data', 'service_list']],
      record(value, place, path) {
        if (path.length === 0 && !isPage(value)) pages.uncounted();
        if (path.length > 0 || !isPage(value)) return take(value, place);
        kind = 'unknown';
        const events = listAt(value, 'results').flatMap((each) => told(place, () => take(each, place)));
        pages.page(value, kind);
        return events;
      },
      document(value) {
        if (isPage(value)) pages.page(value, kind);
        else if (isGraphqlResult(value)) checkGraphql(value, pages.uncounted);
        else if (!isList(value)) unreadable('it is neither a page of NetBox nor the result of a query');
        kind = 'unknown';
        return [];
      },
    });
    yield* reader.end();
    yield ended(cut ?? pages.whyMissing(), { isSnapshot: pages.isSnapshot });
  },
};

function checkGraphql(value: Json, uncounted: () => void): void {
  uncounted();
  if (valueIn(value, 'errors') !== undefined) unreadable('the result of the query has errors');
  if (!isList(valueAt(value, 'data', 'service_list'))) unreadable('the result has no service_list');
}

function kindOf(record: JsonObject): NetboxKind {
  if (Object.hasOwn(record, 'ports') && Object.hasOwn(record, 'protocol')) return 'service';
  if (Object.hasOwn(record, 'address')) return 'address';
  return unreadable('it is neither a service nor an address of NetBox');
}

/** Turns services into statements; those that mean all addresses of their parent wait for the end. */
function serviceReader(options: ImportOptions) {
  const parents = netboxParents();
  const waiting: { readonly service: JsonObject; readonly place: InventoryPlace }[] = [];
  return {
    take(record: JsonObject, kind: NetboxKind, place: InventoryPlace): readonly InventoryEvent[] {
      if (kind === 'address') {
        parents.add(record);
        return [];
      }
      const named = listAt(record, 'ipaddresses');
      if (named.length > 0)
        return statementsOf(record, place, { options, addresses: resolved(named, parents) });
      if (waiting.length >= limits.inventoryJoinedMax)
        throw new InventoryRefused('TOO_LARGE', 'Too many services mean all addresses of their parents.');
      waiting.push({ service: record, place });
      return [];
    },
    *end(): Generator<InventoryEvent, void, undefined> {
      for (const { service, place } of waiting) {
        yield* told(place, () => {
          const addresses = parents.of(service);
          if (addresses.length > 0) return statementsOf(service, place, { options, addresses });
          const name = parentName(service) ?? 'its parent';
          return unreadable(
            `it means all addresses of ${name}, which the file does not have: put the pages of /api/ipam/ip-addresses/ before it`,
          );
        });
      }
    },
  };
}

function resolved(named: readonly Json[], parents: NetboxParents): readonly NetboxAddress[] {
  return named.map((each) => parents.resolve(each));
}

function statementsOf(
  service: JsonObject,
  place: InventoryPlace,
  { options, addresses }: { options: ImportOptions; addresses: readonly NetboxAddress[] },
): readonly InventoryEvent[] {
  const id = textOfJson(valueIn(service, 'id'));
  const ports = listAt(service, 'ports').map(textOfJson).join(',');
  if (ports === '') unreadable('it names no port');
  const description = [parentName(service), textOfJson(valueIn(service, 'description'))];
  const name = textOfJson(valueIn(service, 'name'));
  return addresses.map(({ address, vrf }) => {
    refuseLocal(address, options);
    const row = statementRow(
      {
        externalId: id === undefined ? undefined : `${id}/${address}`,
        addressSpace: vrf,
        selector: address,
        protocol: choice(valueIn(service, 'protocol')),
        ports,
        service: name,
        owner: textOfJson(valueAt(service, 'owner', 'name')),
        description: description.filter((text) => text !== undefined && text.trim() !== '').join(': '),
      },
      options,
    );
    return stated(placeOf(place, name), row);
  });
}

/** A choice field: `{value, label}`, its value alone, or the name of its enum (`PROTOCOL_TCP`). */
function choice(value: Json | undefined): string | undefined {
  return textOfJson(isObject(value) ? valueIn(value, 'value') : value)?.replace(/^PROTOCOL_/, '');
}
