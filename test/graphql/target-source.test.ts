import { expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { seededServer } from './seeded-server.ts';
import { asking } from './target-world.ts';

const fields =
  'targetSource { id name description priority networks deleteShare revision addressSpace { name } }';
const create = `mutation ($input: CreateTargetSourceInput!) { createTargetSource(input: $input) {
  __typename ... on Error { message } ... on CreateTargetSourcePayload { ${fields} } } }`;
const update = `mutation ($input: UpdateTargetSourceInput!) { updateTargetSource(input: $input) {
  __typename ... on Error { message } ... on UpdateTargetSourcePayload { ${fields} } } }`;
const remove = `mutation ($input: DeleteTargetSourceInput!) { deleteTargetSource(input: $input) { __typename } }`;

eachDatabase((place) => {
  const server = seededServer(place);
  const { query, mutate, source, declare } = asking(server);

  test('a target source is created, changed, listed and removed', async () => {
    const made = await mutate<{ targetSource: { id: string } }>(create, {
      name: 'cmdb',
      addressSpace: { name: 'lab' },
      description: 'The CMDB',
      priority: 5,
      networks: ['10.0.0.0/8'],
    });
    expect(made.targetSource).toMatchObject({
      name: 'cmdb',
      description: 'The CMDB',
      priority: 5,
      networks: ['10.0.0.0/8'],
      revision: 0,
      addressSpace: { name: 'lab' },
    });
    const { id } = made.targetSource;
    const changed = await mutate<{ targetSource: object }>(update, {
      id,
      name: 'cmdb-2',
      networks: null,
      deleteShare: 0.5,
    });
    expect(changed.targetSource).toMatchObject({
      name: 'cmdb-2',
      networks: null,
      deleteShare: 0.5,
      priority: 5,
    });
    expect(await query('{ targetSources { totalCount nodes { name importedAt } } }')).toEqual({
      targetSources: { totalCount: 1, nodes: [{ name: 'cmdb-2', importedAt: null }] },
    });
    expect(await mutate(remove, { id })).toEqual({ __typename: 'DeleteTargetSourcePayload' });
    expect(await mutate(remove, { id })).toEqual({ __typename: 'NotFound' });
    expect(await query('{ targetSource(by: { name: "cmdb-2" }) { id } }')).toEqual({ targetSource: null });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a name that is taken', { name: 'taken' }, 'NameTaken'],
    ['an empty name', { name: '' }, 'BadInput'],
    ['a space that is not there', { name: 'x', addressSpace: { name: 'moon' } }, 'NotFound'],
    ['a share that is none', { name: 'x', deleteShare: 2 }, 'BadInput'],
  ])('%s is a named mistake', async (_name, input, type) => {
    await mutate(create, { name: 'taken' });
    expect(await mutate(create, input)).toMatchObject({ __typename: type });
    expect(server.failures()).toEqual([]);
  });

  test('a source that declares something stays, and speaks only of its networks', async () => {
    const id = await source('narrow', { networks: ['10.0.0.0/28'] });
    const answer = await declare('narrow', [
      { externalId: 'in', selector: '10.0.0.1', ports: '22', expect: 'ALLOWED' },
      { externalId: 'out', selector: '10.1.0.1', ports: '22', expect: 'ALLOWED' },
      { externalId: 'all', selector: '*', ports: '22', expect: 'FORBIDDEN' },
    ]);
    expect(answer.plan).toMatchObject({ counts: { created: 1, rejected: 2 } });
    expect(await mutate(remove, { id })).toEqual({ __typename: 'InUse' });
  });
});
