import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { CursorExpired, NotFound, SlowConsumer } from '../../src/core/errors.ts';
import { Broken, follow, unbroken } from '../../src/graphql/subscription.ts';

const never = new AbortController().signal;

async function* events(...items: readonly (number | Error)[]): AsyncGenerator<number> {
  for (const item of items) {
    if (typeof item !== 'number') throw item;
    yield item;
  }
}

async function all<T>(iterator: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of iterator) found.push(item);
  return found;
}

/** A source that waits for ever, as a log does in which nothing happens. */
function silent(signal: AbortSignal): AsyncIterable<number> {
  return (async function* () {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    yield 0;
  })();
}

test('events come in their order, and then the end', async () => {
  expect(await all(follow(() => events(1, 2, 3), never))).toEqual([1, 2, 3]);
});

test.each([new CursorExpired('gone', '7'), new SlowConsumer('slow', '8')])(
  'what the subscriber can do something about is the last event: %s',
  async (ending) => {
    expect(await all(follow(() => events(1, ending), never))).toEqual([1, ending]);
  },
);

test.each([new Error('bug'), new NotFound('surprise')])(
  'any other error is an event that breaks where it is resolved: %s',
  async (error) => {
    const [first, last] = await all(follow(() => events(1, error), never));
    expect(first).toBe(1);
    expect(last).toBeInstanceOf(Broken);
    expect(() => unbroken(last)).toThrow(error.message);
  },
);

test('a subscriber that leaves ends at once, although the source is waiting', async () => {
  let told: AbortSignal | undefined;
  const iterator = follow((signal) => {
    told = signal;
    return silent(signal);
  }, never);
  const waiting = iterator.next();
  await iterator.return?.();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(told?.aborted).toBe(true);
});

test('a server that stops ends all subscriptions', async () => {
  const stopping = new AbortController();
  const iterators = [follow(silent, stopping.signal), follow(silent, stopping.signal)];
  const waiting = iterators.map((iterator) => iterator.next());
  stopping.abort();
  expect((await Promise.all(waiting)).map(({ done }) => done)).toEqual([true, true]);
});

test('a subscription that ended leaves nothing behind', async () => {
  const stopping = new AbortController();
  for (let round = 0; round < 100; round += 1) {
    const iterator = follow(silent, stopping.signal);
    void iterator.next();
    await iterator.return?.();
    await all(follow(() => events(1, new Error('bug')), stopping.signal));
    await all(follow(() => events(1), stopping.signal));
  }
  expect(getEventListeners(stopping.signal, 'abort')).toEqual([]);
});
