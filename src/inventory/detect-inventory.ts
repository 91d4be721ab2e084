import { columnsIn } from './csv-table.ts';
import { type InventoryImporter, InventoryRefused, type MappingProfile } from './importer.ts';
import { importers } from './importers.ts';
import { headText } from './inventory-text.ts';
import { serviceNowUnloadXml, serviceNowUpdateXml, xmlProfile } from './xml-profile.ts';
import { rootOf } from './xml-root.ts';

/**
 * The importer of an inventory that begins with these bytes (at most 64 kB): of XML that is read by a profile the one
 * for any XML, where the caller brings another profile. Throws InventoryRefused EMPTY for no
 * bytes, UNSAFE_XML for XML with entities of its own, NOT_AN_INVENTORY for everything unknown, with what it seems
 * to be.
 */
export function detectInventory(head: Uint8Array, profile?: MappingProfile): InventoryImporter {
  if (head.length === 0)
    throw new InventoryRefused('EMPTY', 'The file is empty: that is no way to say that nothing is expected.');
  const text = headText(head);
  if (/<!ENTITY|<!DOCTYPE[^>]*\[/.test(text))
    throw new InventoryRefused(
      'UNSAFE_XML',
      'The XML declares entities of its own; such files are not read.',
    );
  const importer = isForeign(text) ? undefined : importers.find((candidate) => candidate.recognises(head));
  if (importer !== undefined) {
    const isOwn = profile !== undefined && profile.name !== importer.name;
    return isOwn && byProfile.includes(importer) ? xmlProfile : importer;
  }
  throw new InventoryRefused(
    'NOT_AN_INVENTORY',
    `This is no inventory that can be read: ${seemsToBe(text)}. ${known()}`,
  );
}

const byProfile: readonly InventoryImporter[] = [serviceNowUnloadXml, serviceNowUpdateXml];

/** The importer of this name. Throws InventoryRefused NOT_AN_INVENTORY where there is none. */
export function importerNamed(name: string): InventoryImporter {
  const importer = importers.find((candidate) => candidate.name === name);
  if (importer === undefined)
    throw new InventoryRefused('NOT_AN_INVENTORY', `There is no format "${name.slice(0, 40)}". ${known()}`);
  return importer;
}

function known(): string {
  return `Formats: ${importers.map(({ name }) => name).join(', ')}; docs/inventory/README.md describes them.`;
}

/** Packed and binary files: whatever their bytes look like, they are not text. */
function isForeign(text: string): boolean {
  return /^(PK\u0003\u0004|\u001f|Rar!|7z\u00bc\u00af|BZh)/.test(text) || text.includes('\0');
}

/** What else people push; the first that fits is named. */
const strangers: readonly (readonly [RegExp, string])[] = [
  [/^PK\u0003\u0004/, 'it seems to be a zip archive or an Excel workbook; save it as CSV'],
  [/^\u001f/, 'it is packed; unpack it first'],
  [/^(Rar!|7z\u00bc\u00af|BZh)/, 'it is packed in a way other than gzip; unpack it first'],
  [/^\s*\$ANSIBLE_VAULT/, 'it is encrypted by Ansible Vault'],
  [/<(!doctype html|html)[\s>]/i, 'it seems to be a web page, perhaps an error message of a server'],
  [/<NessusClientData/, 'it seems to be a Nessus export: what was seen, not what should be'],
  [
    /^\s*\[\s*\{\s*"model"\s*:\s*"/,
    'it seems to be a dump of the database of NetBox; give pages of /api/ipam/services/',
  ],
  [
    /"(device_type|primary_ip4?|cluster|form_factor|mac_address)"\s*:/,
    'it seems to be NetBox, but devices, interfaces or machines; give pages of /api/ipam/services/',
  ],
  [
    /^\s*\{\s*"(content|action|deviceid|versionclient)"\s*:/,
    'it seems to be the JSON of a GLPI agent; its XML can be read',
  ],
  [
    /^[ \t]*(all:|\[[\w:.-]+\])[ \t]*$/m,
    'it seems to be an inventory of Ansible; give the output of "ansible-inventory --list"',
  ],
  [/^\s*[[{]/, 'it is JSON of another tool; name the format json-profile, with a mapping profile'],
];

function seemsToBe(text: string): string {
  const stranger = strangers.find(([pattern]) => pattern.test(text))?.[1];
  if (stranger !== undefined) return stranger;
  const root = rootOf(text);
  if (root !== undefined)
    return `it is XML with the root <${root.slice(0, 40)}>; name the format xml-profile, with a mapping profile`;
  if (text.includes('\0')) return 'it holds binary data';
  const columns = columnsIn(text);
  if (columns.length > 2)
    return `it is a table with the columns ${columns.slice(0, 6).join(', ').slice(0, 120)}, which say nothing of addresses and ports`;
  return 'nothing in its beginning looks like any of the formats';
}
