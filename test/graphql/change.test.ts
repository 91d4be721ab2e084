import { createClient } from 'graphql-ws';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { limits } from '../../src/limits.ts';
import { ask, fieldOf } from '../server/ask.ts';
import { eachDatabase } from '../support/databases.ts';
import { until } from '../support/until.ts';
import { insideRuns, upload } from './seed.ts';
import { seededServer } from './seeded-server.ts';
import { transports } from './subscribe.ts';

interface Event {
  readonly __typename: string;
  readonly cursor?: string;
  readonly change?: { readonly id: string };
  readonly message?: string;
}

const changes = `subscription ($filter: ChangeFilter, $after: String) { changes(filter: $filter, after: $after) {
  __typename ... on ChangeEvent { cursor change { id } } ... on Error { message } } }`;
const scans = `subscription ($after: String) { scans(after: $after) {
  __typename ... on ScanEvent { cursor kind scan { at } } ... on Error { message } } }`;

eachDatabase((place) => {
  const server = seededServer(place);
  let days = 4;
  /** Takes in one more scan of the inside, with one port opened or closed; how many entries it makes. */
  const scanOnce = async (): Promise<number> => {
    const last = insideRuns.at(-1);
    if (last === undefined) throw new Error('There are no runs');
    days += 1;
    const open = days % 2 === 0 ? { '80/tcp': 'http', '3389/tcp': 'ms-wbt-server' } : { '80/tcp': 'http' };
    const scanner = await server.application().scanners.findByName('inside-1');
    const { scan } = await upload(server.application(), scanner?.id ?? 0, {
      ...last,
      at: new Date(Date.UTC(2026, 2, days, 10)).toISOString(),
      hosts: [...last.hosts.slice(0, 2), { address: '10.0.0.9', open }],
    });
    return Object.values(scan.receipt.changes).reduce((sum, count) => sum + count, 0);
  };
  const logged = async (): Promise<{ id: string; cursor: string }[]> => {
    const answer = await ask(server.url(), '{ changes(last: 100) { nodes { id cursor } } }');
    return fieldOf<{ nodes: { id: string; cursor: string }[] }>(answer, 'changes').nodes.toReversed();
  };

  test.each(transports)('%s: entries come as they are added', async (_name, subscribe) => {
    const before = (await logged()).length;
    const live = subscribe<Event>(server.url(), changes);
    await until('the subscription runs', async () => {
      await scanOnce();
      return live.events.length > 0;
    });
    const after = await logged();
    await until('all are there', () => live.events.at(-1)?.cursor === after.at(-1)?.cursor);
    const ids = live.events.map(({ change }) => change?.id);
    expect(ids).toEqual(after.slice(-ids.length).map(({ id }) => id));
    expect(after.length).toBeGreaterThan(before);
    expect(live.errors).toEqual([]);
  });

  test.each(transports)(
    '%s: a reader that comes back misses nothing and sees nothing twice',
    async (_name, subscribe) => {
      const all = await logged();
      const seen: (string | undefined)[] = [];
      let after = all[0]?.cursor;
      for (let visit = 0; visit < 4; visit += 1) {
        const reader = subscribe<Event>(server.url(), changes, { after });
        const wanted = visit === 3 ? all.length - 1 - seen.length : 3;
        await until('some events are there', () => reader.events.length >= wanted);
        reader.stop();
        const taken = reader.events.slice(0, wanted);
        seen.push(...taken.map(({ change }) => change?.id));
        after = taken.at(-1)?.cursor;
      }
      expect(seen).toEqual(all.slice(1).map(({ id }) => id));
    },
  );

  test.each(transports)(
    '%s: what is added between reading and following is not lost',
    async (_name, subscribe) => {
      const answer = await ask(server.url(), '{ changes(first: 1) { pageInfo { startCursor } } }');
      const { startCursor } = fieldOf<{ pageInfo: { startCursor: string } }>(answer, 'changes').pageInfo;
      const added = (await scanOnce()) + (await scanOnce());
      const reader = subscribe<Event>(server.url(), changes, { after: startCursor });
      const more = await scanOnce();
      await until('all are there', () => reader.events.length >= added + more);
      const expected = (await logged()).slice(-added - more).map(({ id }) => id);
      expect(reader.events.map(({ change }) => change?.id)).toEqual(expected);
    },
  );

  test.each(transports)('%s: a filter holds for old and new entries', async (_name, subscribe) => {
    const first = (await logged())[0];
    const filter = { networks: ['10.0.0.9'], ports: '3389' };
    const reader = subscribe<Event>(server.url(), changes, { filter, after: first?.cursor });
    await scanOnce();
    await scanOnce();
    const document =
      '{ changes(first: 100, filter: { networks: ["10.0.0.9"], ports: "3389" }) { nodes { id } } }';
    const { nodes } = fieldOf<{ nodes: { id: string }[] }>(await ask(server.url(), document), 'changes');
    const expected = nodes.map(({ id }) => id).toReversed();
    await until('all are there', () => reader.events.length >= expected.length);
    expect(reader.events.map(({ change }) => change?.id)).toEqual(expected);
  });

  test('what is told as one finding is not delivered entry by entry, unless it is asked for', async () => {
    const [, subscribe] = transports[0];
    const application = server.application();
    const inside = await application.scannerGroups.findByName('inside');
    const settings = { name: 'tarpit', groupId: inside?.id ?? 0, bogusPorts: 2 };
    const { id } = await application.scanners.create(settings);
    const run = { targets: '10.9.0.0/30', ports: '1-100' };
    const take = (at: string, open: Readonly<Record<string, string>>) =>
      upload(application, id, { ...run, at, hosts: [{ address: '10.9.0.1', open }] });
    await take('2026-03-01T10:00:00Z', { '22/tcp': 'ssh' });
    const after = (await logged()).at(-1)?.cursor;
    const many = { '22/tcp': 'ssh', '80/tcp': 'http', '81/tcp': 'http', '82/tcp': 'http' };
    await take('2026-03-02T10:00:00Z', many);
    await take('2026-03-03T10:00:00Z', { '80/tcp': 'http', '81/tcp': 'http', '82/tcp': 'http' });
    const added = (await logged()).filter(({ cursor }) => Number(cursor) > Number(after));
    expect(added).toHaveLength(4);
    for (const [filter, count] of [
      [undefined, 1],
      [{ collapsed: true }, 3],
      [{ collapsed: null }, 4],
    ] as const) {
      const reader = subscribe<Event>(server.url(), changes, { filter, after });
      await until('all are there', () => reader.events.length >= count);
      expect(reader.events).toHaveLength(count);
      reader.stop();
    }
  });

  test.each(transports)('%s: scans are told as they are taken in, and resume', async (_name, subscribe) => {
    const live = subscribe<Event>(server.url(), scans);
    await until('the subscription runs', async () => {
      await scanOnce();
      return live.events.length > 0;
    });
    const after = live.events[0]?.cursor;
    await scanOnce();
    const count = live.events.length;
    await until('the last one is there', () => live.events.length > count || live.events.length > 1);
    const resumed = subscribe<Event>(server.url(), scans, { after });
    await until('the rest is there', () => resumed.events.length >= live.events.length - 1);
    expect(resumed.events.slice(0, live.events.length - 1)).toEqual(live.events.slice(1));
    expect(live.events[0]).toMatchObject({ __typename: 'ScanEvent', kind: 'SCAN_APPLIED' });
  });

  test.each(transports)(
    '%s: a cursor that is none is the last word of the subscription',
    async (_name, subscribe) => {
      const reader = subscribe<Event>(server.url(), changes, { after: 'nonsense' });
      await until('it is over', () => reader.isOver);
      expect(reader.events).toMatchObject([{ __typename: 'BadInput' }]);
      expect(server.failures()).toEqual([]);
    },
  );

  test.each(transports)(
    '%s: a filter that names nobody is an error of the subscription',
    async (_name, subscribe) => {
      const reader = subscribe<Event>(server.url(), changes, { filter: { scanners: [{ name: 'nobody' }] } });
      await until('it is refused', () => reader.errors.length > 0);
      expect(JSON.stringify(reader.errors)).toContain('There is no scanner');
      expect(server.failures()).toEqual([]);
    },
  );

  test('a socket may run twenty operations; the next one is refused, the others go on', async () => {
    const client = createClient({
      url: `${server.url().replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
    });
    onTestFinished(() => void client.dispose());
    const refused: unknown[] = [];
    let events = 0;
    for (let count = 0; count <= limits.webSocketOperationsMax; count += 1) {
      client.subscribe(
        { query: changes },
        { next: () => (events += 1), error: (error) => refused.push(error), complete: () => undefined },
      );
    }
    await until('one is refused', () => refused.length > 0);
    expect(JSON.stringify(refused)).toContain('TOO_MANY_OPERATIONS');
    await until('the others go on', async () => {
      await scanOnce();
      return events >= limits.webSocketOperationsMax;
    });
    expect(refused).toHaveLength(1);
  });
});
