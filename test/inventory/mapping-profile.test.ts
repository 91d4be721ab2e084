import { expect, test } from 'vitest';
import { readMappingProfile } from '../../src/inventory/mapping-profile.ts';

test('the least that a profile needs', () => {
  expect(readMappingProfile('{"name":"a","records":"unload/*","fields":{"selector":"ip"}}')).toEqual({
    ok: true,
    profile: {
      name: 'a',
      title: 'a',
      records: ['unload/*'],
      fields: { selector: ['ip'] },
      constants: {},
      values: {},
      isSnapshot: false,
    },
  });
});

test.each<[string, string]>([
  ['{', 'The profile is not JSON'],
  ['[]', 'The profile is not a JSON object.'],
  ['{"fields":{"selector":"ip"}}', '"records" is not a path or a list of paths'],
  ['{"records":"/unload","fields":{"selector":"ip"}}', '"records" is not a path or a list of paths'],
  ['{"records":"a/*","fields":{"selector":["ip",7]}}', '"fields.selector" is not a path or a list of paths'],
  ['{"records":"a/*","fields":{"port":"p","selector":"ip"}}', '"fields" has "port". Fields are externalId'],
  ['{"records":"a/*"}', 'Neither "fields" nor "constants" say where the selector comes from.'],
  [
    '{"records":"a/*","fields":{"selector":"ip"},"values":{"expect":"x"}}',
    '"values.expect" is not an object',
  ],
  ['{"records":"a/*","fields":{"selector":"ip"},"removal":{"path":"@action"}}', '"removal" is not'],
  ['{"records":"a/*","fields":{"selector":"ip"},"only":{"path":"x","values":[]}}', '"only" is not'],
  ['{"records":"a/*","fields":{"selector":"ip"},"hosts":"absent"}', '"hosts" is neither'],
  ['{"records":"a/*","fields":{"selector":"ip"},"isSnapshot":"yes"}', '"isSnapshot" is neither'],
  [
    '{"records":"a/*","fields":{"selector":"ip"},"revision":"a/b"}',
    '"revision" is not the path of an attribute',
  ],
  ['{"records":"a/*","fields":{"selector":"ip"},"snapshot":true}', '"snapshot" is not known.'],
])('%s: %s', (text, reason) => {
  const reading = readMappingProfile(text);
  expect(reading.ok ? [] : reading.reasons).toEqual([expect.stringContaining(reason)]);
});

test('everything that is wrong is told at once', () => {
  const reading = readMappingProfile('{"hosts":"no","isSnapshot":1,"what":2}');
  expect(reading.ok ? 0 : reading.reasons.length).toBe(5);
});

test('a field called __proto__ is no field', () => {
  const reading = readMappingProfile(
    '{"records":"a/*","fields":{"selector":"ip","__proto__":{"ports":["x"]}}}',
  );
  expect(reading.ok).toBe(false);
});
