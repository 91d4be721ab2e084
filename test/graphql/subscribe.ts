import { createClient } from 'graphql-ws';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';

/** A subscription over one of the transports: its events as they come. */
export interface Subscribed<Event> {
  readonly events: Event[];
  readonly errors: unknown[];
  isOver: boolean;
  stop(): void;
}

/** Subscribes until the test is over. */
export function overWebSocket<Event>(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
): Subscribed<Event> {
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
  onTestFinished(() => void client.dispose());
  const subscribed: Subscribed<Event> = { events: [], errors: [], isOver: false, stop: () => undefined };
  subscribed.stop = client.subscribe<Record<string, Event>>(
    { query, variables },
    {
      next: ({ data, errors }) => {
        subscribed.events.push(...Object.values(data ?? {}).filter(Boolean));
        subscribed.errors.push(...(errors ?? []));
      },
      error: (error) => subscribed.errors.push(error),
      complete: () => {
        subscribed.isOver = true;
      },
    },
  );
  return subscribed;
}

/** The same over HTTP. */
export function overServerSentEvents<Event>(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
): Subscribed<Event> {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const subscribed: Subscribed<Event> = {
    events: [],
    errors: [],
    isOver: false,
    stop: () => controller.abort(),
  };
  const read = async () => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query, variables }),
      signal: controller.signal,
    });
    let rest = '';
    for await (const chunk of response.body ?? []) {
      const messages = (rest + Buffer.from(chunk as Uint8Array).toString()).split('\n\n');
      rest = messages.pop() ?? '';
      for (const message of messages) {
        const json = /^data: (.+)$/m.exec(message)?.[1];
        if (json === undefined) continue;
        const { data, errors } = JSON.parse(json) as { data?: Record<string, Event>; errors?: unknown[] };
        subscribed.events.push(...Object.values(data ?? {}).filter(Boolean));
        subscribed.errors.push(...(errors ?? []));
      }
    }
    subscribed.isOver = true;
  };
  read().catch((error: unknown) => controller.signal.aborted || subscribed.errors.push(error));
  return subscribed;
}

/** Both, by name. */
export const transports = [
  ['WebSocket', overWebSocket],
  ['server-sent events', overServerSentEvents],
] as const;
