import WebSocket from 'ws';

/** One WebSocket with one subscription (graphql-transport-ws) to all changes. */
export interface Subscriber {
  /** When the latest event came, as `performance.now()` says it. */
  readonly lastAt: () => number;
  readonly events: () => number;
  close(): void;
}

/** Waits until the server has acknowledged the socket; the subscription follows at once. */
export function subscribe(url: string, onEvent: (at: number) => void = () => undefined): Promise<Subscriber> {
  const query =
    'subscription { changes { __typename ... on ChangeEvent { cursor change { kind address port } } } }';
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    let [lastAt, events] = [0, 0];
    socket.on('error', reject);
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as { type: string };
      if (message.type === 'connection_ack') {
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
        resolve({ lastAt: () => lastAt, events: () => events, close: () => socket.terminate() });
      } else if (message.type === 'ping') {
        socket.send(JSON.stringify({ type: 'pong' }));
      } else if (message.type === 'next') {
        lastAt = performance.now();
        events += 1;
        onEvent(lastAt);
      }
    });
  });
}
