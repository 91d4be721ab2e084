import { expect, test } from 'vitest';
import { endOf, factsOf, importAll, importOrRefuse, problemsOf } from './importing.ts';

const format = 'expectations-json';

test('a list of statements is read like the list inside of an object', async () => {
  const list = '[{"selector":"192.0.2.1","ports":[443,"53/udp","8000-8010"],"expect":"allowed"}]';
  const facts = ['- 192.0.2.1 - 443,8000-8010/tcp,53/udp allowed'];
  expect(factsOf(await importAll(list))).toEqual(facts);
  expect(factsOf(await importAll(`{"statements":${list}}`))).toEqual(facts);
});

test.each([
  ['[{"externalId":"w7","removed":true}]', ['removal', 'end']],
  ['[ {"removed": true, "externalId": "w7"} ]', ['removal', 'end']],
  ['[{"group":"web","address":"192.0.2.1"}]', ['member', 'end']],
  ['[]', ['end']],
  [' [ ]\n', ['end']],
])('%s is our own, whatever it begins with', async (list, kinds) => {
  expect((await importAll(list)).map(({ kind }) => kind)).toEqual(kinds);
});

test.each([
  ['a field that is written wrongly', '{"selector":"*","port":22}', 'there is no field "port"'],
  ['a list without ports', '{"selector":"*","ports":[],"expect":"allowed"}', 'its list of ports is empty'],
  ['a list of lists', '{"selector":"*","ports":[[22]]}', 'a list or object stands where a text belongs'],
  [
    'half a port',
    '{"selector":"*","ports":22.5}',
    'it holds a number that is not whole, or too large: write it as text',
  ],
  [
    'an id that readers round',
    '{"selector":"*","externalId":9007199254740993}',
    'it holds a number that is not whole, or too large: write it as text',
  ],
  [
    'a key that stands twice',
    '{"selector":"*","selector":"192.0.2.1"}',
    'a key stands twice in one of its objects',
  ],
  ['a text', '"*"', 'it is not an object'],
  ['a member without a group', '{"group":"","address":"192.0.2.1"}', 'its group has no name'],
  [
    'a member that is a network',
    '{"group":"a","address":"192.0.2.0/24"}',
    'the address "192.0.2.0/24" is refused: not an IP address',
  ],
  ['a removal of nothing', '{"removed":true}', 'it is removed, and has no external id'],
  ['a removal that is none', '{"externalId":"a","removed":false}', '"removed" can only be true'],
  ['a prototype', '{"selector":"*","__proto__":{"expect":"absent"}}', 'there is no field "__proto__"'],
])('%s is told', async (_name, record, reason) => {
  const events = await importAll(`{"statements":[${record},{"selector":"*"}]}`, { format });
  expect(problemsOf(events)).toEqual([`1: ${reason}`]);
  expect(factsOf(events)).toEqual(['- * - - present']);
});

test.each([
  ['cut off', '{"statements":[{"selector":"*"}', 'the file is cut off: its JSON is not closed'],
  ['damaged around its records', '{"statements":[{"selector":"*"},]}', 'its JSON is damaged'],
  [
    'followed by something else',
    '{"statements":[]} x',
    'something stands outside of the JSON objects and arrays',
  ],
])('a document that is %s is no snapshot', async (_name, text, reason) => {
  expect(endOf(await importAll(text, { format }))).toEqual({ complete: false, isSnapshot: false, reason });
});

test('a document of something else is told', async () => {
  expect(problemsOf(await importAll('{"statement":[]}', { format }))).toEqual([
    '-: the document has a field "statement" that is not known',
  ]);
});

test.each([
  ['nothing', '', 'EMPTY'],
  ['white space', ' \n', 'EMPTY'],
  ['a pit', '['.repeat(100_000), 'TOO_LARGE'],
])('%s is refused', async (_name, text, code) => {
  expect(await importOrRefuse(text, { format })).toBe(code);
});
