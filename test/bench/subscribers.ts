/** Very many subscribers in a process of their own, so that they do not take the server's time for their own. */
import { setTimeout as pause } from 'node:timers/promises';
import { subscribe } from './subscriber.ts';

export interface SubscribersAnswer {
  /** When each of them got its event: milliseconds since 1970. */
  readonly arrivedAt: readonly number[];
}

type Message =
  | { readonly kind: 'subscribe'; readonly url: string; readonly count: number }
  | { readonly kind: 'collect'; readonly count: number; readonly withinMs: number };

let arrivedAt: number[] = [];

process.on('message', (message: Message) => void answer(message));

async function answer(message: Message): Promise<void> {
  if (message.kind === 'subscribe') {
    for (let first = 0; first < message.count; first += 100) {
      const some = Array.from({ length: Math.min(100, message.count - first) }, () =>
        subscribe(message.url, (at) => arrivedAt.push(performance.timeOrigin + at)),
      );
      await Promise.all(some);
    }
  } else {
    const deadline = Date.now() + message.withinMs;
    while (arrivedAt.length < message.count && Date.now() < deadline) await pause(5);
  }
  process.send?.({ arrivedAt } satisfies SubscribersAnswer);
  arrivedAt = [];
}
