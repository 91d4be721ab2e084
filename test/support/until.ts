import { type EventEmitter, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

export interface Waiting {
  /** How long at most; 120 seconds unless told. */
  readonly withinMs?: number;
  /** Look again whenever this emits one of the events; without it, every 10 milliseconds. */
  readonly on?: { readonly emitter: EventEmitter; readonly events: readonly string[] };
}

/** Waits until the condition holds, and returns its value; `what` says in the error what was waited for. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  { withinMs = 120_000, on }: Waiting = {},
): Promise<NonNullable<T>> {
  const deadline = AbortSignal.timeout(withinMs);
  for (;;) {
    // Listen before looking: what happens while we look must not be missed.
    const woken = new AbortController();
    const signal = AbortSignal.any([deadline, woken.signal]);
    const next = on
      ? Promise.race(on.events.map((event) => once(on.emitter, event, { signal })))
      : pause(10, undefined, { signal });
    next.catch(() => undefined);

    try {
      const value = await condition();
      if (value) return value;
      await next;
    } catch (error) {
      if (!deadline.aborted) throw error;
      throw new Error(`Waited ${withinMs} ms in vain until ${what}`, { cause: error });
    } finally {
      woken.abort();
    }
  }
}

/** Waits for the next whole second: nmap writes down no smaller ones, and scans that end in one second have no order. */
export async function untilNextSecond(): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  await until('the next second', () => Date.now() / 1000 >= now + 1);
}
