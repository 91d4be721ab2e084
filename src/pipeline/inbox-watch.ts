import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { limits } from '../limits.ts';
import type { Inbox } from './inbox.ts';

/** An inbox that is looked at whenever something changes in it. */
export interface InboxWatch {
  /** Ends after the file that is being taken in. */
  close(): Promise<void>;
}

/** Looks at an inbox now, when its folders change, and from time to time: not every file system tells changes. */
export function watchInbox(
  inbox: Inbox,
  { directory, onProblem }: { directory: string; onProblem: (error: unknown) => void },
): InboxWatch {
  const watchers = new Map<string, FSWatcher>();
  const closing = new AbortController();
  const changes = newBell(closing.signal);
  const keepLooking = async () => {
    while (!closing.signal.aborted) {
      changes.reset();
      follow(directory, watchers, changes.ring);
      const ms = await inbox.look(closing.signal).then(
        ({ settling }) => (settling > 0 ? limits.inboxSettleMs : limits.inboxPollMs),
        (error: unknown) => {
          onProblem(error);
          return limits.inboxPollMs;
        },
      );
      await changes.wait(ms);
    }
  };
  const ended = keepLooking();
  return {
    async close() {
      closing.abort();
      for (const watcher of watchers.values()) watcher.close();
      await ended;
    },
  };
}

/** Wakes who waits, a settling time after the first ring, so that a file that grows does not ring all the time. */
function newBell(closing: AbortSignal) {
  let hasRung = false;
  let hurry: () => void = () => undefined;
  let wake: () => void = () => undefined;
  closing.addEventListener('abort', () => wake());
  return {
    ring: () => {
      if (!hasRung) hurry();
      hasRung = true;
    },
    reset: () => {
      hasRung = false;
    },
    async wait(ms: number): Promise<void> {
      if (closing.aborted) return;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        const soon = Math.min(ms, limits.inboxSettleMs);
        wake = resolve;
        hurry = () => {
          clearTimeout(timer);
          timer = setTimeout(resolve, soon);
        };
        timer = setTimeout(resolve, hasRung ? soon : ms);
      });
      clearTimeout(timer);
    },
  };
}

/** Watches the inbox and each of its folders as far as the system lets us; new ones join at the next look. */
function follow(directory: string, watchers: Map<string, FSWatcher>, onChange: () => void): void {
  const present = new Set(foldersIn(directory).map(keyOf));
  for (const [key, watcher] of watchers) {
    if (present.has(key)) continue;
    watcher.close();
    watchers.delete(key);
  }
  for (const key of present) {
    if (key === undefined || watchers.has(key)) continue;
    try {
      const watcher = watch(key.slice(key.indexOf(' ') + 1), { persistent: false }, onChange);
      watcher.on('error', () => watcher.close());
      watchers.set(key, watcher);
    } catch {
      // No permission, or too many watches: it is looked at from time to time all the same.
    }
  }
}

function foldersIn(directory: string): string[] {
  try {
    const folders = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [directory, ...folders.map(({ name }) => join(directory, name))];
  } catch {
    return []; // The look itself says why.
  }
}

/** Tells a folder from another one that took its place. */
function keyOf(path: string): string | undefined {
  try {
    return `${statSync(path).ino} ${path}`;
  } catch {
    return undefined;
  }
}
