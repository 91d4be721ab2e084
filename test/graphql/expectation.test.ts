import { beforeAll, expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { seededServer } from './seeded-server.ts';
import { asking } from './target-world.ts';

const explain = `query ($port: Port, $address: IPAddress! = "10.0.0.1", $view: String! = "inside", $at: DateTime) {
  explanation: explainExpectation(address: $address, port: $port, scannerGroup: { name: $view }, at: $at) {
    expect undeclared rule winner { externalId } losers { externalId } conflicts { externalId } policy { selector }
  }
}`;

eachDatabase((place) => {
  const server = seededServer(place);
  const { query, mutate, source, declare } = asking(server);

  beforeAll(async () => {
    await source('cmdb');
    await source('security', { priority: 10 });
    await declare('cmdb', [
      { externalId: 'host', selector: '10.0.0.1', ports: '443' },
      { externalId: 'net', selector: '10.0.0.0/24', ports: '443', expect: 'ALLOWED' },
      { externalId: 'here', selector: '10.0.0.0/24', ports: '80', expect: 'ALLOWED', view: 'inside' },
      { externalId: 'anywhere', selector: '10.0.0.0/24', ports: '80', expect: 'FORBIDDEN' },
      { externalId: 'telnet', selector: '10.0.0.0/8', ports: '23', expect: 'FORBIDDEN', locked: true },
      { externalId: 'careless', selector: '10.0.0.1', ports: '23', expect: 'ALLOWED' },
      { externalId: 'wide', selector: '10.0.0.1', ports: '8000-9000', expect: 'FORBIDDEN' },
      { externalId: 'narrow', selector: '10.0.0.1', ports: '8080', expect: 'ALLOWED' },
      { externalId: 'soon', selector: '10.0.0.1', ports: '99', validFrom: '2098-01-01T00:00:00Z' },
      { externalId: 'one', selector: '10.0.0.1', ports: '5000', expect: 'ALLOWED' },
      { externalId: 'other', selector: '10.0.0.1', ports: '5000', expect: 'FORBIDDEN' },
      { externalId: 'desk', selector: '10.0.0.3', expect: 'PRESENT' },
    ]);
    await declare('security', [
      { externalId: 'https', selector: '10.0.0.1', ports: '443', expect: 'FORBIDDEN' },
    ]);
    await mutate(
      `mutation ($input: SetTargetPolicyInput!) { setTargetPolicy(input: $input) { __typename } }`,
      { selector: '10.0.0.0/24', undeclaredPorts: 'IGNORE' },
    );
  });

  test.each<[string, Record<string, unknown>, object]>([
    [
      'the higher source wins',
      { port: 443 },
      { expect: 'FORBIDDEN', rule: 'SOURCE_PRIORITY', winner: { externalId: 'https' } },
    ],
    [
      'the view wins over any',
      { port: 80 },
      { expect: 'ALLOWED', rule: 'VIEW', winner: { externalId: 'here' } },
    ],
    [
      'without the view the others decide',
      { port: 80, view: 'outside' },
      { expect: 'FORBIDDEN', rule: 'ONLY_ONE', winner: { externalId: 'anywhere' } },
    ],
    [
      'what is locked holds',
      { port: 23 },
      { expect: 'FORBIDDEN', rule: 'LOCKED', winner: { externalId: 'telnet' } },
    ],
    [
      'the narrower range wins',
      { port: 8080 },
      { expect: 'ALLOWED', rule: 'PORT_RANGE', losers: [{ externalId: 'wide' }] },
    ],
    [
      'of equals the stricter wins, and that is a conflict',
      { port: 5000 },
      { expect: 'FORBIDDEN', rule: 'STRICTER', conflicts: [{ externalId: 'one' }] },
    ],
    [
      'what has not begun is not expected yet',
      { port: 99 },
      { expect: null, undeclared: 'IGNORE', winner: null, policy: { selector: '10.0.0.0/24' } },
    ],
    ['and will be, then', { port: 99, at: '2099-01-01T00:00:00Z' }, { expect: 'REQUIRED' }],
    ['without a port it is about the host', { address: '10.0.0.3' }, { expect: 'PRESENT' }],
    [
      'elsewhere nobody says anything',
      { address: '192.0.2.1', port: 1 },
      { expect: null, undeclared: 'DRIFT', policy: null },
    ],
  ])('%s', async (_name, variables, expected) => {
    expect(await query(explain, variables)).toMatchObject({ explanation: expected });
  });

  test('conflicts are listed with both sides, in parts', async () => {
    const conflicts = `query ($first: Int!, $offset: Int!) {
      targetConflicts(first: $first, offset: $offset) {
        winner { externalId expect source { name } } loser { externalId expect }
      }
    }`;
    expect(await query(conflicts, { first: 10, offset: 0 })).toEqual({
      targetConflicts: [
        {
          winner: { externalId: 'other', expect: 'FORBIDDEN', source: { name: 'cmdb' } },
          loser: { externalId: 'one', expect: 'ALLOWED' },
        },
      ],
    });
    expect(await query(conflicts, { first: 10, offset: 1 })).toEqual({ targetConflicts: [] });
  });

  test('policies are replaced, listed and removed', async () => {
    const set = `mutation ($input: SetTargetPolicyInput!) { setTargetPolicy(input: $input) {
      __typename ... on Error { message }
      ... on SetTargetPolicyPayload { targetPolicy { id selector view { name } undeclaredPorts undeclaredHosts staleAfterSeconds } } } }`;
    const input = { selector: 'group:desks', scannerGroup: { name: 'inside' }, undeclaredHosts: 'ALLOW' };
    const first = await mutate<{ targetPolicy: { id: string } }>(set, { ...input, staleAfterSeconds: 3600 });
    expect(first.targetPolicy).toMatchObject({
      selector: 'group:desks',
      view: { name: 'inside' },
      undeclaredPorts: 'DRIFT',
      undeclaredHosts: 'ALLOW',
      staleAfterSeconds: 3600,
    });
    const second = await mutate<{ targetPolicy: { id: string } }>(set, { ...input, staleAfterSeconds: null });
    expect(second.targetPolicy).toMatchObject({ id: first.targetPolicy.id, staleAfterSeconds: null });
    expect(await mutate(set, { selector: '10.0.0.1/24' })).toMatchObject({ __typename: 'BadInput' });
    const remove = `mutation ($input: DeleteTargetPolicyInput!) { deleteTargetPolicy(input: $input) { __typename } }`;
    const { id } = first.targetPolicy;
    expect(await mutate(remove, { id })).toEqual({ __typename: 'DeleteTargetPolicyPayload' });
    expect(await mutate(remove, { id })).toEqual({ __typename: 'NotFound' });
    expect(server.failures()).toEqual([]);
  });
});
