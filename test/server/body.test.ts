import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { bodyOf } from '../../src/server/body.ts';

/** What became of a body that this client sends. */
async function outcomeOf(send: (port: number) => void, idleMs?: number): Promise<string | Error> {
  const server = createServer();
  onTestFinished(() => void server.closeAllConnections());
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const outcome = new Promise<string | Error>((resolve) => {
    server.on('request', (incoming, response) => {
      incoming.on('error', () => undefined);
      const read = async () => {
        let text = '';
        for await (const chunk of bodyOf(incoming, idleMs)) text += Buffer.from(chunk).toString();
        return text;
      };
      read()
        .then(resolve, resolve)
        .finally(() => response.end());
    });
  });
  send((server.address() as AddressInfo).port);
  return outcome;
}

const head = 'PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n';

test('a body comes as it was sent', async () => {
  const outcome = await outcomeOf((port) => {
    const sent = request({ port, method: 'PUT' });
    sent.on('error', () => undefined);
    sent.write('one ');
    setImmediate(() => sent.end('two'));
  });
  expect(outcome).toBe('one two');
});

test('a body that stands still is given up', async () => {
  const outcome = await outcomeOf((port) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${head}12345`));
    socket.on('error', () => undefined);
  }, 50);
  expect(outcome).toMatchObject({ message: 'The upload stood still', status: 408 });
});

test('a body that breaks off is an error', async () => {
  const outcome = await outcomeOf((port) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(`${head}12345`));
    socket.on('error', () => undefined);
  });
  expect(outcome).toBeInstanceOf(Error);
});

test('an encoding that nobody reads is refused', async () => {
  const outcome = await outcomeOf((port) => {
    const sent = request({ port, method: 'PUT', headers: { 'content-encoding': 'br' } });
    sent.on('error', () => undefined);
    sent.end('x');
  });
  expect(outcome).toMatchObject({ status: 415 });
});
