import { beforeAll, expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { seededServer } from './seeded-server.ts';
import { asking } from './target-world.ts';

interface WaiverAnswer {
  readonly __typename: string;
  readonly message?: string;
  readonly waiver?: { readonly id: string; readonly [field: string]: unknown };
}

const fields = `__typename ... on Error { message }`;
const waiver = `waiver { id network ports kind view { name } reason owner ticket expiresAt revokedAt }`;
const waiveDrift = `mutation ($input: WaiveDriftInput!) {
  waiveDrift(input: $input) { ${fields} ... on WaiveDriftPayload { ${waiver} } } }`;
const extendWaiver = `mutation ($input: ExtendWaiverInput!) {
  extendWaiver(input: $input) { ${fields} ... on ExtendWaiverPayload { ${waiver} } } }`;
const revokeWaiver = `mutation ($input: RevokeWaiverInput!) {
  revokeWaiver(input: $input) { ${fields} ... on RevokeWaiverPayload { ${waiver} } } }`;

const later = '2099-01-01T00:00:00.000Z';
const accepted = { reason: 'migration', owner: 'webops', expiresAt: later };

eachDatabase((place) => {
  const server = seededServer(place);
  const { query, mutate, source, declare } = asking(server);
  const waived = async (waived: boolean) => {
    const { driftItems } = await query<{ driftItems: { nodes: { address: string; port: number }[] } }>(
      'query ($waived: Boolean) { driftItems(filter: { waived: $waived, kinds: [PORT_FORBIDDEN] }) { nodes { address port } } }',
      { waived },
    );
    return driftItems.nodes.map(({ address, port }) => `${address}:${port}`);
  };

  beforeAll(async () => {
    await source('cmdb');
    await declare('cmdb', [
      { externalId: 'ssh', selector: '10.0.0.0/24', ports: '22', expect: 'FORBIDDEN', view: 'inside' },
    ]);
  });

  test('one item is waived until a date; it stays open, is counted apart, and comes back', async () => {
    const { driftItems } = await query<{ driftItems: { nodes: { id: string }[] } }>(
      '{ driftItems(filter: { networks: ["10.0.0.1"], ports: "22" }) { nodes { id } } }',
    );
    const made = await mutate<WaiverAnswer>(waiveDrift, { item: driftItems.nodes[0]?.id, ...accepted });
    expect(made.waiver).toMatchObject({
      network: '10.0.0.1',
      ports: '22/tcp',
      view: { name: 'inside' },
      reason: 'migration',
      owner: 'webops',
      expiresAt: later,
      revokedAt: null,
    });
    expect(await waived(true)).toEqual(['10.0.0.1:22']);
    expect(await waived(false)).toEqual(['10.0.0.2:22']);
    const rows = await query<{ driftSummary: { key: string; open: number; waived: number }[] }>(
      '{ driftSummary(groupBy: VIEW, filter: { kinds: [PORT_FORBIDDEN] }) { key open waived } }',
    );
    expect(rows.driftSummary).toEqual([{ key: 'inside', open: 2, waived: 1 }]);

    const id = made.waiver?.id;
    const longer = await mutate<WaiverAnswer>(extendWaiver, { id, expiresAt: '2100-01-01T00:00:00Z' });
    expect(longer.waiver).toMatchObject({ id, expiresAt: '2100-01-01T00:00:00.000Z' });
    const revoked = await mutate<WaiverAnswer>(revokeWaiver, { id });
    expect(revoked.waiver?.['revokedAt']).not.toBeNull();
    expect(await waived(true)).toEqual([]);
  });

  test('a network is waived, and every waiver is listed, also those that ended', async () => {
    const made = await mutate<WaiverAnswer>(waiveDrift, {
      network: '10.0.0.0/24',
      ports: '22',
      kind: 'PORT_FORBIDDEN',
      scannerGroup: { name: 'inside' },
      ticket: 'RISK-1',
      ...accepted,
    });
    expect(made.waiver).toMatchObject({ network: '10.0.0.0/24', kind: 'PORT_FORBIDDEN', ticket: 'RISK-1' });
    expect(await waived(true)).toEqual(['10.0.0.1:22', '10.0.0.2:22']);
    const { waivers } = await query<{
      waivers: { totalCount: number; nodes: { revokedAt: string | null }[] };
    }>('{ waivers { totalCount nodes { revokedAt } } }');
    expect(waivers.totalCount).toBe(2);
    expect(waivers.nodes.map(({ revokedAt }) => revokedAt === null)).toEqual([false, true]);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['nothing', {}, 'BadInput'],
    ['an item and a network', { item: 'RHJpZnRJdGVtOjE', network: '10.0.0.1' }, 'BadInput'],
    ['an item that is not there', { item: Buffer.from('DriftItem:999').toString('base64url') }, 'NotFound'],
    ['an id of something else', { item: Buffer.from('Waiver:1').toString('base64url') }, 'BadInput'],
    ['a view that is not there', { network: '10.0.0.1', scannerGroup: { name: 'moon' } }, 'NotFound'],
    ['no reason', { network: '10.0.0.1', reason: ' ' }, 'BadInput'],
    ['nobody who answers for it', { network: '10.0.0.1', owner: '' }, 'BadInput'],
    ['an end that is over', { network: '10.0.0.1', expiresAt: '2020-01-01T00:00:00Z' }, 'BadInput'],
  ])('%s is a named mistake', async (_name, input, type) => {
    const answer = await mutate<WaiverAnswer>(waiveDrift, { ...accepted, ...input });
    expect(answer).toMatchObject({ __typename: type, message: expect.stringMatching(/./) });
    expect(server.failures()).toEqual([]);
  });
});
