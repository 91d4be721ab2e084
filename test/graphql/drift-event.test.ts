import { beforeAll, expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { until } from '../support/until.ts';
import { seededServer } from './seeded-server.ts';
import { transports } from './subscribe.ts';
import { asking } from './target-world.ts';

interface Event {
  readonly __typename: string;
  readonly cursor: string;
  readonly kind: string;
  readonly cause: string;
  readonly revision: number | null;
  readonly item: { readonly address: string; readonly port: number | null } | null;
  readonly counts: { readonly opened: number; readonly resolved: number } | null;
}

const fields = `__typename
  ... on DriftEvent { cursor kind cause revision counts { opened resolved } item { address port } }
  ... on Error { message }`;
const drift = `subscription ($filter: DriftEventFilter, $after: String) {
  drift(filter: $filter, after: $after) { ${fields} }
}`;
const imports = `subscription ($after: String) { targetImports(after: $after) { ${fields} } }`;

eachDatabase((place) => {
  const server = seededServer(place);
  const { query, source, declare } = asking(server);
  let turn = 0;
  /** Another import that opens or resolves items of 10.0.0.1. */
  const importOnce = () => {
    turn += 1;
    const expect = turn % 2 === 0 ? 'ALLOWED' : 'FORBIDDEN';
    return declare('cmdb', [
      { externalId: 'all', selector: '10.0.0.0/24', ports: '1-65535', expect: 'ALLOWED' },
      { externalId: 'ssh', selector: '10.0.0.1', ports: '22', view: 'inside', expect },
    ]);
  };
  const logged = async (filter: object = {}) => {
    const { driftEvents } = await query<{ driftEvents: { nodes: Event[] } }>(
      `query ($filter: DriftEventFilter) { driftEvents(first: 100, filter: $filter) { nodes { ${fields.replace(/\.\.\. on Error .*/, '')} } } }`,
      { filter },
    );
    return driftEvents.nodes.toReversed();
  };

  beforeAll(async () => {
    await source('cmdb');
    await importOnce();
  });

  test.each(transports)(
    '%s: events come as they happen, in the order of the log',
    async (_name, subscribe) => {
      const live = subscribe<Event>(server.url(), drift);
      await until('the subscription runs', async () => {
        await importOnce();
        return live.events.length > 0;
      });
      const after = await logged();
      await until('all are there', () => live.events.at(-1)?.cursor === after.at(-1)?.cursor);
      const cursors = live.events.map(({ cursor }) => cursor);
      expect(cursors).toEqual(after.slice(-cursors.length).map(({ cursor }) => cursor));
      expect(live.errors).toEqual([]);
    },
  );

  test.each(transports)('%s: a reader resumes without a gap or a repeat', async (_name, subscribe) => {
    const all = await logged();
    const reader = subscribe<Event>(server.url(), drift, { after: all[1]?.cursor });
    await importOnce();
    const now = await logged();
    await until('all are there', () => reader.events.length >= now.length - 2);
    expect(reader.events.map(({ cursor }) => cursor)).toEqual(now.slice(2).map(({ cursor }) => cursor));
  });

  test.each(transports)(
    '%s: a filter holds for events, and imports are told as one',
    async (_name, subscribe) => {
      const filter = { events: ['RESOLVED'], networks: ['10.0.0.1'], causes: ['TARGET_CHANGE'] };
      const resolved = subscribe<Event>(server.url(), drift, { filter, after: '0' });
      const batches = subscribe<Event>(server.url(), imports, { after: '0' });
      const expected = await logged(filter);
      const revisions = (await logged()).filter(({ kind }) => kind === 'IMPORTED');
      await until('both are there', () => {
        return resolved.events.length >= expected.length && batches.events.length >= revisions.length;
      });
      expect(resolved.events).toEqual(expected);
      expect(new Set(resolved.events.map(({ kind, item }) => `${kind} ${item?.address}`))).toEqual(
        new Set(['RESOLVED 10.0.0.1']),
      );
      expect(batches.events).toEqual(revisions);
      expect(batches.events[0]).toMatchObject({ kind: 'IMPORTED', item: null, revision: 1 });
    },
  );

  test.each(transports)('%s: a cursor that is none is the last word', async (_name, subscribe) => {
    const reader = subscribe<Event>(server.url(), drift, { after: 'nonsense' });
    await until('it is over', () => reader.isOver);
    expect(reader.events).toMatchObject([{ __typename: 'BadInput' }]);
    expect(server.failures()).toEqual([]);
  });

  test.each(transports)('%s: a filter that names nobody is refused', async (_name, subscribe) => {
    const reader = subscribe<Event>(server.url(), drift, { filter: { scannerGroups: [{ name: 'nobody' }] } });
    await until('it is refused', () => reader.errors.length > 0);
    expect(JSON.stringify(reader.errors)).toContain('There is no scanner group');
  });
});
