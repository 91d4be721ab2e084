import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startCli } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';

test('SIGTERM: sockets are told, streams end, an upload finishes, and the exit code is 0 within ten seconds', async () => {
  const program = startCli(['serve', '--port', '0', '--data', join(temporaryDirectory(), 'data')]);
  const [url] = await program.prints(/http:\/\/127\.0\.0\.1:\d+/);

  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const closed = once(socket, 'close');
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  await once(socket, 'message');

  const stream = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: 'subscription { changes { __typename } }' }),
  });

  // An upload that has begun is waited for.
  const create = { query: createScanner };
  const headers = { 'content-type': 'application/json' };
  await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify(create) });
  const report = '10.0.0.1 22 tcp\n';
  const upload = connect(Number(new URL(url).port), '127.0.0.1');
  let answer = '';
  upload
    .on('error', () => undefined)
    .on('data', (data) => {
      answer += String(data);
    });
  upload.write(
    `PUT /scans?scanner=a HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${report.length}\r\n\r\n${report.slice(0, 4)}`,
  );
  await until('the upload has begun', async () => {
    const busy = await fetch(`${url}/livez`);
    return busy.ok;
  });

  const started = performance.now();
  const outcome = program.stop('SIGTERM');
  expect((await closed)[0]).toBe(1001);
  expect(await stream.text()).toContain('event: complete');
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  upload.write(report.slice(4));
  await until('the upload is answered', () => answer.startsWith('HTTP/1.1 201'));
  upload.destroy();
  expect((await outcome).code).toBe(0);
  expect(performance.now() - started).toBeLessThan(10_000);
});

const createScanner = `mutation {
  createScanner(input: { name: "a", group: { name: "default" } }) { __typename }
}`;
