import { describe, expect, test } from 'vitest';
import { endOf, factsOf, importAll, problemsOf } from './importing.ts';

const page = (results: object[], more: object = {}) =>
  JSON.stringify({ count: results.length, next: null, previous: null, results, ...more });
const service = (id: number, ipaddresses: unknown, more: object = {}) => ({
  id,
  name: 'https',
  protocol: { value: 'tcp', label: 'TCP' },
  ports: [443],
  ipaddresses,
  parent: { id: 42, name: 'web01' },
  parent_object_type: 'dcim.device',
  parent_object_id: 42,
  ...more,
});
const ip = (id: number, address: string, more: object = {}) => ({ id, address, ...more });
const ofDevice = {
  assigned_object_type: 'dcim.interface',
  assigned_object_id: 3,
  assigned_object: { device: { id: 42 } },
};

const format = 'netbox-json';

describe('only all pages together are everything', () => {
  const first = page([service(1, [ip(1, '192.0.2.1/24')])], {
    count: 2,
    next: 'http://nb/api/ipam/services/?offset=1',
  });
  const last = page([service(2, [ip(2, '192.0.2.2/24')])], {
    count: 2,
    previous: 'http://nb/api/ipam/services/',
  });

  test.each([
    ['one after the other', `${first}\n${last}`],
    ['in a list', `[${first},${last}]`],
  ])('pages %s are a snapshot', async (_name, text) => {
    const events = await importAll(text);
    expect(factsOf(events)).toEqual([
      '1/192.0.2.1 192.0.2.1 - 443/tcp required',
      '2/192.0.2.2 192.0.2.2 - 443/tcp required',
    ]);
    expect(endOf(events)).toEqual({ complete: true, isSnapshot: true });
  });

  test.each([
    ['the first page alone', first, '1 of 2 services are here: pages are missing or double'],
    [
      'the same page twice, and the other',
      `${first}${first}${last}`,
      '3 of 2 services are here: pages are missing or double',
    ],
    [
      'pages between which one was added',
      `${first}${last.replace('"count":2', '"count":3')}`,
      'its pages do not agree how many services there are',
    ],
    [
      'a page that does not count',
      page([service(1, [ip(1, '192.0.2.1')])], { count: null }),
      'a page does not say how many services there are',
    ],
  ])('%s: no snapshot', async (_name, text, reason) => {
    expect(endOf(await importAll(text, { format }))).toEqual({ complete: false, isSnapshot: false, reason });
  });

  test('no services at all are everything, if NetBox says so', async () => {
    expect(await importAll(page([]))).toEqual([{ kind: 'end', end: { complete: true, isSnapshot: true } }]);
  });

  test('a bare list does not say that it is everything', async () => {
    const events = await importAll(JSON.stringify([service(1, [ip(1, '192.0.2.1')])]));
    expect(endOf(events)).toEqual({ complete: true, isSnapshot: false });
  });
});

test('the result of a GraphQL query is read, and is no snapshot: queries are paged without saying so', async () => {
  const list = [
    {
      name: 'dns',
      protocol: 'PROTOCOL_UDP',
      ports: [53],
      ipaddresses: [{ address: '192.0.2.53/24' }],
      parent: { name: 'ns1' },
    },
  ];
  const events = await importAll(JSON.stringify({ data: { service_list: list } }));
  expect(factsOf(events)).toEqual(['- 192.0.2.53 - 53/udp required']);
  expect(endOf(events)).toEqual({ complete: true, isSnapshot: false });
});

test('a query that failed is told', async () => {
  const events = await importAll('{"errors":[{"message":"no"}],"data":{"service_list":[]}}', { format });
  expect(problemsOf(events)).toEqual(['-: the result of the query has errors']);
});

describe('addresses', () => {
  test('a service without addresses means those of its parent', async () => {
    const addresses = page([
      ip(1, '192.0.2.1/24', ofDevice),
      ip(2, '2001:db8::1/64', ofDevice),
      ip(3, '192.0.2.3/24'),
    ]);
    const events = await importAll(addresses + page([service(17, [])]));
    expect(factsOf(events)).toEqual([
      '17/192.0.2.1 192.0.2.1 - 443/tcp required',
      '17/2001:db8::1 2001:db8::1 - 443/tcp required',
    ]);
    expect(endOf(events)).toEqual({ complete: true, isSnapshot: true });
  });

  test('a virtual machine or a group of routers may be the parent', async () => {
    const vm = ip(1, '192.0.2.1/24', { assigned_object: { virtual_machine: { id: 7 } } });
    const vip = ip(2, '192.0.2.2/24', { assigned_object_type: 'ipam.fhrpgroup', assigned_object_id: 3 });
    const services = [
      service(1, [], { parent_object_type: 'virtualization.virtualmachine', parent_object_id: 7 }),
      service(2, [], { parent_object_type: 'ipam.fhrpgroup', parent_object_id: 3 }),
      { ...service(3, []), parent_object_type: null, virtual_machine: { id: 7, name: 'vm' } },
    ];
    expect(factsOf(await importAll(page([vm, vip]) + page(services)))).toEqual([
      '1/192.0.2.1 192.0.2.1 - 443/tcp required',
      '2/192.0.2.2 192.0.2.2 - 443/tcp required',
      '3/192.0.2.1 192.0.2.1 - 443/tcp required',
    ]);
  });

  test('VRFs are address spaces', async () => {
    const addresses = page([
      ip(1, '10.0.0.1/24', { vrf: { id: 1, name: 'blue' } }),
      ip(2, '10.0.0.1/24', { vrf: null }),
    ]);
    const events = await importAll(
      addresses + page([service(1, [ip(1, '10.0.0.1/24')]), service(2, [ip(2, '10.0.0.1/24')])]),
    );
    expect(
      events.map((event) =>
        event.kind === 'statement' ? (event.row.addressSpace ?? 'default') : event.kind,
      ),
    ).toEqual(['blue', 'default', 'end']);
  });

  test('one text with two ids is two addresses, and one does not know which', async () => {
    const events = await importAll(
      page([service(1, [ip(9, '10.0.0.1/24')]), service(2, [ip(77, '10.0.0.1/24')])]),
    );
    expect(problemsOf(events)).toEqual([
      '2: 10.0.0.1 stands in NetBox twice (ids 9 and 77), perhaps in two VRFs: put the pages of /api/ipam/ip-addresses/ before the services, which say which',
    ]);
  });

  test('a VRF that comes too late is told', async () => {
    const late = page([ip(9, '10.0.0.1/24', { vrf: { name: 'blue' } })]);
    const events = await importAll(page([service(1, [ip(9, '10.0.0.1/24')])]) + late);
    expect(problemsOf(events)).toEqual([
      '2: 10.0.0.1 belongs to a VRF: addresses must stand before the services that use them',
    ]);
  });
});

test.each<[string, object, string]>([
  [
    'a port beyond',
    service(1, [ip(1, '192.0.2.1/24')], { ports: [65536] }),
    'its ports cannot be read: "65536" is beyond 65535',
  ],
  ['port 0', service(1, [ip(1, '192.0.2.1/24')], { ports: [0] }), '0 is not a port that a service can have'],
  ['no port', service(1, [ip(1, '192.0.2.1/24')], { ports: [] }), 'it names no port'],
  [
    'a port that is no whole number',
    service(1, [ip(1, '192.0.2.1/24')], { ports: [1.5] }),
    'it holds a number that is not whole, or too large: write it as text',
  ],
  [
    'a mask that is none',
    service(1, [ip(1, '192.0.2.1/33')]),
    '"192.0.2.1/33" is not an address with a mask',
  ],
  [
    'loopback',
    service(1, [ip(1, '127.0.0.1/8')]),
    '127.0.0.1 is a loopback address: it says nothing to others',
  ],
  [
    'link-local',
    service(1, [ip(1, 'fe80::1/64')]),
    'fe80::1 is a link-local address: it says nothing to others',
  ],
  [
    'another protocol',
    service(1, [ip(1, '192.0.2.1')], { protocol: { value: 'icmp' } }),
    'its ports cannot be read: "icmp" is not one of tcp, udp, sctp, ip',
  ],
  ['a device', { id: 1, name: 'web01', device_type: {} }, 'it is neither a service nor an address of NetBox'],
])('%s is told', async (_name, record, reason) => {
  expect(problemsOf(await importAll(page([record]), { format }))).toEqual([`1: ${reason}`]);
});

test('keys of objects that everybody has are no fields', async () => {
  const record = service(1, [ip(1, '192.0.2.1/24')]);
  const text = page([record]).replace(
    '"name":"https"',
    '"__proto__":{"vrf":"x"},"constructor":{"name":"y"},"name":"https"',
  );
  expect(factsOf(await importAll(text, { format }))).toEqual(['1/192.0.2.1 192.0.2.1 - 443/tcp required']);
  const twice = page([record]).replace('"ports":[443]', '"ports":[443],"ports":[23]');
  expect(problemsOf(await importAll(twice, { format }))).toEqual([
    '1: a key stands twice in one of its objects',
  ]);
});
