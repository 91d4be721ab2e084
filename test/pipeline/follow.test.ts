import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BadInput, CursorExpired, SlowConsumer } from '../../src/core/errors.ts';
import type { ChangeFilter, LoggedChange } from '../../src/core/model.ts';
import { type Followers, openFollowers } from '../../src/pipeline/follow.ts';
import { type LogWatch, watchLogs } from '../../src/pipeline/log-watch.ts';
import { openDatabase } from '../../src/store/database.ts';
import { changeLog } from '../../src/store/log.ts';
import type { Session } from '../../src/store/session.ts';
import { eachDatabase, onDatabase } from '../support/databases.ts';
import { until } from '../support/until.ts';
import { day, firstDay, openLaboratory, type ReportedHost, walk } from './laboratory.ts';

type ChangeFollowers = Followers<LoggedChange, ChangeFilter>;

eachDatabase(({ database }) => {
  let laboratory: ReturnType<typeof openLaboratory>;
  let scannerId: number;
  let days = 0;

  beforeAll(async () => {
    laboratory = openLaboratory(database());
    scannerId = (await laboratory.application.scanners.create({ name: 'a', groupId: 1, guardShare: 1 })).id;
  });
  afterAll(() => laboratory.close());

  /** Takes in the next scan: a host with so many other open ports than before. Gives the ids of its entries. */
  async function change(count = 1): Promise<string[]> {
    days += 1;
    const ports = Object.fromEntries(Array.from({ length: count }, (_, i) => [days * 10 + i, 'open']));
    const hosts: ReportedHost[] = [{ address: '10.0.0.1', ports }];
    const scan = await laboratory.take({ scannerId, ports: '1-60000', hosts, at: firstDay + days * day });
    const found = await walk(
      laboratory.application.changes,
      { scanIds: [scan.id] },
      { limit: 100, backward: false },
    );
    return found.map(({ node }) => node.id).reverse();
  }

  /** Followers of their own, with small limits. */
  function open(parts: { queueEntriesMax?: number; stallMs?: number; oldest?: number } = {}) {
    const watch = watchLogs(database());
    const { oldest, ...rest } = parts;
    const log =
      oldest === undefined ? changeLog : { ...changeLog, oldest: async () => ({ sequence: oldest, n: 0 }) };
    const followers: ChangeFollowers = openFollowers({ session: database(), watch, log, ...rest });
    return { followers, watch };
  }

  async function close({ followers, watch }: { followers: ChangeFollowers; watch: LogWatch }): Promise<void> {
    followers.close();
    await watch.close();
  }

  test('without a cursor only what is logged from now on arrives', async () => {
    await change();
    const { followers, watch } = open();
    const events = followers.follow({}, undefined, never())[Symbol.asyncIterator]();
    await until('the subscriber is live', () => followers.count().live === 1);
    const expected = await change(2);
    expect(await take(events, expected.length)).toEqual(expected);
    await close({ followers, watch });
  });

  test('with a cursor everything behind it arrives once and in order, and then what is new', async () => {
    const past = [...(await change(3)), ...(await change(2))];
    const { followers, watch } = open({ queueEntriesMax: 2 });
    const [first = ''] = past;
    const events = followers.follow({}, first, never())[Symbol.asyncIterator]();
    expect(await take(events, past.length - 1)).toEqual(past.slice(1));
    const pending = take(events, 2);
    await until('the subscriber is live', () => followers.count().live === 1);
    const fresh = await change();
    expect(await pending).toEqual(fresh.slice(0, 2));
    await close({ followers, watch });
  });

  test('the first cursor of the pages is where following goes on', async () => {
    const { items } = await laboratory.application.changes.page({}, { limit: 1, backward: false });
    const { followers, watch } = open();
    const events = followers.follow({}, items[0]?.cursor, never())[Symbol.asyncIterator]();
    const pending = take(events, 1);
    const expected = await change();
    expect(await pending).toEqual(expected.slice(0, 1));
    await close({ followers, watch });
  });

  test('only what the filter means arrives, of the past and of the present', async () => {
    const before = await change(3);
    const filter: ChangeFilter = { kinds: ['port_closed'], networks: ['10.0.0.0/30'], scannerGroupIds: [1] };
    const { followers, watch } = open();
    const events = followers.follow(filter, before[0], never())[Symbol.asyncIterator]();
    const pending = take(events, 4);
    const after = [...(await change(1)), ...(await change(1))];
    const wanted = await walk(laboratory.application.changes, filter, { limit: 100, backward: false });
    const ids = wanted.map(({ node }) => node.id).filter((id) => [...before.slice(1), ...after].includes(id));
    expect(await pending).toEqual(ids.reverse().slice(0, 4));
    await close({ followers, watch });
  });

  test.each(['', 'x', '1', '1.2.3', '999999999.0'])('the cursor "%s" is bad input', async (after) => {
    const { followers, watch } = open();
    const events = followers.follow({}, after, never())[Symbol.asyncIterator]();
    await expect(events.next()).rejects.toThrow(BadInput);
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(followers.count()).toEqual({ open: 0, live: 0 });
    await close({ followers, watch });
  });

  test('a filter that cannot be read is bad input', async () => {
    const { followers, watch } = open();
    const events = followers.follow({ networks: ['x'] }, undefined, never())[Symbol.asyncIterator]();
    await expect(events.next()).rejects.toThrow(BadInput);
    await close({ followers, watch });
  });

  test('a cursor that is older than the log says which is the oldest', async () => {
    const ids = await change();
    const { followers, watch } = open({ oldest: Number(ids[0]?.split('.')[0]) });
    const events = followers.follow({}, '1.0', never())[Symbol.asyncIterator]();
    const refused = await events.next().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(CursorExpired);
    const { oldest } = refused as CursorExpired;
    const resumed = followers.follow({}, oldest, never())[Symbol.asyncIterator]();
    expect(await take(resumed, ids.length - 1)).toEqual(ids.slice(1));
    await close({ followers, watch });
  });

  describe('a subscriber that does not take its events', () => {
    test('is let go when its queue stays full, and resumes from the cursor without gap or repeat', async () => {
      const { followers, watch } = open({ queueEntriesMax: 3, stallMs: 2_000 });
      const events = followers.follow({}, undefined, never())[Symbol.asyncIterator]();
      const other = followers.follow({}, undefined, never())[Symbol.asyncIterator]();
      await until('both are live', () => followers.count().live === 2);
      const reading = take(other, 1);
      const expected = await change(5);
      const [first] = await take(events, 1);
      expect([first]).toEqual(await reading);
      await until('both are let go', () => followers.count().open === 0);
      const refused = await events.next().catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(SlowConsumer);
      const { cursor } = refused as SlowConsumer;
      expect(cursor).toBe(first);
      const resumed = followers.follow({}, cursor, never())[Symbol.asyncIterator]();
      expect(await take(resumed, expected.length - 1)).toEqual(expected.slice(1));
      await close({ followers, watch });
    });

    test('but goes on taking gets everything, however small its queue', async () => {
      const { followers, watch } = open({ queueEntriesMax: 2, stallMs: 10_000 });
      const events = followers.follow({}, undefined, never())[Symbol.asyncIterator]();
      await until('it is live', () => followers.count().live === 1);
      const expected = [...(await change(9)), ...(await change(9)), ...(await change(1))];
      expect(await take(events, expected.length)).toEqual(expected);
      const pending = take(events, 1);
      await until('it is live again', () => followers.count().live === 1);
      const fresh = await change();
      expect(await pending).toEqual(fresh.slice(0, 1));
      await close({ followers, watch });
    });
  });

  describe('the end', () => {
    test('return() ends a waiting subscriber at once, and nothing is left of it', async () => {
      const { followers, watch } = open();
      const events = followers.follow({}, undefined, never())[Symbol.asyncIterator]();
      const waiting = events.next();
      await until('it is live', () => followers.count().live === 1);
      expect(await events.return?.()).toEqual({ done: true, value: undefined });
      expect(await waiting).toEqual({ done: true, value: undefined });
      expect(await events.next()).toEqual({ done: true, value: undefined });
      expect(followers.count()).toEqual({ open: 0, live: 0 });
      await close({ followers, watch });
    });

    test('return() before anything was read ends it as well', async () => {
      const { followers, watch } = open();
      const events = followers.follow({}, '0.0', never())[Symbol.asyncIterator]();
      const waiting = events.next();
      await events.return?.();
      expect(await waiting).toEqual({ done: true, value: undefined });
      expect(followers.count()).toEqual({ open: 0, live: 0 });
      await close({ followers, watch });
    });

    test('an aborted signal ends it, before it begins and while it waits', async () => {
      const { followers, watch } = open();
      const ended = followers.follow({}, undefined, AbortSignal.abort())[Symbol.asyncIterator]();
      expect(await ended.next()).toEqual({ done: true, value: undefined });
      const controller = new AbortController();
      const events = followers.follow({}, undefined, controller.signal)[Symbol.asyncIterator]();
      const waiting = events.next();
      await until('it is live', () => followers.count().live === 1);
      controller.abort();
      expect(await waiting).toEqual({ done: true, value: undefined });
      expect(followers.count()).toEqual({ open: 0, live: 0 });
      await close({ followers, watch });
    });

    test('closing the application ends all of its subscribers', async () => {
      const other = openLaboratory(database());
      const changes = other.application.changes.follow({}, undefined, never())[Symbol.asyncIterator]().next();
      const scans = other.application.scans.follow({}, undefined, never())[Symbol.asyncIterator]().next();
      await other.close();
      expect([(await changes).done, (await scans).done]).toEqual([true, true]);
    });
  });

  test('a reader that fails tries again and loses nothing', async () => {
    let failures = 0;
    const watch = watchLogs(database());
    const problems: unknown[] = [];
    const session: Session = database();
    const log = {
      ...changeLog,
      read: (...args: Parameters<typeof changeLog.read>) => {
        failures += 1;
        return failures === 2 ? Promise.reject(new Error('the line is dead')) : changeLog.read(...args);
      },
    };
    const onProblem = (error: unknown) => problems.push(error);
    const followers: ChangeFollowers = openFollowers({ session, watch, log, onProblem });
    const events = followers.follow({}, undefined, never())[Symbol.asyncIterator]();
    await until('the first read is over', () => failures > 0);
    const expected = await change(2);
    expect(await take(events, expected.length)).toEqual(expected);
    expect(problems).toHaveLength(1);
    await close({ followers, watch });
  });

  test('what happened to scans is followed the same way', async () => {
    const { follow } = laboratory.application.scans;
    const events = follow({ scannerIds: [scannerId] }, '0', never())[Symbol.asyncIterator]();
    const first = await events.next();
    if (first.done) throw new Error('nothing happened');
    expect(first.value).toMatchObject({ kind: 'scan_applied', scan: { scannerId, status: 'applied' } });
    const after = String(first.value.sequence);
    const resumed = follow({ scannerIds: [scannerId] }, after, never())[Symbol.asyncIterator]();
    expect(await resumed.next()).toEqual(await events.next());
    const none = follow({ scannerIds: [scannerId + 1] }, undefined, never())[Symbol.asyncIterator]();
    const waiting = none.next();
    await none.return?.();
    expect((await waiting).done).toBe(true);
    await Promise.all([events.return?.(), resumed.return?.()]);
  });
});

onDatabase('postgres', ({ database, url }) => {
  test('8 writers in two processes lose no entry of a follower in either, nor do they change the order', async () => {
    const second = await openDatabase({ url: url() });
    const laboratories = [openLaboratory(database()), openLaboratory(second)];
    const [here, there] = laboratories;
    if (here === undefined || there === undefined) throw new Error('there are two');
    const seen: string[][] = [[], [], []];
    const controller = new AbortController();
    const followers = [here, there, there].map(async ({ application }, i) => {
      const after = i === 2 ? '0.0' : undefined;
      for await (const { id } of application.changes.follow({}, after, controller.signal)) seen[i]?.push(id);
    });
    const writers = Array.from({ length: 8 }, async (_, i) => {
      const { application, take: taking } = laboratories[i % 2] ?? here;
      const { id } = await application.scanners.create({ name: `w${i}`, groupId: 1, guardShare: 1 });
      for (let scan = 0; scan < 15; scan += 1) {
        const ports = Object.fromEntries(
          Array.from({ length: 3 }, (_p, p) => [((scan * 7 + p * 13 + i) % 50) + 1, 'open']),
        );
        const hosts = Array.from({ length: 3 }, (_h, h) => ({ address: `10.0.0.${h + 1}`, ports }));
        await taking({ scannerId: id, hosts, at: firstDay + scan * day });
      }
    });
    await Promise.all(writers);
    const all = (await walk(here.application.changes, {}, { limit: 100, backward: false })).map(
      ({ node }) => node.id,
    );
    all.reverse();
    expect(all.length).toBeGreaterThan(500);
    await until('all have everything', () => seen.every(({ length }) => length >= all.length));
    controller.abort();
    await Promise.all(followers);
    for (const ids of seen) expect(ids).toEqual(all);
    for (const { close } of laboratories) await close();
    await second.close();
  });
});

/** A signal that is never aborted. */
function never(): AbortSignal {
  return new AbortController().signal;
}

async function take(events: AsyncIterator<LoggedChange>, count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const { done, value } = await events.next();
    if (done) break;
    ids.push(value.id);
  }
  return ids;
}
