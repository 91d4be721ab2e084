import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conflictsAmong } from '../../src/core/conflicts.ts';
import { portKey } from '../../src/core/endpoint.ts';
import { indexTarget } from '../../src/core/expectation.ts';
import { parseSelector } from '../../src/core/selector.ts';
import { portExpectations, type Statement, type Subject } from '../../src/core/target.ts';

const groups = new Map([
  ['10.0.0.1', ['web', 'linux']],
  ['10.0.0.2', ['db']],
]);

function says(id: number, selector: string, subject: Subject, more: Partial<Statement> = {}): Statement {
  return { id, sourceId: 1, priority: 0, selector: parseSelector(selector), subject, locked: false, ...more };
}

function ports(first: number, last: number, expected: (typeof portExpectations)[number]): Subject {
  return { kind: 'port', first: portKey('tcp', first), last: portKey('tcp', last), expect: expected };
}

const pairs = (statements: readonly Statement[], ids?: ReadonlySet<number>) =>
  conflictsAmong({ statements, groups }, { max: 100, ...(ids === undefined ? {} : { ids }) }).map(
    ({ winner, loser }) => [winner.id, loser.id],
  );

describe('two statements contradict one another', () => {
  const allowed = says(1, '10.0.0.1', ports(80, 90, 'allowed'), { validUntil: 100 });

  test.each<[string, Statement, number[][]]>([
    ['about the same ports', says(2, '10.0.0.1', ports(80, 90, 'forbidden')), [[2, 1]]],
    ['about ranges of one size that overlap', says(2, '10.0.0.1', ports(85, 95, 'required')), [[2, 1]]],
    ['not about ranges that only touch', says(2, '10.0.0.1', ports(91, 101, 'forbidden')), []],
    ['not about a narrower range, which wins', says(2, '10.0.0.1', ports(80, 80, 'forbidden')), []],
    ['not with the same word', says(2, '10.0.0.1', ports(80, 90, 'allowed')), []],
    ['not from another view', says(2, '10.0.0.1', ports(80, 90, 'forbidden'), { view: 3 }), []],
    ['not with another priority', says(2, '10.0.0.1', ports(80, 90, 'forbidden'), { priority: 3 }), []],
    [
      'not where one ends before the other begins',
      says(2, '10.0.0.1', ports(80, 90, 'forbidden'), { validFrom: 100 }),
      [],
    ],
    [
      'from the moment at which both hold',
      says(2, '10.0.0.1', ports(80, 90, 'forbidden'), { validFrom: 99 }),
      [[2, 1]],
    ],
    ['not about another host', says(2, '10.0.0.2', ports(80, 90, 'forbidden')), []],
    ['not about the host itself', says(2, '10.0.0.1', { kind: 'host', expect: 'absent' }), []],
  ])('%s', (_name, other, conflicts) => {
    expect(pairs([allowed, other])).toEqual(conflicts);
    expect(pairs([other, allowed])).toEqual(conflicts);
  });

  test('about groups that share a member, and not about others', () => {
    const about = (id: number, name: string, expected: 'allowed' | 'forbidden') =>
      says(id, `group:${name}`, ports(22, 22, expected));
    expect(
      pairs([about(1, 'web', 'allowed'), about(2, 'linux', 'forbidden'), about(3, 'db', 'forbidden')]),
    ).toEqual([[2, 1]]);
  });

  test('and only those that are asked for are named', () => {
    const all = [1, 2, 3].map((id) => says(id, '*', ports(22, 22, id === 1 ? 'allowed' : 'forbidden')));
    expect(pairs(all)).toEqual([
      [2, 1],
      [3, 1],
    ]);
    expect(pairs(all, new Set([3]))).toEqual([[3, 1]]);
  });
});

test('wherever an expectation names a conflict, it is among them', () => {
  const statement = fc.record({
    selector: fc.constantFrom(
      '10.0.0.1',
      '10.0.0.0/24',
      '10.0.0.0/32',
      'group:web',
      'group:linux',
      'group:db',
      '*',
    ),
    range: fc.constantFrom([22, 22], [20, 25], [22, 27], [80, 80]),
    expect: fc.constantFrom(...portExpectations),
    view: fc.constantFrom(undefined, 7),
    priority: fc.constantFrom(0, 1),
  });
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 8 }), (told) => {
      const statements = told.map(
        ({ selector, range: [first = 0, last = 0], expect: expected, view, priority }, id) =>
          says(id, selector, ports(first, last, expected), {
            priority,
            ...(view === undefined ? {} : { view }),
          }),
      );
      const known = new Set(pairs(statements).map(([a = 0, b = 0]) => `${a} ${b}`));
      const index = indexTarget({ addressSpaceId: 1, statements, policies: [], groups });
      for (const address of ['10.0.0.1', '10.0.0.2']) {
        for (let port = 20; port <= 80; port += 1) {
          const found = index.about(address, 7, 0).port(portKey('tcp', port));
          for (const { id } of found?.conflicts ?? [])
            expect(known.has(`${found?.winner.id} ${id}`)).toBe(true);
        }
      }
    }),
  );
});
