import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { detectInventory, importerNamed } from '../../src/inventory/detect-inventory.ts';
import { InventoryRefused } from '../../src/inventory/importer.ts';
import { serviceNowUnload } from '../../src/inventory/profiles.ts';
import { samplesFolder, withSamples } from '../support/samples.ts';
import { endOf, factsOf, importAll, problemsOf } from './importing.ts';

/** What real inventories are taken for: a format, or a part of what their refusal says. */
const real: Readonly<Record<string, string>> = {
  'inventory-ansible/ansible__complex.ini': 'it seems to be an inventory of Ansible',
  'inventory-ansible/ansible__inv_with_host_vars.yml': 'it seems to be an inventory of Ansible',
  'inventory-ansible/ansible__invalid_sample.yml': 'it seems to be an inventory of Ansible',
  'inventory-ansible/ansible__inventory.group_by': 'it seems to be an inventory of Ansible',
  'inventory-ansible/ansible__inventory.ini': 'it seems to be an inventory of Ansible',
  'inventory-ansible/ansible__test_connection.inventory': 'it seems to be an inventory of Ansible',
  'inventory-ansible/ansible__unicode.yml': 'it seems to be an inventory of Ansible',
  'inventory-ansible/ansible__vaulted.inventory': 'it is encrypted by Ansible Vault',
  'inventory-glpi/inventory_format__1.xml': 'glpi-inventory',
  'inventory-glpi/inventory_format__11.xml': 'glpi-inventory',
  'inventory-glpi/inventory_format__12.xml': 'glpi-inventory',
  'inventory-glpi/inventory_format__16.xml': 'glpi-inventory',
  'inventory-glpi/inventory_format__19.xml': 'glpi-inventory',
  'inventory-glpi/inventory_format__4.xml': 'glpi-inventory',
  'inventory-glpi/inventory_format__7.xml': 'glpi-inventory',
  'inventory-glpi/inventory_format__9.xml': 'glpi-inventory',
  'inventory-glpi/inventory_format__computer_2.json': 'it seems to be the JSON of a GLPI agent',
  'inventory-glpi/inventory_format__phone_1.json': 'it seems to be the JSON of a GLPI agent',
  'inventory-netbox/netbox-demo-v3.6_ipam-subset.json': 'it seems to be a dump of the database of NetBox',
  'inventory-netbox/netbox_service_templates_import.csv':
    'it is a table with the columns name, protocol, ports, description',
  'inventory-netbox/pynetbox__device.json': 'it seems to be NetBox, but devices',
  'inventory-netbox/pynetbox__devices.json': 'it seems to be NetBox, but devices',
  'inventory-netbox/pynetbox__interface.json': 'it seems to be NetBox, but devices',
  'inventory-netbox/pynetbox__ip_address.json': 'it seems to be NetBox, but devices',
  'inventory-netbox/pynetbox__prefix.json': 'it is JSON of another tool',
  'inventory-netbox/pynetbox__virtual_machine.json': 'it seems to be NetBox, but devices',
  'inventory-netbox/pynetbox__virtual_machines.json': 'it seems to be NetBox, but devices',
  'inventory-netbox/pynetbox__virtualization_interface.json': 'it seems to be NetBox, but devices',
  'inventory-servicenow/servicenow_cmdb_unload.xml': 'servicenow-unload',
  'inventory-snipeit/snipe-it__assets-sample.csv': 'it is a table with the columns company, name, asset tag',
};

withSamples('real inventories', () => {
  test('all of them are looked at', () => {
    const folders = readdirSync(samplesFolder).filter((name) => name.startsWith('inventory-'));
    const all = folders.flatMap((folder) =>
      readdirSync(`${samplesFolder}/${folder}`).map((name) => `${folder}/${name}`),
    );
    expect(all.sort()).toEqual(Object.keys(real).sort());
  });

  test.each(Object.entries(real))('%s: %s', (path, expected) => {
    expect(detected(readFileSync(`${samplesFolder}/${path}`))).toContain(expected);
  });

  test('the export of ServiceNow says whom it is about, where loopback addresses are taken', async () => {
    const bytes = readFileSync(`${samplesFolder}/inventory-servicenow/servicenow_cmdb_unload.xml`);
    expect(problemsOf(await importAll(bytes))).toHaveLength(2);
    const events = await importAll(bytes, { options: { localAddresses: 'accept' } });
    expect(factsOf(events)).toEqual([
      '3a1d0c55c0a8016400a1b2c3d4e5f601 127.0.0.4 - - present',
      '3a1d0c55c0a8016400a1b2c3d4e5f601/ports 127.0.0.4 - 22,80,443/tcp allowed',
      '3a1d0c55c0a8016400a1b2c3d4e5f602 127.0.0.6 - - present',
      '3a1d0c55c0a8016400a1b2c3d4e5f602/ports 127.0.0.6 - 22,5432/tcp allowed',
    ]);
    expect(events.flatMap((event) => (event.kind === 'removal' ? [event.externalId.slice(-3)] : []))).toEqual(
      ['603', 'rts', '604', 'rts'],
    );
    expect(endOf(events)).toEqual({
      complete: true,
      isSnapshot: false,
      externalRevision: '2026-09-14T08:31:07.000Z',
    });
  });

  test.each<[string, readonly string[]]>([
    ['1.xml', ['LF014-2016-06-13-14-03-53/enp0s25 192.168.1.103 - - present']],
    ['4.xml', ['iMac-de-Marie.local-2017-06-12-09-24-14/en0 172.28.212.66 - - present']],
    [
      '12.xml',
      [
        'pc-arg-23.cedre.local-2017-04-18-09-26-44/Connexion réseau Intel(R) 82577LM Gigabit 10.253.6.55 - - present',
      ],
    ],
    ['11.xml', ['johanxps-2020-08-19-14-29-10/b53d:dc:44:af:e9/IP 102.108.13.10 - - optional']],
    ['16.xml', ['foo/cn3afrt37n/IP 192.168.1.9 - - optional']],
    ['9.xml', ['johanxps-2020-08-19-14-29-10/f3:6c:00:33:85:f2/IP 172.210.10.133 - - optional']],
    ['7.xml', []], // The addresses in it are those of its neighbours.
    ['19.xml', []], // Asked over loopback.
  ])('the GLPI document %s says: %o', async (name, facts) => {
    const events = await importAll(readFileSync(`${samplesFolder}/inventory-glpi/inventory_format__${name}`));
    expect(factsOf(events)).toEqual(facts);
    expect(problemsOf(events)).toEqual([]);
    expect(endOf(events)).toEqual({ complete: true, isSnapshot: false });
  });
});

test('XML that is read by a profile of the caller is not of the format whose own profile it would be', () => {
  const unload = Buffer.from('<unload unload_date="2026-03-12 17:48:30"></unload>');
  expect(detectInventory(unload).name).toBe('servicenow-unload');
  expect(detectInventory(unload, serviceNowUnload).name).toBe('servicenow-unload');
  expect(detectInventory(unload, { ...serviceNowUnload, name: 'own' }).name).toBe('xml-profile');
});

describe('what is no inventory is refused with what it seems to be', () => {
  test.each<[string, string | Buffer, string]>([
    ['nothing', '', 'The file is empty'],
    ['a workbook', Buffer.from('PK\u0003\u0004......'), 'it seems to be a zip archive or an Excel workbook'],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0]), 'it is packed; unpack it first'],
    ['binary data', Buffer.from([0, 1, 2, 3]), 'it holds binary data'],
    ['a web page', '<!DOCTYPE html><html><body>503</body></html>', 'it seems to be a web page'],
    ['Nessus', '<NessusClientData_v2><Report/></NessusClientData_v2>', 'it seems to be a Nessus export'],
    ['other XML', '<?xml version="1.0"?><zabbix_export/>', 'it is XML with the root <zabbix_export>'],
    ['other JSON', '{"zabbix_export":{}}', 'it is JSON of another tool'],
    ['another table', 'hostname,os,rack\na,b,c\n', 'it is a table with the columns hostname, os, rack'],
    ['prose', 'Dear colleagues,\n', 'nothing in its beginning looks like any of the formats'],
    ['entities', '<!DOCTYPE unload [<!ENTITY a "b">]><unload/>', 'The XML declares entities of its own'],
  ])('%s', (_name, content, reason) => {
    expect(detected(Buffer.from(content))).toContain(reason);
  });

  test('with the names of the formats, and in few words', () => {
    const message = detected(Buffer.from('Dear colleagues,\n'));
    expect(message).toMatch(
      /formats\. Formats: .*netbox-json, .*; docs\/inventory\/README\.md describes them\.$/,
    );
    expect(message.length).toBeLessThan(500);
  });

  test('formats have names', () => {
    expect(importerNamed('netbox-json').name).toBe('netbox-json');
    expect(() => importerNamed('netbox')).toThrow(/There is no format "netbox". Formats: .*netbox-json/);
  });
});

/** The name of the format, or what the refusal says. */
function detected(bytes: Buffer): string {
  try {
    return detectInventory(bytes.subarray(0, 64 << 10)).name;
  } catch (error) {
    if (error instanceof InventoryRefused) return error.message;
    throw error;
  }
}
