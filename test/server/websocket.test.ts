import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { limits } from '../../src/limits.ts';
import { startEmptyServer } from './empty-server.ts';

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

interface Client {
  readonly socket: WebSocket;
  send(message: Message): void;
  /** The next message, in the order of their coming. */
  next(): Promise<Message>;
  readonly closed: Promise<number>;
}

/** A bare client, so that it can break the protocol. */
async function connect(url: string, headers: Record<string, string> = {}): Promise<Client> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
  const messages: Message[] = [];
  const waiting: ((message: Message) => void)[] = [];
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as Message;
    const taker = waiting.shift();
    if (taker === undefined) messages.push(message);
    else taker(message);
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  socket.on('error', () => undefined);
  return {
    socket,
    closed,
    send: (message) => socket.send(JSON.stringify(message)),
    next: () => {
      const message = messages.shift();
      return message ? Promise.resolve(message) : new Promise((resolve) => waiting.push(resolve));
    },
  };
}

async function initialised(url: string): Promise<Client> {
  const client = await connect(url);
  client.send({ type: 'connection_init' });
  expect(await client.next()).toEqual({ type: 'connection_ack' });
  return client;
}

test('a query is answered over a WebSocket', async () => {
  const { url } = await startEmptyServer();
  const client = await initialised(url);
  client.send({ type: 'subscribe', id: '1', payload: { query: '{ __typename }' } });
  expect(await client.next()).toMatchObject({
    type: 'next',
    id: '1',
    payload: { data: { __typename: 'Query' } },
  });
  expect(await client.next()).toEqual({ type: 'complete', id: '1' });
});

test.each([
  ['a syntax error', '{ hosts', 'Syntax Error'],
  ['an unknown field', '{ nothing }', 'Cannot query field'],
  ['too many tokens', `{ ${'a '.repeat(2000)} }`, '1000 tokens'],
  [
    'too deep a document',
    `{ hosts ${'{ nodes { endpoints { nodes { host '.repeat(5)} { id } ${'} } } }'.repeat(5)} }`,
    'levels',
  ],
])('%s ends that operation and not the socket', async (_name, query, message) => {
  const { url } = await startEmptyServer();
  const client = await initialised(url);
  client.send({ type: 'subscribe', id: '1', payload: { query } });
  const answer = await client.next();
  expect(answer).toMatchObject({ type: 'error', id: '1' });
  expect(JSON.stringify(answer.payload)).toContain(message);

  client.send({ type: 'subscribe', id: '2', payload: { query: '{ __typename }' } });
  expect(await client.next()).toMatchObject({ type: 'next', id: '2' });
});

test('a costly operation is refused over a WebSocket as well', async () => {
  const { url } = await startEmptyServer();
  const client = await initialised(url);
  const query = `query ($n: Int) { hosts(first: $n) { nodes { endpoints(first: $n) { nodes {
    address port verdict protocol lastVerifiedAt } } } } }`;
  client.send({ type: 'subscribe', id: '1', payload: { query, variables: { n: 100 } } });
  expect(JSON.stringify(await client.next())).toContain('TOO_COSTLY');
});

test('an error of ours shows an id and nothing else', async () => {
  const { url, logged } = await startEmptyServer();
  const client = await initialised(url);
  client.send({ type: 'subscribe', id: '1', payload: { query: 'subscription { changes { __typename } }' } });
  const text = JSON.stringify(await client.next());
  expect(text).toContain('under the id');
  expect(text).not.toMatch(/secret|stack/);
  expect(logged.some(({ msg }) => msg === 'unexpected error')).toBe(true);
});

test('a socket that does not introduce itself is closed after three seconds', async () => {
  const { url } = await startEmptyServer();
  const started = performance.now();
  const client = await connect(url);
  expect(await client.closed).toBe(4408);
  expect(performance.now() - started).toBeGreaterThan(limits.webSocketInitMs - 100);
});

test('an operation before the introduction closes the socket', async () => {
  const { url } = await startEmptyServer();
  const client = await connect(url);
  client.send({ type: 'subscribe', id: '1', payload: { query: '{ __typename }' } });
  expect(await client.closed).toBe(4401);
});

test('a frame beyond 64 kB closes the socket', async () => {
  const { url } = await startEmptyServer();
  const client = await initialised(url);
  client.socket.send('x'.repeat(10 << 20));
  expect(await client.closed).toBe(1009);
});

test('text that is not UTF-8 closes the socket', async () => {
  const { url } = await startEmptyServer();
  const client = await initialised(url);
  client.socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
  expect(await client.closed).toBe(1007);
});

test('a page of another origin gets no socket', async () => {
  const { url } = await startEmptyServer();
  await expect(connect(url, { origin: 'http://evil.example' })).rejects.toThrow('403');
});

test('there is a socket only where the API is', async () => {
  const { url } = await startEmptyServer();
  await expect(connect(`${url}/nowhere`)).rejects.toThrow('404');
});

test('a server that stops tells its sockets', async () => {
  const { url, close } = await startEmptyServer();
  const client = await initialised(url);
  const started = performance.now();
  await close();
  expect(await client.closed).toBe(1001);
  expect(performance.now() - started).toBeLessThan(2000);
});
