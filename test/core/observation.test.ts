import { describe, expect, test } from 'vitest';
import { isMoreInformative, rawStates, verdictOf } from '../../src/core/observation.ts';

describe('a raw state', () => {
  test.each([
    ['open', 'open'],
    ['closed', 'not_open'],
    ['filtered', 'not_open'],
    ['closed|filtered', 'not_open'],
    ['unfiltered', 'not_open'],
    ['not open', 'not_open'],
    ['open|filtered', 'inconclusive'],
  ] as const)('%s decides: %s', (state, verdict) => {
    expect(verdictOf(state)).toBe(verdict);
  });

  test('says more than another in one order only', () => {
    const sorted = [...rawStates].sort((a, b) => (isMoreInformative(a, b) ? -1 : 1));
    expect(sorted).toEqual(['open', 'open|filtered', 'unfiltered', 'closed', 'closed|filtered', 'filtered']);
    for (const state of rawStates) expect(isMoreInformative(state, state)).toBe(false);
  });
});
