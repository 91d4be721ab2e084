import { describe, expect, test } from 'vitest';
import { type Braking, brakesOf } from '../../src/core/brakes.ts';
import { parseSelector } from '../../src/core/selector.ts';
import type { NamedStatement } from '../../src/core/target-difference.ts';

const calm: Braking = {
  mode: 'snapshot',
  source: {
    id: 1,
    addressSpaceId: 1,
    name: 'cmdb',
    description: '',
    priority: 0,
    deleteShare: 0.3,
    revision: 1,
    createdAt: 0,
  },
  wanted: 10,
  standing: 10,
  deleted: 0,
  changed: [],
  impact: { wouldOpen: 0, wouldResolve: 0, wouldHideForbidden: 0, assessed: 0 },
  isTruncated: false,
  truncation: undefined,
  externalRevision: undefined,
};

const held = (braking: Partial<Braking>) => brakesOf({ ...calm, ...braking }).map(({ kind }) => kind);

test('nothing holds an ordinary import', () => {
  expect(held({})).toEqual([]);
});

describe('taking statements away', () => {
  test.each([
    [0, 0, []],
    [1, 1, []],
    [2, 2, ['deletes']],
    [3, 1, []],
    [3, 2, ['deletes']],
    [10, 3, []],
    [10, 4, ['deletes']],
    [1000, 300, []],
    [1000, 301, ['deletes']],
  ])('of %i statements %i', (standing, deleted, brakes) => {
    expect(held({ standing, deleted })).toEqual(brakes);
  });

  test.each([
    [0, 1, []],
    [0, 2, ['deletes']],
    [1, 10, []],
  ])('with a share of %d, %i of 10', (deleteShare, deleted, brakes) => {
    expect(held({ source: { ...calm.source, deleteShare }, deleted })).toEqual(brakes);
  });
});

describe('what is older than what was applied', () => {
  test.each([
    ['9', '10', true],
    ['10', '9', false],
    ['10', '10', false],
    ['99999999999999999998', '99999999999999999999', true],
    ['2026-03-11 17:48:30', '2026-03-12 17:48:30', true],
    ['2026-03-12T17:48:30Z', '2026-03-12T17:48:30Z', false],
    ['abc', 'abd', false],
    ['10', '2026-03-12', false],
  ])('%s after %s', (externalRevision, known, isHeld) => {
    const source = { ...calm.source, externalRevision: known };
    expect(held({ source, externalRevision })).toEqual(isHeld ? ['older_revision'] : []);
    expect(held({ source })).toEqual([]);
  });
});

test('only what is allowed on wide networks weakens', () => {
  const wide = (selector: string, expected: 'allowed' | 'required' | 'forbidden'): NamedStatement => ({
    externalId: 'x',
    sourceId: 1,
    selector: parseSelector(selector),
    subject: { kind: 'port', first: 1, last: 1, expect: expected },
    locked: false,
  });
  expect(held({ changed: [wide('10.0.0.0/15', 'allowed')] })).toEqual(['wide_allowed']);
  expect(held({ changed: [wide('*', 'allowed')] })).toEqual(['wide_allowed']);
  expect(held({ changed: [wide('::/0', 'allowed')] })).toEqual(['wide_allowed']);
  expect(held({ changed: [wide('0.0.0.0/0', 'forbidden'), wide('10.0.0.0/16', 'allowed')] })).toEqual([]);
  expect(held({ changed: [wide('group:web', 'allowed')] })).toEqual([]);
});

test('every brake says what it saw, where it stops and how it is let go', () => {
  const brakes = brakesOf({
    ...calm,
    wanted: 0,
    deleted: 10,
    impact: { ...calm.impact, wouldHideForbidden: 21 },
    isTruncated: true,
    truncation: 'no end tag',
  });
  expect(brakes.map(({ kind, observed, limit }) => [kind, observed, limit])).toEqual([
    ['empty_snapshot', '0 statements', 'at least 1'],
    ['deletes', '10 of 10', '3 (30 %)'],
    ['resolves_forbidden', '21', '20'],
    ['truncated', 'no end tag', 'a whole document'],
  ]);
  for (const { kind, message } of brakes)
    expect(message).toContain(`Let the brake "${kind}" go, with a reason`);
});
