import { BadInput, CursorExpired, SlowConsumer } from '../core/errors.ts';
import { limits } from '../limits.ts';
import type { EntryPlace } from '../store/change-entries.ts';
import { comparePlaces, type LogItem } from '../store/log.ts';
import type { FollowSource, LiveReader, LiveSubscriber } from './live-reader.ts';

/**
 * One subscriber's items. An explicit iterator, because the `return()` of a generator waits behind the item that
 * never comes; this one's ends everything at once.
 */
export interface Subscription<Item> extends AsyncIterableIterator<Item, undefined> {
  next(): Promise<IteratorResult<Item, undefined>>;
  return(): Promise<IteratorResult<Item, undefined>>;
}

/** What a subscriber wants. */
export interface SubscriptionRequest<Filter> {
  readonly filter: Filter;
  readonly after: string | undefined;
  readonly signal: AbortSignal;
  readonly onEnd: () => void;
}

interface Waiting<Item> {
  resolve(result: IteratorResult<Item, undefined>): void;
  reject(error: unknown): void;
}

/** Everything that changes while a subscriber is served. */
interface Subscriber<Item> extends LiveSubscriber<Item> {
  /** `reading`: it reads the log itself, a page when it wants one. `live`: the reader of the process pushes. */
  state: 'starting' | 'reading' | 'live' | 'ended';
  position: EntryPlace;
  /** The last item that was handed out: where a subscriber that is let go resumes. */
  handedOut: EntryPlace;
  queue: LogItem<Item>[];
  waiting: Waiting<Item>[];
  error: unknown;
  isPumping: boolean;
  stall: NodeJS.Timeout | undefined;
  /** Called when it has not taken anything for too long. */
  stalled(): void;
  matches(item: Item, scannerGroupId: number): boolean;
}

/**
 * Starts a subscription: it reads the log from the cursor on, in pages that it asks for, and joins the live reader
 * when it is up to date. When its queue is full it goes back to reading by itself; if it does not take anything for
 * some seconds either, it is let go with a SlowConsumer.
 */
export function openSubscription<Item, Filter>(
  source: FollowSource<Item, Filter>,
  live: LiveReader<Item>,
  request: SubscriptionRequest<Filter>,
): Subscription<Item> {
  const subscriber = newSubscriber(source, live, request);
  const end = () => {
    finish(subscriber, live);
    request.signal.removeEventListener('abort', end);
    request.onEnd();
  };
  const fail = (error: unknown) => {
    if (subscriber.state === 'ended') return;
    const [first] = subscriber.waiting.splice(0, 1);
    end();
    if (first === undefined) subscriber.error = error;
    else first.reject(error);
  };
  const pump = () => {
    serve(subscriber, { source, live, request }).catch(fail);
  };
  subscriber.stalled = () => {
    // Who waits is not slow: the database is.
    if (subscriber.waiting.length > 0) subscriber.stall?.refresh();
    else fail(slowConsumer(source, subscriber.handedOut));
  };
  if (request.signal.aborted) end();
  else request.signal.addEventListener('abort', end);
  pump();
  return {
    next: () =>
      new Promise((resolve, reject) => {
        subscriber.waiting.push({ resolve, reject });
        settle(subscriber);
        pump();
      }),
    return: () => {
      subscriber.error = undefined;
      end();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function newSubscriber<Item, Filter>(
  source: FollowSource<Item, Filter>,
  live: LiveReader<Item>,
  { signal }: SubscriptionRequest<Filter>,
): Subscriber<Item> {
  const queueMax = source.queueEntriesMax ?? limits.followQueueEntriesMax;
  const subscriber: Subscriber<Item> = {
    state: signal.aborted ? 'ended' : 'starting',
    position: { sequence: 0, n: 0 },
    handedOut: { sequence: 0, n: 0 },
    queue: [],
    waiting: [],
    error: undefined,
    isPumping: false,
    stall: undefined,
    matches: () => true,
    stalled: () => undefined,
    push: (item) => {
      if (subscriber.state !== 'live' || comparePlaces(item.place, subscriber.position) <= 0) return;
      if (subscriber.matches(item.item, item.scannerGroupId)) {
        if (subscriber.queue.length >= queueMax) {
          fallBehind();
          return;
        }
        subscriber.queue.push(item);
        settle(subscriber);
      }
      subscriber.position = item.place;
    },
  };
  const fallBehind = () => {
    subscriber.state = 'reading';
    live.leave(subscriber);
    subscriber.stall = setTimeout(() => subscriber.stalled(), source.stallMs ?? limits.followStallMs);
    subscriber.stall.unref();
  };
  return subscriber;
}

/** Gives waiting callers what there is. */
function settle<Item>(subscriber: Subscriber<Item>): void {
  const { waiting, queue } = subscriber;
  for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
    const item = queue.shift();
    if (item !== undefined) {
      subscriber.handedOut = item.place;
      subscriber.stall?.refresh();
      waiting.shift();
      first.resolve({ done: false, value: item.item });
    } else if (subscriber.state === 'ended') {
      const { error } = subscriber;
      subscriber.error = undefined;
      waiting.shift();
      if (error === undefined) first.resolve({ done: true, value: undefined });
      else first.reject(error);
    } else return;
  }
}

function finish<Item>(subscriber: Subscriber<Item>, live: LiveReader<Item>): void {
  subscriber.state = 'ended';
  subscriber.queue.length = 0;
  clearTimeout(subscriber.stall);
  live.leave(subscriber);
  settle(subscriber);
}

interface Service<Item, Filter> {
  readonly source: FollowSource<Item, Filter>;
  readonly live: LiveReader<Item>;
  readonly request: SubscriptionRequest<Filter>;
}

/** Starts the subscriber, and reads for it as long as it waits and is not live. */
async function serve<Item, Filter>(
  subscriber: Subscriber<Item>,
  service: Service<Item, Filter>,
): Promise<void> {
  if (subscriber.isPumping) return;
  subscriber.isPumping = true;
  try {
    if (subscriber.state === 'starting') await start(subscriber, service);
    while (subscriber.state === 'reading' && subscriber.waiting.length > 0) {
      await readPage(subscriber, service);
      settle(subscriber);
    }
  } finally {
    subscriber.isPumping = false;
  }
}

async function start<Item, Filter>(
  subscriber: Subscriber<Item>,
  { source, live, request }: Service<Item, Filter>,
): Promise<void> {
  const { log } = source;
  subscriber.matches = log.matcher(request.filter);
  const position = await startOf(source, request.after);
  if (subscriber.state === 'ended') return;
  subscriber.position = position;
  subscriber.handedOut = position;
  subscriber.state = 'reading';
  if (request.after === undefined && live.join(subscriber)) subscriber.state = 'live';
}

/** Where the subscriber begins. Throws BadInput, CursorExpired. */
async function startOf<Item, Filter>(
  { session, log }: FollowSource<Item, Filter>,
  after: string | undefined,
): Promise<EntryPlace> {
  if (after === undefined) return log.head(session);
  const place = log.readCursor(after);
  const said = after.slice(0, limits.echoedCharactersMax);
  const badCursor = new BadInput(`"${said}" is not a cursor of this log: take one from its entries`, 'after');
  if (place === undefined) throw badCursor;
  if (place.sequence > (await log.head(session)).sequence) throw badCursor;
  const oldest = await log.oldest(session);
  if (comparePlaces(place, oldest) >= 0) return place;
  throw new CursorExpired(
    'The log no longer holds what follows this cursor: read the present state and follow from the oldest cursor',
    log.formatCursor(oldest),
  );
}

/** One page from the database, or over to the live reader. */
async function readPage<Item, Filter>(
  subscriber: Subscriber<Item>,
  { source, live, request }: Service<Item, Filter>,
): Promise<void> {
  const { session, log } = source;
  const limit = Math.min(source.queueEntriesMax ?? limits.followQueueEntriesMax, limits.followPageEntriesMax);
  const head = await log.head(session);
  if (comparePlaces(subscriber.position, head) < 0) {
    const stretch = { behind: subscriber.position, upTo: head, filter: request.filter, limit };
    const items = await log.read(session, stretch);
    if (subscriber.state !== 'reading') return;
    subscriber.queue.push(...items);
    subscriber.position = items.length < limit ? head : (items.at(-1)?.place ?? head);
  }
  if (subscriber.state !== 'reading' || subscriber.queue.length > 0) return;
  if (!live.join(subscriber)) return;
  clearTimeout(subscriber.stall);
  subscriber.stall = undefined;
  subscriber.state = 'live';
}

function slowConsumer<Item, Filter>({ log }: FollowSource<Item, Filter>, at: EntryPlace): SlowConsumer {
  return new SlowConsumer(
    'The subscriber did not take its events for too long: follow again from the cursor',
    log.formatCursor(at),
  );
}
