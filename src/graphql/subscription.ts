import { BadInput, CursorExpired, SlowConsumer } from '../core/errors.ts';

/** How a subscription ends when the caller can do something about it. */
export const endings = [BadInput, CursorExpired, SlowConsumer];

/** The last event of such a subscription. */
export type Ending = BadInput | CursorExpired | SlowConsumer;

/** Something of ours broke: thrown again where the event is resolved, so that it is masked like any other error. */
export class Broken {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/**
 * The events of a source, then how it ended. An explicit iterator: `return()` must take effect at once, but that of
 * an async generator waits behind the event that never comes. It never throws, because that would end the socket.
 */
export function follow<T>(
  open: (signal: AbortSignal) => AsyncIterable<T>,
  stopping: AbortSignal,
): AsyncIterableIterator<T | Ending | Broken> {
  const controller = new AbortController();
  const source = open(controller.signal)[Symbol.asyncIterator]();
  let release: (() => void) | undefined;
  let ended = false;
  const end = () => {
    ended = true;
    stopping.removeEventListener('abort', end);
    controller.abort();
    source.return?.().then(undefined, () => undefined);
    release?.();
    return Promise.resolve({ done: true as const, value: undefined });
  };

  if (stopping.aborted) void end();
  else stopping.addEventListener('abort', end);

  return {
    next: () => {
      if (ended) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve) => {
        release = () => resolve({ done: true, value: undefined });
        source.next().then(
          (step) => {
            if (step.done) void end();
            resolve(step);
          },
          (error: unknown) => {
            if (!ended) resolve({ done: false, value: isEnding(error) ? error : new Broken(error) });
            void end();
          },
        );
      });
    },
    return: end,
    throw: end,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** The event itself, and endings as data: the executor would throw an instance of Error. Throws what broke. */
export function unbroken<T>(event: T | Ending | Broken): T | Ending {
  if (event instanceof Broken) throw event.error;
  if (!isEnding(event)) return event;
  return { ...event, name: event.name, message: event.message } as Ending;
}

/** The type of an event that `unbroken` made. */
export function typeOfEvent<Type>(event: object, type: Type): Type | string {
  return 'message' in event && 'name' in event ? String(event.name) : type;
}

function isEnding(error: unknown): error is Ending {
  return endings.some((type) => error instanceof type);
}
