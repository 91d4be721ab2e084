import { type FSWatcher, readdirSync, watch } from 'node:fs';
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
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let isClosed = false;
  const schedule = (ms: number) => {
    if (isClosed) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      looking = look();
    }, ms);
  };
  const look = async () => {
    try {
      follow(directory, watchers, () => schedule(limits.inboxSettleMs));
      const waiting = await inbox.look();
      schedule(waiting > 0 ? limits.inboxSettleMs : limits.inboxPollMs);
    } catch (error) {
      onProblem(error);
      schedule(limits.inboxPollMs);
    }
  };
  looking = look();
  return {
    async close() {
      isClosed = true;
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
      await looking;
    },
  };
}

/** Watches the inbox and each of its folders; new ones join at the next look. */
function follow(directory: string, watchers: Map<string, FSWatcher>, onChange: () => void): void {
  const folders = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const path of [directory, ...folders.map(({ name }) => join(directory, name))]) {
    if (watchers.has(path)) continue;
    const watcher = watch(path, { persistent: false }, onChange);
    watcher.on('error', () => {
      watcher.close();
      watchers.delete(path);
    });
    watchers.set(path, watcher);
  }
}
