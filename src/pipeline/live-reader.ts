import { limits } from '../limits.ts';
import type { EntryPlace } from '../store/change-entries.ts';
import { comparePlaces, type Log, type LogItem } from '../store/log.ts';
import type { Session } from '../store/session.ts';
import type { LogWatch } from './log-watch.ts';

/** What of a log is followed, and how. */
export interface FollowSource<Item, Filter> {
  readonly session: Session;
  readonly log: Log<Item, Filter>;
  readonly watch: LogWatch;
  /** Told of errors of the reader, which tries again. */
  readonly onProblem?: ((error: unknown) => void) | undefined;
  /** Other limits than the program's, for tests. */
  readonly queueEntriesMax?: number;
  readonly stallMs?: number;
}

/** The live side of a log: one reader, which hands every new item to all who joined. */
export interface LiveReader<Item> {
  /** From here on new items are pushed, unless they were read before: then false, and the subscriber reads on itself. */
  join(subscriber: LiveSubscriber<Item>): boolean;
  leave(subscriber: LiveSubscriber<Item>): void;
  /** How many have joined. */
  count(): number;
}

/** Whom the reader hands items to. */
export interface LiveSubscriber<Item> {
  /** All items up to here were considered. */
  readonly position: EntryPlace;
  push(item: LogItem<Item>): void;
}

/** Where the reader stands. Without subscribers it stands still. */
interface Progress<Item> {
  readonly subscribers: Set<LiveSubscriber<Item>>;
  position: EntryPlace;
  isReading: boolean;
  /** The log grew while a page was read. */
  hasGrown: boolean;
}

/** The one reader of a log in this process. */
export function openLiveReader<Item, Filter>(source: FollowSource<Item, Filter>): LiveReader<Item> {
  const progress: Progress<Item> = {
    subscribers: new Set(),
    position: { sequence: 0, n: 0 },
    isReading: false,
    hasGrown: false,
  };
  const { subscribers } = progress;
  let unwatch: (() => void) | undefined;
  const onGrowth = () => {
    progress.hasGrown = true;
    if (progress.isReading) return;
    readOn(source, progress).catch((error: unknown) => {
      source.onProblem?.(error);
      setTimeout(() => subscribers.size > 0 && onGrowth(), limits.followRetryMs).unref();
    });
  };
  return {
    join: (subscriber) => {
      if (subscribers.size === 0 && !progress.isReading) progress.position = subscriber.position;
      if (comparePlaces(subscriber.position, progress.position) < 0) return false;
      subscribers.add(subscriber);
      unwatch ??= source.watch.watch(onGrowth);
      onGrowth(); // What was logged since the subscriber looked may have been told before it joined.
      return true;
    },
    leave: (subscriber) => {
      subscribers.delete(subscriber);
      if (subscribers.size > 0) return;
      unwatch?.();
      unwatch = undefined;
    },
    count: () => subscribers.size,
  };
}

/** Reads pages until nothing is new, and hands them out. */
async function readOn<Item, Filter>(
  { session, log }: FollowSource<Item, Filter>,
  progress: Progress<Item>,
): Promise<void> {
  const limit = limits.followPageEntriesMax;
  progress.isReading = true;
  try {
    while (progress.hasGrown && progress.subscribers.size > 0) {
      progress.hasGrown = false;
      const items = await log.read(session, { behind: progress.position, limit });
      for (const item of items) for (const subscriber of progress.subscribers) subscriber.push(item);
      progress.position = items.at(-1)?.place ?? progress.position;
      if (items.length === limit) progress.hasGrown = true;
    }
  } finally {
    progress.isReading = false;
  }
}
