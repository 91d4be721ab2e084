import { expect, test } from 'vitest';
import { endOf, factsOf, importAll, problemsOf } from './importing.ts';

const format = 'host-ports-lines';

test.each([
  ['192.0.2.1: 22', '- 192.0.2.1 - 22/tcp required'],
  ['192.0.2.1:22', '- 192.0.2.1 - 22/tcp required'],
  ['192.0.2.1:\t22, 80 ; 443', '- 192.0.2.1 - 22,80,443/tcp required'],
  ['2001:db8::1: 53/udp', '- 2001:db8::1 - 53/udp required'],
  ['[2001:db8::1]:22', '- 2001:db8::1 - 22/tcp required'],
  ['10.0.0.0/8: 23', '- 10.0.0.0/8 - 23/tcp required'],
  ['*: 23', '- * - 23/tcp required'],
  ['group:web servers: 80', '- group:web servers - 80/tcp required'],
])('%s', async (line, fact) => {
  expect(factsOf(await importAll(`${line}\n`, { format }))).toEqual([fact]);
});

test('lists of check_nmap are about the default selector', async () => {
  const text = '22/tcp\n80/tcp\n53/udp\n';
  expect(
    factsOf(await importAll(text, { options: { defaultSelector: '192.0.2.1', defaultExpect: 'allowed' } })),
  ).toEqual(['- 192.0.2.1 - 22/tcp allowed', '- 192.0.2.1 - 80/tcp allowed', '- 192.0.2.1 - 53/udp allowed']);
  expect(problemsOf(await importAll(text))[0]).toBe(
    '1: it does not say whom it is about, and there is no default selector',
  );
});

test.each([
  ['web01: 22', 'the address "web01" is refused: not an IP address'],
  ['192.0.2.1', '"192.0.2.1" is not "host: ports"'],
  ['192.0.2.1: ssh', 'its ports cannot be read: "ssh" is not a port or a range of ports'],
  [
    '10.0.0.1/8: 22',
    '"10.0.0.1/8" has bits beyond its prefix: write the network, or 10.0.0.1 for the host alone',
  ],
])('%s is told', async (line, reason) => {
  expect(problemsOf(await importAll(`192.0.2.1: 22\n${line}\n`, { format }))).toEqual([`2: ${reason}`]);
});

test('a last line without an end may have been cut off: 44 may have been 443', async () => {
  const events = await importAll('192.0.2.1: 22\n192.0.2.1: 44', { format });
  expect(factsOf(events)).toEqual(['- 192.0.2.1 - 22/tcp required']);
  expect(endOf(events).complete).toBe(false);
});

test.each(['name: web\nports: 22\n', 'Dear all: 1\n', 'Host: 192.0.2.1 ()\tPorts: 22/open/tcp\n'])(
  'other text with colons is not taken for it: %j',
  async (text) => {
    await expect(importAll(text)).rejects.toMatchObject({ code: 'NOT_AN_INVENTORY' });
  },
);
