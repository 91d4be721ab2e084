import type { ImportOptions, InventoryEvent, InventoryImporter, InventoryPlace } from './importer.ts';
import { ended, placeOf, stated, told, unreadable } from './inventory-events.ts';
import { headText } from './inventory-text.ts';
import { localMeaning, readHost } from './selector-text.ts';
import { statementRow } from './statement-row.ts';
import { childOf, childrenOf, textAt, type XmlElement } from './xml-element.ts';
import { readXml } from './xml-records.ts';
import { rootOf } from './xml-root.ts';

/**
 * The XML of an agent of GLPI, FusionInventory or OCS: one machine and its addresses. What it calls PORTS are plugs
 * and switch interfaces, not TCP ports. One machine is never everything that a source declares.
 */
export const glpiInventory: InventoryImporter = {
  name: 'glpi-inventory',
  title: 'XML of a GLPI, FusionInventory or OCS agent, one machine each',
  recognises: (head) => rootOf(headText(head)) === 'REQUEST',
  async *read(source, options) {
    const cut = yield* readXml(source, {
      records: ['REQUEST'],
      record: (request, place) => machine(request, place, options),
    });
    yield ended(cut, { isSnapshot: false });
  },
};

interface Interface {
  readonly name: string;
  readonly address: string;
}

function machine(
  request: XmlElement,
  place: InventoryPlace,
  options: ImportOptions,
): readonly InventoryEvent[] {
  const id = textAt(request, 'DEVICEID');
  const content = childOf(request, 'CONTENT');
  if (id === undefined || id === '' || content === undefined)
    return unreadable('it has no DEVICEID or no CONTENT');
  const devices = childrenOf(content, 'DEVICE');
  if (devices.length > 0) return devices.flatMap((each) => device(each, { id, place, request, options }));
  const name = textAt(content, 'HARDWARE', 'NAME') ?? id;
  const all = childrenOf(content, 'NETWORKS').flatMap(interfaceOf);
  const found = all.filter((each) => isReachable(each, options));
  if (found.length === 0) return nothing(placeOf(place, name));
  const description = textAt(content, 'OPERATINGSYSTEM', 'FQDN') || name;
  return statements(found, placeOf(place, name), { id, description, expect: 'present', options });
}

interface Device {
  readonly id: string;
  readonly place: InventoryPlace;
  readonly request: XmlElement;
  readonly options: ImportOptions;
}

/** Network equipment that an agent asked over SNMP is there on purpose; what it came across may be there. */
function device(element: XmlElement, { id, place, request, options }: Device): readonly InventoryEvent[] {
  const info = childOf(element, 'INFO') ?? element;
  const name = textAt(info, 'NAME') ?? textAt(info, 'SNMPHOSTNAME') ?? textAt(info, 'DNSHOSTNAME') ?? id;
  const texts = [textAt(info, 'IP'), ...childrenOf(childOf(info, 'IPS'), 'IP').map(({ text }) => text)];
  const addresses = [...new Set(texts.filter((text): text is string => text !== undefined && text !== ''))];
  const found = addresses
    .map((address) => ({ name: 'IP', address: readHost(address) }))
    .filter((each) => isReachable(each, options));
  const named = placeOf(place, name);
  if (found.length === 0) return nothing(named);
  const expect = textAt(request, 'QUERY') === 'NETDISCOVERY' ? 'optional' : 'present';
  // The id is that of the agent, which sees many devices.
  return statements(found, named, {
    id: `${id}/${textAt(info, 'SERIAL') ?? textAt(info, 'MAC') ?? name}`,
    description: name,
    expect,
    options,
  });
}

function nothing(place: InventoryPlace): readonly InventoryEvent[] {
  return [{ kind: 'skipped', place, reason: 'the machine has no address under which others reach it' }];
}

function statements(
  found: readonly Interface[],
  place: InventoryPlace,
  {
    id,
    description,
    expect,
    options,
  }: { id: string; description: string; expect: string; options: ImportOptions },
): readonly InventoryEvent[] {
  const count = new Map<string, number>();
  return found.flatMap(({ name, address }) => {
    const nth = count.get(name) ?? 0;
    count.set(name, nth + 1);
    // Named after the interface, so that a machine that got another address does not leave its old one behind.
    const externalId = `${id}/${name}${nth === 0 ? '' : `/${nth}`}`;
    return told(place, () => [
      stated(place, statementRow({ externalId, selector: address, expect, description }, options)),
    ]);
  });
}

function interfaceOf(element: XmlElement): readonly Interface[] {
  const name = textAt(element, 'DESCRIPTION') || 'interface';
  const isOff = textAt(element, 'STATUS')?.toLowerCase() === 'down';
  if (isOff || textAt(element, 'TYPE') === 'loopback' || internal.test(name)) return [];
  const texts = [textAt(element, 'IPADDRESS'), textAt(element, 'IPADDRESS6')];
  return texts
    .filter((text): text is string => text !== undefined && text !== '')
    .map((address) => ({ name, address: readHost(address) }));
}

/** Loopback, bridges and tunnels that lead to nobody else, or to a network of which we know nothing. */
const internal =
  /^(lo\d*|virbr.*|docker.*|br-[0-9a-f]{12}|veth.*|tun\d*|tap\d*|utun\d*|vmnet\d*|vboxnet\d*|lxcbr\d*|lxdbr\d*|cni.*|podman\d*)$/i;

function isReachable({ address }: Interface, { localAddresses }: ImportOptions): boolean {
  return localAddresses === 'accept' || localMeaning(address) === undefined;
}
