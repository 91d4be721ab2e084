import { limits } from '../limits.ts';
import { InventoryRefused } from './importer.ts';
import { unreadable } from './inventory-events.ts';
import { type Json, type JsonObject, textOfJson, valueAt, valueIn } from './json-value.ts';
import { stripMask } from './selector-text.ts';

/** An address of NetBox: the same text in two VRFs is two addresses. */
export interface NetboxAddress {
  readonly id: string | undefined;
  readonly address: string;
  /** Name of its VRF. */
  readonly vrf: string | undefined;
}

/** What a file says about addresses: their VRFs, and to whom they belong. */
export interface NetboxParents {
  /** Takes one record of `/api/ipam/ip-addresses/`. */
  add(record: JsonObject): void;
  /** The address that a service names, with its VRF. Throws Unstated where one cannot know which one is meant. */
  resolve(named: Json): NetboxAddress;
  /** All addresses of the parent of a service that names none. */
  of(service: JsonObject): readonly NetboxAddress[];
}

/** Begins without any addresses. */
export function netboxParents(): NetboxParents {
  const known = new Map<string, NetboxAddress>();
  const byParent = new Map<string, NetboxAddress[]>();
  /** The id that each address without VRF was used with. */
  const used = new Map<string, string>();
  return {
    add(record) {
      if (known.size >= limits.inventoryJoinedMax)
        throw new InventoryRefused('TOO_LARGE', `It has more than ${limits.inventoryJoinedMax} addresses.`);
      const address = addressOf(record);
      if (address.vrf !== undefined && used.get(address.address) === address.id)
        unreadable(
          `${address.address} belongs to a VRF: addresses must stand before the services that use them`,
        );
      if (address.id !== undefined) known.set(address.id, address);
      const parent = parentOfAddress(record);
      if (parent !== undefined) byParent.set(parent, [...(byParent.get(parent) ?? []), address]);
    },
    resolve(named) {
      const own = addressOf(named);
      const { id, address } = own;
      const found = id === undefined ? own : { ...own, vrf: own.vrf ?? known.get(id)?.vrf };
      if (found.vrf !== undefined || id === undefined || known.has(id)) return found;
      const other = used.get(address) ?? id;
      used.set(address, other);
      if (other === id) return found;
      return unreadable(
        `${address} stands in NetBox twice (ids ${other} and ${id}), perhaps in two VRFs: ` +
          'put the pages of /api/ipam/ip-addresses/ before the services, which say which',
      );
    },
    of(service) {
      const parent = parentOfService(service);
      return parent === undefined ? [] : (byParent.get(parent) ?? []);
    },
  };
}

/** A name for messages: that of the parent of a service. */
export function parentName(service: JsonObject): string | undefined {
  for (const key of ['parent', 'device', 'virtual_machine']) {
    const name = textOfJson(valueAt(service, key, 'name'));
    if (name !== undefined) return name;
  }
  return undefined;
}

function addressOf(record: Json): NetboxAddress {
  const text = typeof record === 'string' ? record : textOfJson(valueIn(record, 'address'));
  if (text === undefined) return unreadable('one of its addresses has no text');
  const vrf = valueIn(record, 'vrf');
  return {
    id: textOfJson(valueIn(record, 'id')),
    address: stripMask(text),
    vrf: typeof vrf === 'string' ? vrf : textOfJson(valueIn(vrf, 'name')),
  };
}

function parentOfService(service: JsonObject): string | undefined {
  const type = textOfJson(valueIn(service, 'parent_object_type'));
  const id = textOfJson(valueIn(service, 'parent_object_id'));
  if (type !== undefined && id !== undefined) return `${type.replace(/^.*\./, '').replace('_', '')}/${id}`;
  return ownerKey(service);
}

function parentOfAddress(record: JsonObject): string | undefined {
  const type = textOfJson(valueIn(record, 'assigned_object_type'));
  const id = textOfJson(valueIn(record, 'assigned_object_id'));
  if (type === 'ipam.fhrpgroup' && id !== undefined) return `fhrpgroup/${id}`;
  return ownerKey(valueIn(record, 'assigned_object'));
}

function ownerKey(value: Json | undefined): string | undefined {
  for (const kind of ['device', 'virtual_machine']) {
    const id = textOfJson(valueAt(value, kind, 'id'));
    if (id !== undefined) return `${kind.replace('_', '')}/${id}`;
  }
  return undefined;
}
