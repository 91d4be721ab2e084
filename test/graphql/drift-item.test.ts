import { beforeAll, expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { insideRuns, upload } from './seed.ts';
import { seededServer } from './seeded-server.ts';
import { asking } from './target-world.ts';

interface Nodes {
  readonly items: { readonly nodes: readonly { readonly address: string; readonly port: number | null }[] };
}

const listed = `query ($filter: DriftFilter) {
  items: driftItems(filter: $filter, first: 100) { nodes { address port } }
}`;

eachDatabase((place) => {
  const server = seededServer(place);
  const { query, mutate, source, declare } = asking(server);
  const places = async (filter: Record<string, unknown>) => {
    const { items } = await query<Nodes>(listed, { filter });
    return items.nodes.map(({ address, port }) => (port === null ? address : `${address}:${port}`)).sort();
  };

  // Seen from inside: .1 has 22 and 443, .2 has 22 and 80, .9 has 80; .3 is gone.
  beforeAll(async () => {
    await source('cmdb');
    await declare('cmdb', [
      { externalId: 'gate', selector: '10.0.0.1', ports: '443', owner: 'netops', ticket: 'CHG1' },
      {
        externalId: 'ssh',
        selector: '10.0.0.0/24',
        ports: '22',
        expect: 'FORBIDDEN',
        view: 'inside',
        owner: 'secops',
      },
      { externalId: 'desk', selector: '10.0.0.3', expect: 'PRESENT', view: 'inside', owner: 'desks' },
      { externalId: 'files', selector: '10.0.0.2', ports: '80,443', view: 'inside' },
    ]);
  });

  test('each deviation is one item with its place, its reason and what it rests on', async () => {
    const { driftItems } = await query<{ driftItems: object }>(`{
      driftItems(filter: { networks: ["10.0.0.2"], ports: "443" }) {
        totalCount
        nodes {
          kind side state view { name } addressSpace { name } address port protocol owner ticket episode openedBy
          statement { externalId expect source { name } } host { address } endpoint { verdict }
          acknowledged { by } waiver { id } unverifiable { reason } flapping resolvedAt scan { id }
        }
      }
    }`);
    expect(driftItems).toEqual({
      totalCount: 1,
      nodes: [
        {
          kind: 'PORT_MISSING',
          side: 'MISSING',
          state: 'OPEN',
          view: { name: 'inside' },
          addressSpace: { name: 'default' },
          address: '10.0.0.2',
          port: 443,
          protocol: 'TCP',
          owner: null,
          ticket: null,
          episode: 1,
          openedBy: 'TARGET_CHANGE',
          statement: { externalId: 'files', expect: 'REQUIRED', source: { name: 'cmdb' } },
          host: { address: '10.0.0.2' },
          endpoint: { verdict: 'NOT_OPEN' },
          acknowledged: null,
          waiver: null,
          unverifiable: null,
          flapping: false,
          resolvedAt: null,
          scan: null,
        },
      ],
    });
  });

  const all = ['10.0.0.1:22', '10.0.0.2:22', '10.0.0.2:443', '10.0.0.3', '10.0.0.9', '10.0.0.9:80'];
  test.each<[string, Record<string, unknown>, readonly string[]]>([
    ['everything that is open', { scannerGroups: [{ name: 'inside' }] }, all],
    ['a kind', { kinds: ['HOST_MISSING', 'PORT_MISSING'] }, ['10.0.0.2:443', '10.0.0.3']],
    ['a side', { sides: ['MISSING'] }, ['10.0.0.2:443', '10.0.0.3']],
    ['a network', { networks: ['10.0.0.2/31'] }, ['10.0.0.2:22', '10.0.0.2:443', '10.0.0.3']],
    ['ports', { ports: '443', scannerGroups: [{ name: 'inside' }] }, ['10.0.0.2:443']],
    ['an owner', { owners: ['secops'] }, ['10.0.0.1:22', '10.0.0.2:22']],
    ['a cause', { causes: ['OBSERVATION'] }, []],
    ['a state', { states: ['RESOLVED'] }, []],
    ['flags', { acknowledged: true }, []],
    ['a time before', { openedBefore: '2026-01-01T00:00:00Z' }, []],
    ['a family', { families: ['IPV6'], scannerGroups: [{ name: 'inside' }] }, []],
  ])('a filter by %s', async (_name, filter, expected) => {
    expect(await places(filter)).toEqual(expected);
  });

  test('pages add up to the whole, forward and backward', async () => {
    const whole = await query<{ driftItems: { nodes: { id: string }[] } }>(
      '{ driftItems(first: 100) { nodes { id } } }',
    );
    const ids = whole.driftItems.nodes.map(({ id }) => id);
    const page = `query ($first: Int, $after: String, $last: Int, $before: String) {
      driftItems(first: $first, after: $after, last: $last, before: $before) {
        nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }`;
    const read = async (forward: boolean) => {
      const found: string[] = [];
      let cursor: string | null = null;
      for (;;) {
        const variables: object = forward ? { first: 2, after: cursor } : { last: 2, before: cursor };
        const { driftItems: items } = await query<{
          driftItems: {
            nodes: { id: string }[];
            pageInfo: Record<'hasNextPage' | 'hasPreviousPage', boolean> &
              Record<'startCursor' | 'endCursor', string>;
          };
        }>(page, { ...variables });
        const ofPage = items.nodes.map(({ id }) => id);
        if (forward) found.push(...ofPage);
        else found.unshift(...ofPage);
        if (!(forward ? items.pageInfo.hasNextPage : items.pageInfo.hasPreviousPage)) return found;
        cursor = forward ? items.pageInfo.endCursor : items.pageInfo.startCursor;
      }
    };
    expect(await read(true)).toEqual(ids);
    expect(await read(false)).toEqual(ids);
  });

  test('items, sources, statements, policies and waivers are nodes; wrong ids are null', async () => {
    const { driftItems, targetSource, targetStatements } = await query<{
      driftItems: { nodes: { id: string }[] };
      targetSource: { id: string };
      targetStatements: { nodes: { id: string }[] };
    }>(`{
      driftItems(first: 1) { nodes { id } }
      targetSource(by: { name: "cmdb" }) { id }
      targetStatements(first: 1) { nodes { id } }
    }`);
    const { targetPolicy } = await mutate<{ targetPolicy: { id: string } }>(
      `mutation ($input: SetTargetPolicyInput!) {
        setTargetPolicy(input: $input) { ... on SetTargetPolicyPayload { targetPolicy { id } } }
      }`,
      { selector: '203.0.113.0/24', undeclaredPorts: 'IGNORE' },
    );
    const ids = [
      driftItems.nodes[0]?.id,
      targetSource.id,
      targetStatements.nodes[0]?.id,
      targetPolicy.id,
      Buffer.from('DriftItem:999999').toString('base64url'),
      Buffer.from('DriftItem:-1').toString('base64url'),
      Buffer.from('Waiver:0x1').toString('base64url'),
    ];
    const { nodes } = await query<{ nodes: unknown[] }>(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }',
      { ids },
    );
    expect(nodes).toEqual([
      { __typename: 'DriftItem', id: ids[0] },
      { __typename: 'TargetSource', id: ids[1] },
      { __typename: 'TargetStatement', id: ids[2] },
      { __typename: 'TargetPolicy', id: ids[3] },
      null,
      null,
      null,
    ]);
  });

  test('a past moment is told apart from now, also by the field of that name', async () => {
    const before = new Date().toISOString();
    const run = insideRuns.at(-1);
    const scanner = await server.application().scanners.findByName('inside-1');
    if (run === undefined || scanner === undefined) throw new Error('The seed has runs and scanners');
    await upload(server.application(), scanner.id, {
      ...run,
      at: '2026-03-04T10:00:00Z',
      hosts: run.hosts.filter(({ address }) => address !== '10.0.0.9'),
    });
    const answer = await query(
      `query ($at: DateTime!) {
        before: driftItems(asOf: $at, filter: { networks: ["10.0.0.9"] }) { totalCount }
        same: driftAsOf(at: $at, filter: { networks: ["10.0.0.9"] }) { totalCount }
        now: driftItems(filter: { networks: ["10.0.0.9"] }) { nodes { kind unverifiable { reason } } }
      }`,
      { at: before },
    );
    // The host is gone. Whether its port would still be open if it came back, nobody knows.
    expect(answer).toEqual({
      before: { totalCount: 2 },
      same: { totalCount: 2 },
      now: { nodes: [{ kind: 'PORT_UNEXPECTED', unverifiable: { reason: 'HOST_GONE' } }] },
    });
    expect(server.failures()).toEqual([]);
  });
});
