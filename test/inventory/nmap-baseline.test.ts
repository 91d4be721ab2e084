import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { samplesFolder, withSamples } from '../support/samples.ts';
import { endOf, factsOf, importAll, importOrRefuse, problemsOf } from './importing.ts';

const run = (hosts: string, exit = 'exit="success"') =>
  `<?xml version="1.0"?><nmaprun scanner="nmap" start="1592309703" version="7.94">${hosts}<runstats><finished ${exit}/></runstats></nmaprun>`;
const host = (ports: string, addr = '192.0.2.1') =>
  `<host><address addr="${addr}" addrtype="ipv4"/><ports>${ports}</ports></host>`;
const open = (port: number, protocol = 'tcp') =>
  `<port protocol="${protocol}" portid="${port}"><state state="open"/></port>`;

test('when it is to be looked at again stands in the description', async () => {
  const [event] = await importAll(run(host(open(22))), { options: { reviewBy: Date.UTC(2026, 11, 31) } });
  expect(event).toMatchObject({
    row: { description: 'found open by nmap 7.94 on 2020-06-16, to be reviewed by 2026-12-31' },
  });
  expect(event).not.toHaveProperty('row.validUntil');
});

test.each([
  ['one that failed', run(host(open(22)), 'exit="error" errormsg="no route"'), 'CORRUPT'],
  ['one that does not say that it is finished', run(host(open(22)), ''), 'CORRUPT'],
  ['one of masscan', run(host(open(22))).replace('scanner="nmap"', 'scanner="masscan"'), 'NOT_AN_INVENTORY'],
])('a scan is refused: %s', async (_name, text, code) => {
  expect(await importOrRefuse(text)).toBe(code);
});

test('a scan that is cut off is no baseline', async () => {
  expect(endOf(await importAll(run(host(open(22))).slice(0, -40))).complete).toBe(false);
});

test('what cannot be read is told', async () => {
  const events = await importAll(
    run(host(open(0)) + host(open(22), '999.0.0.1') + host(open(53, 'udp'), '2001:db8:0::1')),
  );
  expect(problemsOf(events)).toEqual([
    '1: 0 is not a port that a service can have',
    '2: the address "999.0.0.1" is refused: not an IP address: a part is larger than 255',
  ]);
  expect(factsOf(events)).toEqual(['- 2001:db8::1 - 53/udp allowed']);
});

withSamples('a real scan', () => {
  test('becomes what an independent reader found open', async () => {
    const path = `${samplesFolder}/nmap-xml/HackTheBox__htb-beep_nmap.xml`;
    const expected = JSON.parse(readFileSync(`${path}.expected.json`, 'utf8')) as Expected;
    const facts = (expected.runs[0]?.hosts ?? []).flatMap(({ addresses, ports }) =>
      ports
        .filter(({ state }) => state === 'open')
        .map(({ proto, port }) => `- ${addresses[0]?.addr} - ${port}/${proto} allowed`),
    );
    expect(facts.length).toBeGreaterThan(5);
    expect(factsOf(await importAll(readFileSync(path)))).toEqual(facts);
  });
});

interface Expected {
  readonly runs: readonly {
    readonly hosts: readonly {
      readonly addresses: readonly { readonly addr: string }[];
      readonly ports: readonly { readonly proto: string; readonly port: number; readonly state: string }[];
    }[];
  }[];
}
