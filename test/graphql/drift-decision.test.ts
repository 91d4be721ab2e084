import { beforeAll, expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { seededServer } from './seeded-server.ts';
import { asking, type ImportAnswer, refusal } from './target-world.ts';

const acknowledgeDrift = `mutation ($input: AcknowledgeDriftInput!) {
  acknowledgeDrift(input: $input) {
    __typename ... on Error { message }
    ... on AcknowledgeDriftPayload { items { id state acknowledged { by note } } }
  }
}`;
const acceptIntoTarget = `mutation ($input: AcceptIntoTargetInput!) {
  acceptIntoTarget(input: $input) {
    __typename
    ... on TargetImport { outcome revision { number actor reason } plan { counts { created } } stillOpen { kind statement { externalId } } }
    ${refusal}
  }
}`;

eachDatabase((place) => {
  const server = seededServer(place);
  const { query, mutate, source, declare } = asking(server);
  const itemsOf = async (filter: object) => {
    const { driftItems } = await query<{ driftItems: { nodes: { id: string; kind: string }[] } }>(
      'query ($filter: DriftFilter) { driftItems(filter: $filter) { nodes { id kind } } }',
      { filter },
    );
    return driftItems.nodes;
  };

  beforeAll(async () => {
    await source('cmdb');
    await source('people');
    await declare('cmdb', [
      { externalId: 'gate', selector: '10.0.0.1', ports: '443,3389', view: 'inside' },
      { externalId: 'files', selector: '10.0.0.2', ports: '22', view: 'inside' },
    ]);
  });

  test('what somebody has seen stays open and counts', async () => {
    const [item] = await itemsOf({ kinds: ['PORT_MISSING'] });
    const answer = await mutate(acknowledgeDrift, { items: [item?.id], actor: 'me', note: 'on it' });
    expect(answer).toEqual({
      __typename: 'AcknowledgeDriftPayload',
      items: [{ id: item?.id, state: 'OPEN', acknowledged: { by: 'me', note: 'on it' } }],
    });
    expect(await itemsOf({ acknowledged: true })).toEqual([item]);
    expect(
      await query('{ driftSummary(groupBy: KIND, filter: { kinds: [PORT_MISSING] }) { open acknowledged } }'),
    ).toEqual({ driftSummary: [{ open: 1, acknowledged: 1 }] });
  });

  test('what is accepted is declared: excess is allowed, and the drift resolves', async () => {
    const items = await itemsOf({ networks: ['10.0.0.2'], kinds: ['PORT_UNEXPECTED'] });
    expect(items).not.toEqual([]);
    const answer = await mutate<ImportAnswer>(acceptIntoTarget, {
      items: items.map(({ id }) => id),
      source: { name: 'people' },
      actor: 'me',
      reason: 'it was always there',
      validUntil: '2099-01-01T00:00:00Z',
    });
    expect(answer).toMatchObject({
      outcome: 'APPLIED',
      revision: { number: 1, actor: 'me', reason: 'it was always there' },
      plan: { counts: { created: items.length } },
      stillOpen: [],
    });
    expect(await itemsOf({ networks: ['10.0.0.2'], kinds: ['PORT_UNEXPECTED'] })).toEqual([]);
    const { targetStatements } = await query<{ targetStatements: { nodes: object[] } }>(
      '{ targetStatements(filter: { sources: [{ name: "people" }] }) { nodes { selector expect validUntil } } }',
    );
    expect(targetStatements.nodes[0]).toEqual({
      selector: '10.0.0.2',
      expect: 'ALLOWED',
      validUntil: '2099-01-01T00:00:00.000Z',
    });
  });

  const unknown = Buffer.from('DriftItem:999999').toString('base64url');
  test.each<[string, string, Record<string, unknown>, string]>([
    ['an item that is not there', acknowledgeDrift, { items: [unknown], actor: 'me' }, 'NotFound'],
    ['no item', acknowledgeDrift, { items: [], actor: 'me' }, 'BadInput'],
    ['an id that is none', acknowledgeDrift, { items: ['x'], actor: 'me' }, 'BadInput'],
    [
      'more items than anybody looks at',
      acknowledgeDrift,
      { items: Array.from({ length: 101 }, () => unknown), actor: 'me' },
      'BadInput',
    ],
    [
      'a source that is not there',
      acceptIntoTarget,
      { items: [unknown], source: { name: 'nobody' }, actor: 'me', reason: 'x' },
      'NotFound',
    ],
    [
      'the acceptance of nothing',
      acceptIntoTarget,
      { items: [unknown], source: { name: 'people' }, actor: 'me', reason: 'x' },
      'NotFound',
    ],
  ])('%s is a named mistake', async (_name, document, input, type) => {
    expect(await mutate(document, input)).toMatchObject({ __typename: type });
    expect(server.failures()).toEqual([]);
  });
});
