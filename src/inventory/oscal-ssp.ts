import { limits } from '../limits.ts';
import { hostAndPorts } from './host-statements.ts';
import {
  type ImportOptions,
  type InventoryEvent,
  type InventoryImporter,
  type InventoryPlace,
  InventoryRefused,
} from './importer.ts';
import { ended, placeOf, told, unreadable } from './inventory-events.ts';
import { headText } from './inventory-text.ts';
import { refuseLocal } from './selector-text.ts';
import { statementRow } from './statement-row.ts';
import { revisionText } from './time-text.ts';
import { childOf, childrenOf, textAt, type XmlElement } from './xml-element.ts';
import { readXml } from './xml-records.ts';
import { rootOf } from './xml-root.ts';

const roots = ['system-security-plan', 'assessment-plan', 'assessment-results'];
const around = ['system-implementation', 'local-definitions'];

/**
 * System security plans of OSCAL (NIST): components have protocols and ports, inventory items have addresses and say
 * of which components they consist. Every item is a statement about its host, and about the ports of its components.
 */
export const oscalSsp: InventoryImporter = {
  name: 'oscal-ssp',
  title: 'OSCAL system security plan or assessment plan as XML',
  recognises: (head) => roots.includes(rootOf(headText(head)) ?? ''),
  async *read(source, options) {
    const joined = joiner(options);
    let externalRevision: string | undefined;
    const under = (name: string) => [
      ...around.map((part) => `*/${part}/${name}`),
      `*/result/local-definitions/${name}`,
    ];
    const cut = yield* readXml(source, {
      records: ['*/metadata', ...under('component'), ...under('inventory-item')],
      record(element, place) {
        if (element.name === 'metadata') {
          externalRevision = revisionText(textAt(element, 'last-modified'));
          joined.parties(element);
        } else if (element.name === 'component') joined.component(element);
        else joined.item(element, place);
        return [];
      },
    });
    yield* joined.end();
    yield ended(cut, { isSnapshot: true, ...(externalRevision === undefined ? {} : { externalRevision }) });
  },
};

interface Component {
  readonly title: string;
  readonly state: string;
  readonly protocols: readonly XmlElement[];
}

interface Item {
  readonly element: XmlElement;
  readonly place: InventoryPlace;
}

/** Holds components and items until all are there: nothing says that components come first. */
function joiner(options: ImportOptions) {
  const names = new Map<string, string>();
  const components = new Map<string, Component>();
  const items: Item[] = [];
  return {
    parties(metadata: XmlElement): void {
      for (const party of childrenOf(metadata, 'party')) {
        const name = textAt(party, 'name');
        if (name !== undefined) names.set(party.attributes.get('uuid') ?? '', name);
      }
    },
    component(element: XmlElement): void {
      checkCount(components.size);
      components.set(element.attributes.get('uuid') ?? '', {
        title: textAt(element, 'title') ?? '',
        state: childOf(element, 'status')?.attributes.get('state') ?? 'operational',
        protocols: childrenOf(element, 'protocol'),
      });
    },
    item(element: XmlElement, place: InventoryPlace): void {
      checkCount(items.length);
      const name = propOf(element, 'asset-id') ?? element.attributes.get('uuid');
      items.push({ element, place: placeOf(place, name ?? `inventory item ${items.length + 1}`) });
    },
    *end(): Generator<InventoryEvent, void, undefined> {
      for (const item of items)
        yield* told(item.place, () => statementsOf(item, { options, components, names }));
    },
  };
}

interface Known {
  readonly options: ImportOptions;
  readonly components: ReadonlyMap<string, Component>;
  /** Names of parties by their UUID. */
  readonly names: ReadonlyMap<string, string>;
}

function statementsOf({ element, place }: Item, known: Known): readonly InventoryEvent[] {
  const uuid = element.attributes.get('uuid') ?? propOf(element, 'asset-id');
  const addresses = ['ipv4-address', 'ipv6-address'].flatMap((name) => propsOf(element, name));
  if (uuid === undefined) return unreadable('the item has neither a UUID nor an asset-id');
  if (addresses.length === 0)
    return [{ kind: 'skipped', place, reason: 'the item has no ipv4-address and no ipv6-address' }];
  const owner = ownerOf(element, known);
  return addresses.flatMap((selector) => {
    refuseLocal(selector.toLowerCase(), known.options);
    const texts = {
      selector,
      owner,
      description: propOf(element, 'fqdn') ?? textAt(element, 'description', 'p'),
    };
    const host = hostAndPorts(place, { ...texts, externalId: `${uuid}/${selector}` }, known.options);
    const ofPorts = childrenOf(element, 'implemented-component').flatMap((implemented) =>
      portStatements(implemented, { ...texts, externalId: `${uuid}/${selector}` }, { known, place }),
    );
    return [...host, ...ofPorts];
  });
}

function portStatements(
  implemented: XmlElement,
  texts: { selector: string; owner: string | undefined; description: string | undefined; externalId: string },
  { known, place }: { known: Known; place: InventoryPlace },
): readonly InventoryEvent[] {
  const uuid =
    implemented.attributes.get('component-uuid') ?? implemented.attributes.get('component-id') ?? '';
  const component = known.components.get(uuid);
  if (component === undefined) return unreadable(`its component ${uuid.slice(0, 40)} is not in the file`);
  // Somebody wants it gone: what is not declared may not be open.
  if (component.state === 'disposition') return [];
  const expect = component.state === 'operational' ? undefined : 'allowed';
  return component.protocols.flatMap((protocol, index) => {
    const ports = childrenOf(protocol, 'port-range').map(portRange).join(',');
    if (ports === '') return [];
    const service = protocol.attributes.get('name') ?? component.title;
    const externalId = `${texts.externalId}/${uuid}/${protocol.attributes.get('uuid') ?? index}`;
    const row = statementRow({ ...texts, externalId, ports, service, expect }, known.options);
    return [{ kind: 'statement' as const, place, row }];
  });
}

/** A single port has the same start and end, or only a start. */
function portRange({ attributes }: XmlElement): string {
  const start = attributes.get('start') ?? unreadable('a range of ports has no start');
  const end = attributes.get('end') ?? start;
  return `${start}-${end}/${attributes.get('transport') ?? 'tcp'}`;
}

/** The values of a property; files of OSCAL 1.0.0-rc have it as text, or as an attribute of the item. */
function propsOf(element: XmlElement, name: string): readonly string[] {
  const own = childrenOf(element, 'prop').filter(({ attributes }) => attributes.get('name') === name);
  const values = own.map(({ attributes, text }) => (attributes.get('value') ?? text).trim());
  const old = element.attributes.get(name);
  return [...values, ...(old === undefined ? [] : [old])].filter((value) => value !== '');
}

function propOf(element: XmlElement, name: string): string | undefined {
  return propsOf(element, name)[0];
}

function ownerOf(element: XmlElement, { names }: Known): string | undefined {
  const roles = ['asset-owner', 'asset-administrator'];
  const party = roles
    .flatMap((role) =>
      childrenOf(element, 'responsible-party').filter((each) => each.attributes.get('role-id') === role),
    )
    .map((each) => textAt(each, 'party-uuid'))[0];
  return party === undefined ? undefined : (names.get(party) ?? party);
}

function checkCount(count: number): void {
  if (count < limits.inventoryJoinedMax) return;
  throw new InventoryRefused(
    'TOO_LARGE',
    `The plan has more than ${limits.inventoryJoinedMax} items or components.`,
  );
}
