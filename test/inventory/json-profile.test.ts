import { expect, test } from 'vitest';
import type { MappingProfile } from '../../src/inventory/importer.ts';
import { factsOf, importAll, problemsOf } from './importing.ts';

const format = 'json-profile';
const profile: MappingProfile = {
  name: 'ipam',
  title: 'an IPAM',
  records: ['data/items/*'],
  fields: { externalId: ['id'], selector: ['nic/ip'], ports: ['services/port'], owner: ['owner/name'] },
  constants: { expect: 'allowed' },
  values: {},
  hosts: 'optional',
  isSnapshot: true,
};

test('a profile finds records in JSON too', async () => {
  const item = {
    id: 7,
    nic: { ip: '192.0.2.1' },
    services: [{ port: 22 }, { port: '53/udp' }],
    owner: { name: 'ops' },
  };
  const text = JSON.stringify({ data: { items: [item] } });
  expect(factsOf(await importAll(text, { format, options: { profile } }))).toEqual([
    '7 192.0.2.1 - - optional',
    '7/ports 192.0.2.1 - 22/tcp,53/udp allowed',
  ]);
});

test('a list that is empty says nothing of ports, null takes them back', async () => {
  const items = [
    { id: 7, nic: { ip: '192.0.2.1' }, services: [] },
    { id: 8, nic: { ip: '192.0.2.2' }, services: [{ port: null }] },
  ];
  const events = await importAll(JSON.stringify({ data: { items } }), { format, options: { profile } });
  expect(events.map((event) => (event.kind === 'removal' ? event.externalId : event.kind))).toEqual([
    'statement',
    'statement',
    '8/ports',
    'end',
  ]);
});

test('without a profile a list of objects with the usual names is read', async () => {
  const text =
    '[{"ip":"192.0.2.1","port":22},{"address":"192.0.2.2","ports":["80","443"]},{"name":"x"},{"ip":1e999}]';
  const events = await importAll(text, { format });
  expect(factsOf(events)).toEqual(['- 192.0.2.1 - 22/tcp required', '- 192.0.2.2 - 80,443/tcp required']);
  expect(events[2]).toMatchObject({ kind: 'skipped', place: { record: 3 } });
  expect(problemsOf(events)).toEqual([
    '4: it holds a number that is not whole, or too large: write it as text',
  ]);
});
