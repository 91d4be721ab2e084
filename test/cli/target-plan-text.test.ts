import fc from 'fast-check';
import { createColors } from 'picocolors';
import { expect, test } from 'vitest';
import { endpointPlace } from '../../src/cli/drift-row.ts';
import {
  type FactsNode,
  factsText,
  itemsText,
  type PlanNode,
  planText,
} from '../../src/cli/target-plan-text.ts';
import { harmful, hostileText } from './hostile-text.ts';

const surface = { isTerminal: false, width: undefined, colours: createColors(false) };

const facts: FactsNode = {
  selector: '192.0.2.1',
  view: null,
  ports: '443/tcp',
  expect: 'REQUIRED',
  service: null,
  owner: null,
  ticket: null,
  description: null,
  validFrom: null,
  validUntil: null,
  locked: false,
};

const plan: PlanNode = {
  hash: 'abc',
  mode: 'SNAPSHOT',
  format: 'expectations-csv',
  baseRevision: 3,
  networks: ['192.0.2.0/24'],
  source: { name: 'cmdb' },
  counts: { created: 1, updated: 1, deleted: 1, unchanged: 7, rejected: 0, skipped: 1 },
  impact: { wouldOpen: 2, wouldResolve: 3, wouldHideForbidden: 1, assessed: 40 },
  brakes: [],
  warnings: [],
  items: [
    { action: 'CREATE', externalId: '192.0.2.1 * 443/tcp', before: null, after: facts },
    {
      action: 'UPDATE',
      externalId: 'db',
      before: { ...facts, owner: 'dba', locked: true },
      after: { ...facts, expect: 'ALLOWED', validUntil: '2030-01-01T00:00:00.000Z' },
    },
    {
      action: 'DELETE',
      externalId: 'old',
      before: { ...facts, ports: null, expect: 'PRESENT' },
      after: null,
    },
  ],
  rejected: [],
  skipped: [{ line: null, record: 4, name: 'srv9', reason: 'it was retired' }],
  conflicts: [],
  createdAt: '2026-11-23T10:00:00.000Z',
  expiresAt: '2026-11-24T10:00:00.000Z',
};

test('a plan says what comes, changes and goes, what was left out, and what it does to drift', () => {
  expect(planText(plan, surface)).toBe(`Source cmdb at revision 3, snapshot of 192.0.2.0/24 (expectations-csv)

  + 192.0.2.1:443/tcp required
  ~ db: 192.0.2.1:443/tcp: expect required -> allowed, owner "dba" -> none, valid until none -> "2030-01-01T00:00:00.000Z", locked yes -> no
  - old: 192.0.2.1 present

1 row left out on purpose:
  ? record 4, "srv9": it was retired

Plan: 1 to create, 1 to change, 1 to delete.
Drift: would open 2, resolve 3, 1 of them open ports that are forbidden now (40 assessed).
`);
});

test.each<[string, Partial<FactsNode>, string]>([
  ['a view', { view: 'outside' }, '192.0.2.1:443/tcp from outside required'],
  [
    'who answers for it, and where',
    { owner: 'web', ticket: 'CHG1' },
    '192.0.2.1:443/tcp required (web, CHG1)',
  ],
  ['what is locked', { selector: '10.0.0.0/8', locked: true }, '10.0.0.0/8:443/tcp required (locked)'],
  ['an IPv6 address', { selector: '2001:db8::1' }, '[2001:db8::1]:443/tcp required'],
  ['a host group', { selector: 'group:web', ports: null, expect: 'PRESENT' }, 'group:web present'],
])('a statement names %s', (_name, more, expected) => {
  expect(factsText({ ...facts, ...more })).toBe(expected);
});

test('a group with a colon in its name is no IPv6 address', () => {
  expect(endpointPlace('group:a:b', '443/tcp')).toBe('group:a:b:443/tcp');
});

test('whatever an inventory holds, a plan is safe to print', () => {
  fc.assert(
    fc.property(hostileText, hostileText, (name, text) => {
      const hostile = { ...facts, selector: name, owner: text, ticket: name, description: text, view: name };
      const printed = planText(
        {
          ...plan,
          source: { name },
          format: text,
          networks: [name],
          items: [
            { action: 'UPDATE', externalId: name, before: facts, after: hostile },
            { action: 'CREATE', externalId: text, before: null, after: hostile },
          ],
          counts: { ...plan.counts, rejected: 1 },
          rejected: [{ line: 1, record: null, name, reason: text }],
          brakes: [{ kind: 'DELETES', observed: text, limit: text, message: text }],
          warnings: [text],
          conflicts: [
            {
              winner: { externalId: name, expect: 'REQUIRED', source: { name: text } },
              loser: { externalId: text, expect: 'ALLOWED', source: { name } },
            },
          ],
        },
        surface,
      );
      expect(printed.replaceAll('\n', '')).not.toMatch(harmful);
      expect(itemsText([], surface)).toBe('');
    }),
    { numRuns: 300 },
  );
});
