import { getIntrospectionQuery } from 'graphql';
import { beforeEach, expect, test } from 'vitest';
import { limits } from '../../src/limits.ts';
import { createDocumentCache } from '../../src/server/limits-plugin.ts';
import { type Answer, ask, codeOf } from './ask.ts';
import { type EmptyServer, startEmptyServer } from './empty-server.ts';

let server: EmptyServer;

beforeEach(async () => {
  server = await startEmptyServer();
});

/** `hosts{nodes{endpoints{nodes{host{…` so many times. */
function circle(times: number): string {
  return `{ hosts(first: 1) { nodes { ${'endpoints(first: 1) { nodes { host { '.repeat(times)} address ${'} } }'.repeat(times)} } } }`;
}

const manyAliases = Array.from({ length: 101 }, (_, index) => `a${index}: __typename`).join(' ');

test.each([
  ['a query that goes in circles', circle(4), 'TOO_DEEP'],
  [
    'depth that is hidden in fragments',
    `{ hosts { nodes { ...a } } }
     fragment a on Host { endpoints { nodes { host { ...b } } } }
     fragment b on Host { endpoints { nodes { host { ...c } } } }
     fragment c on Host { endpoints { nodes { host { endpoints { nodes { port } } } } } }`,
    'TOO_DEEP',
  ],
  ['a hundred aliases', `{ ${manyAliases} }`, 'TOO_MANY_ALIASES'],
  [
    'directives one after the other',
    `{ __typename ${'@include(if: true) '.repeat(11)} }`,
    'TOO_MANY_DIRECTIVES',
  ],
  ['a large document', `{ __typename } # ${'x'.repeat(limits.documentBytesMax)}`, 'DOCUMENT_TOO_LARGE'],
  [
    'pages inside of pages',
    '{ hosts(first: 100) { nodes { endpoints(first: 100) { nodes { views { since { at } } } } } } }',
    'TOO_COSTLY',
  ],
] as const)('%s is refused before anything is read', async (_name, document, code) => {
  const answer = await ask(server.url, document);
  expect(codeOf(answer)).toBe(code);
  expect(answer.data ?? null).toBeNull();
  expect(server.logged.filter(({ msg }) => msg === 'unexpected error')).toEqual([]);
});

test('a hundred thousand fields are refused within a second', async () => {
  const started = performance.now();
  const answer = await ask(server.url, `{ ${'a '.repeat(30_000)} }`);
  expect(answer.errors?.[0]?.message).toContain('1000 tokens');
  expect(performance.now() - started).toBeLessThan(1000);
});

test('fragments that contain each other are refused at once', async () => {
  const document = '{ node(id: "x") { ...a } } fragment a on Node { ...b } fragment b on Node { ...a }';
  expect((await ask(server.url, document)).errors?.[0]?.message).toContain('Cannot spread fragment');
});

test('the introspection of the usual tools is answered', async () => {
  const answer = await ask(server.url, getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }));
  expect(answer.errors).toBeUndefined();
});

test.each([
  ['101', { first: 101 }],
  ['99999999', { first: 99_999_999 }],
  ['0', { first: 0 }],
  ['a negative number', { first: -1 }],
  ['101 from the end', { last: 101 }],
])('a page of %s items is an error, not cut down', async (_name, page) => {
  const document =
    'query ($first: Int, $last: Int) { hosts(first: $first, last: $last) { nodes { address } } }';
  const answer = await ask(server.url, document, page);
  expect(codeOf(answer)).toBe('BAD_INPUT');
  expect(answer.errors?.[0]?.message).toContain('1 to 100');
});

const pages =
  'query q($n: Int!) { hosts(first: $n) { nodes { endpoints(first: $n) { nodes { views { verdict closedAt } } } } } }';

/** Too costly, or let through to the store that does not exist. */
function isTooCostly(answer: Answer): boolean {
  const code = codeOf(answer);
  expect(['TOO_COSTLY', 'INTERNAL']).toContain(code);
  return code === 'TOO_COSTLY';
}

test('the cost is that of the variables: a costly request does not spoil a cheap one, nor the other way round', async () => {
  const costly = [];
  for (const n of [1, 100, 1, 100]) costly.push(isTooCostly(await ask(server.url, pages, { n })));
  expect(costly).toEqual([false, true, false, true]);
});

test('a cheap operation in front does not hide the costly one that is run', async () => {
  const answer = await ask(
    server.url,
    `query cheap { __typename } ${pages}`,
    { n: 100 },
    { operationName: 'q' },
  );
  expect(isTooCostly(answer)).toBe(true);
});

test('an answer says what it cost', async () => {
  const answer = await ask(server.url, '{ __typename }');
  expect(answer.extensions?.['cost']).toEqual({ requested: 1, available: limits.operationCostMax });
});

test('a batch of operations is refused', async () => {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([{ query: '{ __typename }' }, { query: '{ __typename }' }]),
  });
  expect(response.status).toBe(400);
});

test('a long name comes back cut', async () => {
  const answer = await ask(server.url, `{ ${'x'.repeat(20_000)} }`);
  expect(answer.status).toBe(400);
  expect(answer.text.length).toBeLessThan(500);
});

test('the cache of documents is bounded by their bytes, and the oldest goes first', () => {
  const cache = createDocumentCache(10);
  const document = { kind: 'Document', definitions: [] } as never;
  for (const text of ['aaaa', 'bbbb', 'cccc']) cache.set(text, document);
  expect(['aaaa', 'bbbb', 'cccc'].map((text) => cache.get(text) !== undefined)).toEqual([false, true, true]);
});
