import { expect, test } from 'vitest';
import { nearest } from '../../src/cli/nearest.ts';

test.each([
  ['a swapped letter', 'isnide', 'inside'],
  ['a letter too few', 'dm', 'dmz'],
  ['other capitals', 'INSIDE', 'inside'],
  ['nothing alike', 'zzz', undefined],
])('%s: "%s" means %s', (_name, word, expected) => {
  expect(nearest(word, ['inside', 'outside', 'dmz'])).toBe(expected);
});
