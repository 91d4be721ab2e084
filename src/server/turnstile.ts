import { limits } from '../limits.ts';
import { HttpError } from './answer.ts';

/** Lets a bounded number of uploads in at a time, of one client and of all. */
export interface Turnstile {
  /** Runs the work, or throws 429 or 503. */
  enter<T>(client: string, work: () => Promise<T>): Promise<T>;
  /** From now on nobody enters. */
  shut(): void;
  /** Settles when the last one is out. */
  empty(): Promise<void>;
}

export function createTurnstile(): Turnstile {
  const inside = new Map<string, number>();
  const waiting: (() => void)[] = [];
  let total = 0;
  let shut = false;

  const leave = (client: string) => {
    total -= 1;
    const left = (inside.get(client) ?? 1) - 1;
    if (left === 0) inside.delete(client);
    else inside.set(client, left);
    if (total === 0) for (const wake of waiting.splice(0)) wake();
  };

  return {
    enter: async (client, work) => {
      if (shut) throw new HttpError(503, 'The server is stopping', { 'Retry-After': '10' });
      const own = inside.get(client) ?? 0;
      if (own >= limits.uploadsOfClientMax || total >= limits.uploadsMax) {
        const limit = own >= limits.uploadsOfClientMax ? 'your' : 'all';
        throw new HttpError(429, `Too many of ${limit} uploads are running; try again`, {
          'Retry-After': '5',
        });
      }
      total += 1;
      inside.set(client, own + 1);
      try {
        return await work();
      } finally {
        leave(client);
      }
    },
    shut: () => {
      shut = true;
    },
    empty: () => (total === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
