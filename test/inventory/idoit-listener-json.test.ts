import { expect, test } from 'vitest';
import { endOf, factsOf, importAll, problemsOf } from './importing.ts';

const format = 'idoit-listener-json';
const listener = (more: object) => ({
  id: '7',
  objID: '42',
  protocol: 'TCP',
  ip_address: '192.0.2.1',
  port_from: 443,
  port_to: 443,
  ...more,
});
const answer = (...result: object[]) => JSON.stringify({ jsonrpc: '2.0', id: 1, result });

test.each<[string, object, string]>([
  ['a dialog that is a text', { protocol: 'UDP' }, '443/udp'],
  ['a dialog that is an object', { protocol: { id: '2', title: 'UDP', const: null } }, '443/udp'],
  ['ports as text', { port_from: '80', port_to: '90' }, '80-90/tcp'],
  ['no last port', { port_to: null }, '443/tcp'],
  ['0 as the last port', { port_to: '0' }, '443/tcp'],
  ['an address that is an object', { ip_address: { ref_title: '192.0.2.1', id: 3 } }, '443/tcp'],
])('%s', async (_name, more, ports) => {
  expect(factsOf(await importAll(answer(listener(more))))).toEqual([
    `42/7/192.0.2.1 192.0.2.1 - ${ports} required`,
  ]);
});

test.each<[string, object, string]>([
  [
    'all addresses of an object that are not there',
    { ip_address: '0.0.0.0' },
    'it listens on all addresses of object 42, which the file does not have: add its category C__CATG__IP',
  ],
  [
    'an inverted range',
    { port_from: 90, port_to: 80 },
    'its ports cannot be read: "90-80" ends before it begins',
  ],
  ['no port', { port_from: null }, 'it has no port'],
  [
    'another protocol',
    { protocol: 'ICMP' },
    'its ports cannot be read: "icmp" is not one of tcp, udp, sctp, ip',
  ],
])('%s is told', async (_name, more, reason) => {
  expect(problemsOf(await importAll(answer(listener(more))))).toEqual([`1: ${reason}`]);
});

test('entries of one answer of several are told apart', async () => {
  const bad = { port_from: null };
  const batch = `[${answer(listener(bad), listener({ ...bad, id: '8' }), listener({ ...bad, id: null }))}]`;
  const events = await importAll(batch);
  expect(events.flatMap((event) => (event.kind === 'problem' ? [event.place] : []))).toEqual([
    { record: 1, name: 'entry 7 of object 42' },
    { record: 1, name: 'entry 8 of object 42' },
    { record: 1, name: 'entry at place 3 of object 42' },
  ]);
});

test('what listens on loopback says nothing to others', async () => {
  const events = await importAll(
    answer(listener({ ip_address: '127.0.0.1' }), listener({ ip_address: '::1' })),
  );
  expect(events.map(({ kind }) => kind)).toEqual(['skipped', 'skipped', 'end']);
});

test('an error of i-doit is told', async () => {
  const events = await importAll('[{"jsonrpc":"2.0","id":1,"error":{"code":-32099,"message":"no rights"}}]', {
    format,
  });
  expect(problemsOf(events)).toEqual(['1: i-doit answered with an error: no rights']);
});

test('objects are asked one by one: no answer is everything', async () => {
  expect(endOf(await importAll(answer(listener({}))))).toEqual({ complete: true, isSnapshot: false });
});
