import { request } from 'node:http';
import { expect, test } from 'vitest';
import { startServer } from '../../src/server/http.ts';
import { ask } from './ask.ts';
import { nowhere, startEmptyServer } from './empty-server.ts';

/** The status of a request with headers that `fetch` does not let one set. */
function statusOf(url: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end();
  });
}

const mutation = 'mutation { deleteScanner(input: { id: "x" }) { __typename } }';

test.each([
  ['a mutation over GET', 'GET', undefined, undefined, 405],
  ['a form', 'POST', 'application/x-www-form-urlencoded', `query=${encodeURIComponent(mutation)}`, 415],
  ['a text', 'POST', 'text/plain', JSON.stringify({ query: mutation }), 415],
  ['a document as such', 'POST', 'application/graphql', mutation, 415],
  ['a multipart form without a header of its own', 'POST', 'multipart/form-data; boundary=x', '--x--', 415],
] as const)(
  '%s is refused, because a foreign page could send it',
  async (_name, method, type, body, status) => {
    const { url, logged } = await startEmptyServer();
    const query = body === undefined ? `?query=${encodeURIComponent(mutation)}` : '';
    const response = await fetch(`${url}/graphql${query}`, {
      method,
      ...(type === undefined ? {} : { headers: { 'content-type': type } }),
      ...(body === undefined ? {} : { body }),
    });
    expect(response.status).toBe(status);
    expect(logged.filter(({ msg }) => msg === 'unexpected error')).toEqual([]);
  },
);

test('an error of ours shows an id and nothing else; the log has it whole under that id', async () => {
  const { url, logged } = await startEmptyServer();
  const { errors, text } = await ask(url, '{ hosts { nodes { address } } }');
  const id = errors?.[0]?.extensions?.['id'];
  expect(errors?.[0]?.message).toBe(
    `Unexpected error. The log of the server has it under the id ${String(id)}.`,
  );
  expect(text).not.toMatch(/secret|stack|\.ts/);
  expect(logged.find((entry) => entry['id'] === id)).toMatchObject({
    err: { message: 'secret of hosts.page' },
  });
});

test('an error of ours in a plain route shows an id and nothing else', async () => {
  const { url } = await startEmptyServer();
  const response = await fetch(`${url}/scans?scanner=x`, { method: 'PUT', body: 'x' });
  expect(response.status).toBe(500);
  expect(await response.text()).not.toMatch(/secret|stack|\.ts/);
});

test.each([
  ['localhost', 200],
  ['127.0.0.1:1234', 200],
  ['[::1]:1234', 200],
  ['LOCALHOST', 200],
  ['evil.example', 421],
  ['127.0.0.1.evil.example', 421],
  ['192.0.2.1', 421],
  ['localhost@evil.example', 421],
])('the Host header %s is answered with %i', async (host, status) => {
  const { url } = await startEmptyServer();
  expect(await statusOf(`${url}/livez`, { host })).toBe(status);
});

test('a name that was allowed is answered', async () => {
  const { url } = await startEmptyServer({ allowedHosts: ['scans.example'] });
  expect(await statusOf(`${url}/livez`, { host: 'scans.example:80' })).toBe(200);
});

test.each([
  ['from another origin', { origin: 'http://evil.example' }, 403],
  ['from an opaque origin', { origin: 'null' }, 403],
  ['from another port of this machine', { origin: 'http://localhost:9' }, 403],
  ['that a foreign page embeds', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 403],
  [
    'that follows a link of a foreign page',
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
    200,
  ],
] as const)('a request %s is answered with %i', async (_name, headers, status) => {
  const { url } = await startEmptyServer();
  expect(await statusOf(`${url}/`, headers)).toBe(status);
});

test('no origin is allowed to read answers', async () => {
  const { url } = await startEmptyServer();
  const response = await fetch(`${url}/graphql`, { method: 'OPTIONS' });
  expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
});

test('an address that others reach needs to be asked for', async () => {
  await expect(startServer(nowhere, { host: '0.0.0.0', port: 0 })).rejects.toThrow(/nobody has to log in/);
});

test('an address that others reach is served where it is asked for, under addresses only', async () => {
  const { url } = await startEmptyServer({ host: '0.0.0.0', exposed: true });
  const local = url.replace('0.0.0.0', '127.0.0.1');
  expect(await statusOf(`${local}/livez`, { host: '192.0.2.1' })).toBe(200);
  expect(await statusOf(`${local}/livez`, { host: 'evil.example' })).toBe(421);
});

test('GraphiQL loads nothing from elsewhere', async () => {
  const { url } = await startEmptyServer();
  const response = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } });
  const html = await response.text();
  expect(html).toContain('GraphiQL');
  expect(html.match(/(?:src|href)=["']?https?:[^"' >]*/g) ?? []).toEqual([]);
  expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
});

test('the first page says what to do', async () => {
  const { url } = await startEmptyServer();
  const response = await fetch(url);
  expect(await response.text()).toContain('href="/graphql"');
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
});

test('a server whose store does not work lives, but is not ready', async () => {
  const { url } = await startEmptyServer();
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
});

test.each([
  ['without a length', { 'transfer-encoding': 'chunked' }, 411],
  ['with a long body', { 'content-length': String(2 << 20) }, 413],
] as const)('a JSON request %s is refused', async (_name, headers, status) => {
  const { url } = await startEmptyServer();
  const types = { 'content-type': 'application/json' };
  expect(await statusOf(`${url}/graphql`, { ...types, ...headers }, 'POST')).toBe(status);
});

test('the page at the root has lines that work for whoever reads it', async () => {
  const { url } = await startEmptyServer();
  const page = await (await fetch(url)).text();
  expect(page).toContain(`npx drportscan push - --server ${url} --scanner first --create`);
  expect(page).toContain(`npx drportscan hosts --server ${url}\nnpx drportscan changes --server ${url}<`);
});
