import type { IntakeStore } from './intake-messages.ts';

/** A store that takes rows while the reader reads on. */
export interface WriteBehind {
  readonly store: IntakeStore;
  /** Waits until all rows are written. Throws what the store threw. */
  written(): Promise<void>;
  /** Waits until nothing is under way, whatever became of it. */
  idle(): Promise<void>;
}

/**
 * At most one batch of rows is under way, so that memory stays bounded; every other question to the store waits
 * for it. A batch that fails fails the next call.
 */
export function writeBehind(store: IntakeStore): WriteBehind {
  let writing: Promise<void> = Promise.resolve();
  const idle = () => writing.catch(() => undefined);
  return {
    store: {
      begin: async (beginning) => {
        await writing;
        return store.begin(beginning);
      },
      states: async (addresses) => {
        await writing;
        return store.states(addresses);
      },
      known: async (profileId, addresses) => {
        await writing;
        return store.known(profileId, addresses);
      },
      histories: async (addresses) => {
        await writing;
        return store.histories(addresses);
      },
      write: async (rows) => {
        await writing;
        writing = store.write(rows);
        void idle(); // It is never unhandled.
      },
    },
    written: () => writing,
    idle,
  };
}
