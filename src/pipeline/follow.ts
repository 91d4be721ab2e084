import { type FollowSource, openLiveReader } from './live-reader.ts';
import { openSubscription } from './subscription.ts';

/** Those who follow one log in this process. */
export interface Followers<Item, Filter> {
  /** Items behind the cursor, then live ones; without a cursor only live ones. Starts when it is iterated. */
  follow(filter: Filter, after: string | undefined, signal: AbortSignal): AsyncIterable<Item>;
  /** How many there are, and how many of them wait for live items. */
  count(): { readonly open: number; readonly live: number };
  /** Ends all of them. */
  close(): void;
}

/** One reader of one log for all subscribers of the process. */
export function openFollowers<Item, Filter>(source: FollowSource<Item, Filter>): Followers<Item, Filter> {
  const live = openLiveReader(source);
  const endings = new Set<() => void>();
  return {
    follow: (filter, after, signal) => ({
      [Symbol.asyncIterator]: () => {
        const end = () => void subscription.return();
        endings.add(end);
        const onEnd = () => endings.delete(end);
        const subscription = openSubscription(source, live, { filter, after, signal, onEnd });
        return subscription;
      },
    }),
    count: () => ({ open: endings.size, live: live.count() }),
    close: () => {
      for (const end of [...endings]) end();
    },
  };
}
