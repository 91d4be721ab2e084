import { parseAddress } from '../core/address.ts';
import { hostAndPorts } from './host-statements.ts';
import { type Listener, type ListenerReader, listenerReader } from './idoit-listeners.ts';
import type { ImportOptions, InventoryEvent, InventoryImporter, InventoryPlace } from './importer.ts';
import { ended, placeOf, skip, told, unreadable } from './inventory-events.ts';
import { headText } from './inventory-text.ts';
import { localMeaning } from './selector-text.ts';
import { childOf, childrenOf, textAt, type XmlElement } from './xml-element.ts';
import { readXml } from './xml-records.ts';
import { rootOf } from './xml-root.ts';

const NORMAL = '2'; // Status of objects that are neither archived nor deleted.

/** The XML export of i-doit: objects with their categories *Host address* and *Listener*. */
export const idoitXml: InventoryImporter = {
  name: 'idoit-xml',
  title: 'i-doit XML export (isys_export) with host addresses and listeners',
  recognises: (head) => rootOf(headText(head)) === 'isys_export',
  async *read(source, options) {
    const reader = listenerReader(options);
    let announced: number | undefined;
    let seen = 0;
    const cut = yield* readXml(source, {
      records: ['isys_export/objects/object'],
      record(object, place) {
        seen += 1;
        return objectEvents(object, place, { reader, options });
      },
      tags: ['isys_export/objects'],
      tag(objects) {
        const count = objects.attributes.get('count');
        announced = count === undefined ? undefined : Number(count);
      },
    });
    yield* reader.end();
    const missing =
      announced === undefined || announced === seen ? undefined : `${seen} of ${announced} objects are here`;
    yield ended(cut ?? missing, { isSnapshot: true });
  },
};

function objectEvents(
  object: XmlElement,
  place: InventoryPlace,
  { reader, options }: { readonly reader: ListenerReader; readonly options: ImportOptions },
): readonly InventoryEvent[] {
  const id = textAt(object, 'id');
  const title = textAt(object, 'title') ?? id;
  if (id === undefined || id === '' || title === undefined) return unreadable('the object has no id');
  const status = textAt(object, 'status') ?? NORMAL;
  if (status !== NORMAL && status !== '') skip(`the object ${title.slice(0, 40)} is archived or deleted`);
  const named = placeOf(place, title);
  const addresses = entriesOf(object, 'C__CATG__IP')
    .map(addressOf)
    .filter((each) => each !== undefined);
  const usable = [...new Set(addresses)].filter(
    (each) => options.localAddresses === 'accept' || localMeaning(each) === undefined,
  );
  for (const address of usable) reader.addAddress(id, address);
  const hosts = usable.flatMap((selector) =>
    hostAndPorts(named, { externalId: `${id}/${selector}`, selector, description: title }, options),
  );
  const listeners = entriesOf(object, 'C__CATG__NET_LISTENER').flatMap((entry) =>
    told(named, () => reader.take(listenerOf(entry, { id, title }), named)),
  );
  const nothing: InventoryEvent = { kind: 'skipped', place: named, reason: 'the object has no address' };
  return hosts.length + listeners.length === 0 && usable.length === 0 ? [nothing] : [...hosts, ...listeners];
}

function entriesOf(object: XmlElement, category: string): readonly XmlElement[] {
  return childrenOf(childOf(object, 'data'), 'category')
    .filter(({ attributes }) => attributes.get('const') === category)
    .flatMap((each) => childrenOf(each, 'cat_data'));
}

function listenerOf(
  entry: XmlElement,
  { id, title }: { readonly id: string; readonly title: string },
): Listener {
  const text = (name: string) => textAt(entry, name) || undefined;
  return {
    id: entry.attributes.get('data_id'),
    objectId: id,
    object: title,
    address: addressIn(childOf(entry, 'ip_address')),
    protocol: text('protocol'),
    portFrom: text('port_from'),
    portTo: text('port_to'),
    service: text('protocol_layer_5'),
    openedBy: text('opened_by'),
    description: text('description'),
  };
}

function addressOf(entry: XmlElement): string | undefined {
  const names = ['hostaddress', 'ipv4_address', 'ipv6_address', 'address'];
  return names.map((name) => addressIn(childOf(entry, name))).find((each) => each !== undefined);
}

/** References are written in several forms: the address is the text, an attribute or an element further in. */
function addressIn(element: XmlElement | undefined): string | undefined {
  if (element === undefined) return undefined;
  const texts = [element.text, ...element.attributes.values()];
  const own = texts.map((text) => parseAddress(text.trim())).find((each) => each !== undefined);
  return own ?? element.children.map(addressIn).find((each) => each !== undefined);
}
