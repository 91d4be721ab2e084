import { expect, test } from 'vitest';
import { factsOf, importAll, problemsOf } from './importing.ts';

const request = (content: string, query = 'INVENTORY') =>
  `<REQUEST><CONTENT>${content}</CONTENT><DEVICEID>d</DEVICEID><QUERY>${query}</QUERY></REQUEST>`;
const card = (name: string, address: string, more = '') =>
  `<NETWORKS><DESCRIPTION>${name}</DESCRIPTION><IPADDRESS>${address}</IPADDRESS>${more}</NETWORKS>`;

test.each(['lo', 'virbr0', 'tun0', 'utun3', 'docker0', 'br-0123456789ab', 'veth12ab', 'vboxnet0'])(
  'the interface %s leads to nobody else',
  async (name) => {
    const events = await importAll(request(card(name, '192.0.2.1')));
    expect(events[0]).toMatchObject({ kind: 'skipped' });
  },
);

test.each(['eth0', 'enp0s25', 'br0', 'bond0', 'en0', 'local'])(
  'the interface %s is one of the machine',
  async (name) => {
    expect(factsOf(await importAll(request(card(name, '192.0.2.1'))))).toEqual([
      `d/${name} 192.0.2.1 - - present`,
    ]);
  },
);

test('interfaces that are down, loopback and link-local addresses are left out', async () => {
  const content =
    card('eth0', '192.0.2.1', '<STATUS>Down</STATUS>') +
    card('eth1', '169.254.1.1') +
    card('eth2', '192.0.2.3');
  expect(factsOf(await importAll(request(content)))).toEqual(['d/eth2 192.0.2.3 - - present']);
});

test('one machine and two, one card and two have the same shape', async () => {
  const content = card('eth0', '192.0.2.1') + card('eth0', '192.0.2.2');
  expect(factsOf(await importAll(request(content)))).toEqual([
    'd/eth0 192.0.2.1 - - present',
    'd/eth0/1 192.0.2.2 - - present',
  ]);
});

test.each([
  ['SNMPQUERY', 'present'],
  ['NETDISCOVERY', 'optional'],
])('a device of %s is %s, once for each address', async (query, expected) => {
  const device =
    '<DEVICE><INFO><IPS><IP>192.0.2.1</IP><IP>192.0.2.1</IP></IPS><SERIAL>0000123</SERIAL></INFO></DEVICE>';
  expect(factsOf(await importAll(request(device, query)))).toEqual([
    `d/0000123/IP 192.0.2.1 - - ${expected}`,
  ]);
});

test.each([
  ['<REQUEST><CONTENT/></REQUEST>', '1: it has no DEVICEID or no CONTENT'],
  [
    request(card('eth0', '192.0.2.300')),
    '1: the address "192.0.2.300" is refused: not an IP address: a part is larger than 255',
  ],
])('%s is told', async (text, problem) => {
  expect(problemsOf(await importAll(text))).toEqual([problem]);
});
