import { expect, test } from 'vitest';
import { endOf, factsOf, importAll, importOrRefuse, problemsOf } from './importing.ts';

const inventory = (hostvars: object, groups: object = {}) =>
  JSON.stringify({ _meta: { hostvars }, ...groups });
const format = 'ansible-inventory-json';

test.each<[string, unknown, string]>([
  ['a text', '22,443/tcp', '22,443/tcp'],
  ['a number', 22, '22/tcp'],
  ['a list', [443, '53/udp', '22'], '22,443/tcp,53/udp'],
  ['a list of objects', [{ port: '8000-8010', proto: 'udp' }, { port: 22 }], '22/tcp,8000-8010/udp'],
])('the variable of ports may be %s', async (_name, ports, expected) => {
  const text = inventory({ web: { ansible_host: '192.0.2.1', my_ports: ports } });
  expect(factsOf(await importAll(text, { options: { portsVariable: 'my_ports' } }))).toEqual([
    'web 192.0.2.1 - - present',
    `web/ports 192.0.2.1 - ${expected} required`,
  ]);
});

test('hosts of groups inside belong to the groups around, and circles end', async () => {
  const hosts = { a: { ansible_host: '192.0.2.1' }, b: { ansible_host: '192.0.2.2' } };
  const groups = {
    outer: { hosts: ['b'], children: ['inner'] },
    inner: { hosts: ['a'], children: ['outer'] },
    old: ['a'],
  };
  const events = await importAll(inventory(hosts, groups));
  expect(
    events.flatMap((event) => (event.kind === 'member' ? [`${event.group} ${event.address}`] : [])),
  ).toEqual(['outer 192.0.2.2', 'outer 192.0.2.1', 'inner 192.0.2.1', 'inner 192.0.2.2', 'old 192.0.2.1']);
});

test('a host that only groups name may be named by its address', async () => {
  expect(factsOf(await importAll(inventory({}, { web: { hosts: ['192.0.2.1', '2001:db8::1'] } })))).toEqual([
    '192.0.2.1 192.0.2.1 - - present',
    '2001:db8::1 2001:db8::1 - - present',
  ]);
});

test.each<[string, object, string]>([
  [
    'a name',
    { ansible_host: 'web.example' },
    'a: web.example is no address, and names are not looked up: set ansible_host to the address',
  ],
  [
    'the machine itself',
    { ansible_host: '127.0.0.1' },
    'a: 127.0.0.1 is a loopback address: it says nothing to others',
  ],
  [
    'a variable that holds something else',
    { ansible_host: '192.0.2.1', open_ports: [{}] },
    'a: one of its ports has no number',
  ],
])('%s is told', async (_name, vars, problem) => {
  expect(problemsOf(await importAll(inventory({ a: vars })))).toEqual([problem]);
});

test('hosts may have the names of what every object has', async () => {
  const text =
    '{"_meta":{"hostvars":{"constructor":{"ansible_host":"192.0.2.1"},"__proto__":{"ansible_host":"192.0.2.2"}}}}';
  expect(factsOf(await importAll(text))).toEqual([
    'constructor 192.0.2.1 - - present',
    '__proto__ 192.0.2.2 - - present',
  ]);
});

test('half of an inventory says nothing', async () => {
  const events = await importAll(inventory({ a: { ansible_host: '192.0.2.1' } }).slice(0, -1), { format });
  expect(events).toEqual([
    {
      kind: 'end',
      end: { complete: false, isSnapshot: false, reason: 'the file is cut off: its JSON is not closed' },
    },
  ]);
  expect(endOf(events).complete).toBe(false);
});

test('groups that multiply are refused', async () => {
  const hosts = Array.from({ length: 2000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
  const groups = Object.fromEntries(
    Array.from({ length: 600 }, (_, i) => [`g${i}`, { hosts: [], children: ['all_hosts'] }]),
  );
  expect(await importOrRefuse(inventory({}, { all_hosts: { hosts }, ...groups }), { format })).toBe(
    'TOO_LARGE',
  );
});
