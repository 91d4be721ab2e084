import { expect, test } from 'vitest';
import { ask, fieldOf } from '../server/ask.ts';
import { eachDatabase } from '../support/databases.ts';
import { seededServer } from './seeded-server.ts';

const inside = '{ name: "inside-1" }';
const outside = '{ name: "outside-1" }';

const hosts: readonly (readonly [filter: string, addresses: readonly string[]])[] = [
  ['{ statuses: [UP] }', ['10.0.0.1', '10.0.0.2', '10.0.0.9', '2001:db8::53']],
  ['{ statuses: [GONE] }', ['10.0.0.3']],
  ['{ networks: ["10.0.0.0/30"] }', ['10.0.0.1', '10.0.0.2', '10.0.0.3']],
  ['{ networks: ["10.0.0.2-10.0.0.9"], statuses: [UP, GONE] }', ['10.0.0.2', '10.0.0.3', '10.0.0.9']],
  ['{ networks: ["10.0.0.9", "2001:db8::/32"] }', ['10.0.0.9', '2001:db8::53']],
  ['{ networks: ["2001:DB8:0::53"] }', ['2001:db8::53']],
  ['{ families: [IPV6] }', ['2001:db8::53']],
  ['{ families: [IPV4], statuses: [UP] }', ['10.0.0.1', '10.0.0.2', '10.0.0.9']],
  ['{ name: "EXAMPLE", statuses: [UP] }', ['10.0.0.1', '10.0.0.2', '2001:db8::53']],
  ['{ name: "gate" }', ['10.0.0.1']],
  ['{ name: "%" }', []],
  ['{ openPorts: "22" }', ['10.0.0.1', '10.0.0.2']],
  ['{ openPorts: "1-79/tcp,53/udp" }', ['10.0.0.1', '10.0.0.2', '2001:db8::53']],
  ['{ openPortRanges: [{ first: 80, last: 443 }] }', ['10.0.0.1', '10.0.0.2', '10.0.0.9']],
  ['{ openPortRanges: [{ protocol: UDP, first: 53 }] }', ['2001:db8::53']],
  ['{ openPorts: "53/udp", openPortRanges: [{ first: 22 }] }', ['10.0.0.1', '10.0.0.2', '2001:db8::53']],
  [`{ scanners: [${outside}], statuses: [UP] }`, ['10.0.0.1', '2001:db8::53']],
  [`{ scanners: [${inside}, ${outside}], networks: ["10.0.0.1"] }`, ['10.0.0.1']],
  ['{ scannerGroups: [{ name: "inside" }], openPorts: "443" }', ['10.0.0.1']],
  ['{ addressSpaces: [{ name: "lab" }] }', []],
  ['{ addressSpaces: [{ name: "default" }], families: [IPV6] }', ['2001:db8::53']],
  ['{ pending: true }', []],
  ['{ pending: false, statuses: [GONE] }', ['10.0.0.3']],
  ['{ scanners: [] }', []],
];

const endpoints: readonly (readonly [filter: string, endpoints: readonly string[]])[] = [
  ['{ ports: "22", verdicts: [OPEN] }', ['10.0.0.1 22', '10.0.0.2 22']],
  ['{ ports: "3389" }', ['10.0.0.3 3389']],
  ['{ verdicts: [UNKNOWN] }', ['10.0.0.3 3389']],
  ['{ portRanges: [{ first: 400, last: 500 }], verdicts: [OPEN] }', ['10.0.0.1 443']],
  ['{ ports: "0-65535/udp" }', ['2001:db8::53 53']],
  ['{ service: "NGINX" }', ['10.0.0.1 443']],
  ['{ service: "1.24" }', ['10.0.0.1 443']],
  ['{ service: "http", verdicts: [OPEN] }', ['10.0.0.1 443', '10.0.0.2 80', '10.0.0.9 80']],
  ['{ name: "files", verdicts: [OPEN] }', ['10.0.0.2 22', '10.0.0.2 80']],
  ['{ networks: ["10.0.0.2"], verdicts: [OPEN] }', ['10.0.0.2 22', '10.0.0.2 80']],
  ['{ families: [IPV6] }', ['2001:db8::53 53']],
  [`{ scanners: [${outside}], verdicts: [OPEN] }`, ['10.0.0.1 443', '2001:db8::53 53']],
  ['{ scannerGroups: [{ name: "outside" }], families: [IPV4] }', ['10.0.0.1 443']],
  ['{ addressSpaces: [{ name: "lab" }] }', []],
];

const changes: readonly (readonly [filter: string, changes: readonly string[]])[] = [
  ['{ kinds: [SERVICE_CHANGED] }', ['SERVICE_CHANGED 10.0.0.1 443']],
  ['{ kinds: [HOST_GONE, PORT_REOPENED] }', ['PORT_REOPENED 10.0.0.2 80', 'HOST_GONE 10.0.0.3 null']],
  ['{ kinds: [PORT_CLOSED] }', ['PORT_CLOSED 10.0.0.2 80']],
  ['{ networks: ["10.0.0.9"] }', ['HOST_NEW 10.0.0.9 null', 'PORT_OPENED 10.0.0.9 80']],
  ['{ ports: "3389" }', ['PORT_OPENED 10.0.0.3 3389']],
  ['{ portRanges: [{ protocol: UDP, first: 1, last: 100 }] }', ['PORT_OPENED 2001:db8::53 53']],
  ['{ families: [IPV6], kinds: [HOST_NEW] }', ['HOST_NEW 2001:db8::53 null']],
  [`{ scanners: [${outside}], families: [IPV4], kinds: [PORT_OPENED] }`, ['PORT_OPENED 10.0.0.1 443']],
  [
    '{ scannerGroups: [{ name: "outside" }], kinds: [HOST_NEW], families: [IPV4] }',
    ['HOST_NEW 10.0.0.1 null'],
  ],
  ['{ addressSpaces: [{ name: "lab" }] }', []],
  ['{ from: "2026-03-03T00:00:00Z" }', ['PORT_REOPENED 10.0.0.2 80', 'HOST_GONE 10.0.0.3 null']],
  ['{ to: "2026-03-01T23:00:00Z", ports: "443" }', ['PORT_OPENED 10.0.0.1 443', 'PORT_OPENED 10.0.0.1 443']],
  ['{ retractions: true }', []],
  ['{ baseline: true, ports: "3389", retractions: false }', ['PORT_OPENED 10.0.0.3 3389']],
];

const scans: readonly (readonly [filter: string, times: readonly string[]])[] = [
  ['{ complete: false }', ['2026-03-03T10:59:59.000Z']],
  [`{ scanners: [${outside}], complete: true }`, ['2026-03-01T11:00:00.000Z', '2026-03-02T11:00:00.000Z']],
  [
    '{ scannerGroups: [{ name: "inside" }], from: "2026-03-02T10:00:00Z" }',
    ['2026-03-02T10:00:00.000Z', '2026-03-03T10:00:00.000Z'],
  ],
  ['{ to: "2026-03-01T10:00:00Z" }', ['2026-03-01T10:00:00.000Z']],
  ['{ statuses: [HELD, DISCARDED] }', []],
  ['{ addressSpaces: [{ name: "lab" }] }', []],
];

const nouns = [
  ['hosts', 'address', hosts],
  ['endpoints', 'address port', endpoints],
  ['changes', 'kind address port', changes],
  ['scans', 'at', scans],
] as const;

eachDatabase((place) => {
  const server = seededServer(place);
  const cases = nouns.flatMap(([field, selection, table]) =>
    table.map(([filter, expected]) => [`${field}(filter: ${filter})`, field, selection, expected] as const),
  );

  test.each(cases)('%s', async (call, field, selection, expected) => {
    const answer = await ask(server.url(), `{ ${call} { totalCount nodes { ${selection} } } }`);
    expect(answer.errors).toBeUndefined();
    const { nodes, totalCount } = fieldOf<{ nodes: Record<string, unknown>[]; totalCount: number }>(
      answer,
      field,
    );
    const found = nodes
      .map((node) => Object.values(node).join(' '))
      .map((text) => text.replace(/ $/, ' null'));
    expect(found.sort()).toEqual(expected.toSorted());
    expect(totalCount).toBe(expected.length);
  });

  test.each([
    ['hosts', 'networks: ["10.0.0.0/33"]', 'prefix length'],
    ['hosts', 'networks: ["010.0.0.1"]', 'begins with zero'],
    ['endpoints', 'ports: "70000"', 'beyond 65535'],
    ['endpoints', 'portRanges: [{ first: 90, last: 80 }]', 'ends before it begins'],
    ['changes', 'scans: ["nonsense"]', 'is not the id of a Scan'],
    ['changes', 'from: "yesterday"', 'looks like'],
    ['hosts', `networks: [${'"10.0.0.1",'.repeat(101)}]`, '100 are allowed'],
  ])('%s with %s is a mistake that says why', async (field, filter, reason) => {
    const { errors } = await ask(server.url(), `{ ${field}(filter: { ${filter} }) { totalCount } }`);
    expect(errors?.[0]?.message).toContain(reason);
    expect(server.failures()).toEqual([]);
  });
});
