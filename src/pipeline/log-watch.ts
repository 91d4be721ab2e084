import { limits } from '../limits.ts';
import type { Database } from '../store/session.ts';

/** Calls when the logs may have grown. */
export interface LogWatch {
  /** Calls back from now on, until the answer is called. */
  watch(onGrowth: () => void): () => void;
  close(): Promise<void>;
}

/**
 * One watch for all readers of the process: it listens for the wake-up that every writer sends with its commit, and
 * looks from time to time although none came, because one may be lost with its connection.
 */
export function watchLogs(database: Pick<Database, 'listen'>): LogWatch {
  const callbacks = new Set<() => void>();
  let listening: Promise<(() => Promise<void>) | undefined> | undefined;
  let poll: NodeJS.Timeout | undefined;
  const wake = () => {
    for (const callback of callbacks) callback();
  };
  const listen = () => {
    listening ??= database.listen(wake).catch(() => {
      listening = undefined; // The next look tries again.
      return undefined;
    });
  };
  const look = () => {
    listen();
    wake();
  };
  return {
    watch: (onGrowth) => {
      callbacks.add(onGrowth);
      listen();
      poll ??= setInterval(look, limits.followPollMs).unref();
      return () => {
        callbacks.delete(onGrowth);
        if (callbacks.size > 0) return;
        clearInterval(poll);
        poll = undefined;
      };
    },
    close: async () => {
      callbacks.clear();
      clearInterval(poll);
      await (await listening)?.();
    },
  };
}
