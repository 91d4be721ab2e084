import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSelector } from '../../src/core/selector.ts';
import {
  compareStatements,
  factsOf,
  type NamedStatement,
  type StandingStatement,
  saysSame,
  wordsOf,
} from '../../src/core/target-difference.ts';

function says(externalId: string, port: number, more: Partial<NamedStatement> = {}): NamedStatement {
  const selector = parseSelector('10.0.0.1');
  const subject = { kind: 'port', first: port, last: port, expect: 'allowed' } as const;
  return { externalId, sourceId: 1, selector, subject, locked: false, ...more };
}

const stand = (statements: readonly NamedStatement[]): StandingStatement[] =>
  statements.map((one, id) => ({ ...one, id }));

describe('what stands and what is wanted', () => {
  test('are equal in any order', () => {
    const all = [says('a', 1), says('a', 2), says('b', 3)];
    const { created, updated, deleted, unchanged } = compareStatements(stand(all), [...all].reverse());
    expect([created, updated, deleted, unchanged]).toEqual([[], [], [], 3]);
  });

  test('differ name by name: ranges of one name are paired, the rest comes or goes', () => {
    const difference = compareStatements(stand([says('a', 1), says('a', 2), says('gone', 3)]), [
      says('a', 2),
      says('a', 4),
      says('a', 5),
      says('new', 3),
    ]);
    expect(difference.unchanged).toBe(1);
    expect(difference.updated.map(({ before, after }) => [before.id, after.subject])).toMatchObject([
      [0, { first: 4 }],
    ]);
    expect(difference.created.map(({ externalId }) => externalId)).toEqual(['a', 'new']);
    expect(difference.deleted.map(({ externalId }) => externalId)).toEqual(['gone']);
  });

  const change = fc.constantFrom<Partial<NamedStatement>>(
    {},
    { locked: true },
    { owner: 'o' },
    { owner: '' },
    { ticket: 'o' },
    { description: 'o' },
    { view: 1 },
    { validFrom: 1 },
    { validUntil: 1 },
    { selector: parseSelector('10.0.0.1/32') },
    { selector: parseSelector('group:10.0.0.1') },
    { selector: parseSelector('*') },
    { subject: { kind: 'host', expect: 'present' } },
    { subject: { kind: 'host', expect: 'absent' } },
    { subject: { kind: 'port', first: 1, last: 2, expect: 'allowed' } },
    { subject: { kind: 'port', first: 1, last: 1, expect: 'forbidden' } },
    { subject: { kind: 'port', first: 1, last: 1, expect: 'allowed', service: 'o' } },
  );
  const statement = fc
    .tuple(fc.constantFrom('a', 'b', 'c'), change)
    .map(([name, more]) => says(name, 1, more));

  test('two statements say the same exactly if their words are the same', () => {
    fc.assert(
      fc.property(statement, statement, (a, b) => {
        expect(saysSame(a, b)).toBe(wordsOf(a) === wordsOf(b));
      }),
    );
  });

  test('become one another by what the difference says, and it is no longer than it must be', () => {
    const lists = fc.array(statement, { maxLength: 8 });
    const nameAndWords = (one: NamedStatement) => `${one.externalId} ${wordsOf(one)}`;
    fc.assert(
      fc.property(lists, lists, (before, wanted) => {
        const standing = stand(before);
        const { created, updated, deleted, unchanged } = compareStatements(standing, wanted);
        const gone = new Set([...deleted, ...updated.map((one) => one.before)]);
        const news = [...created, ...updated.map(({ after }) => after)];
        const after = [...standing.filter((one) => !gone.has(one)), ...news];
        expect(after.map(nameAndWords).sort()).toEqual(wanted.map(nameAndWords).sort());
        expect(unchanged).toBe(standing.length - gone.size);
        for (const name of ['a', 'b', 'c']) {
          const has = (list: readonly NamedStatement[]) => list.some(({ externalId }) => externalId === name);
          expect(has(created) && has(deleted)).toBe(false);
        }
      }),
    );
  });
});

test('facts are words, and leave out what is not said', () => {
  expect(factsOf(says('a', 443, { view: 3, owner: 'webops' }), new Map([[3, 'external']]))).toEqual({
    selector: '10.0.0.1',
    view: 'external',
    ports: '443/tcp',
    expect: 'allowed',
    owner: 'webops',
    locked: false,
  });
});
