import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRange } from '../../src/core/address-set.ts';
import { portKey } from '../../src/core/endpoint.ts';
import { indexTarget } from '../../src/core/expectation.ts';
import {
  isInForce,
  type PortExpectation,
  portExpectations,
  type Selector,
  type Statement,
  specificity,
  type Target,
} from '../../src/core/target.ts';

const host: Selector = { kind: 'host', address: '10.0.0.1' };

function network(text: string): Selector {
  const range = readRange(text);
  if (typeof range === 'string') throw new Error(range);
  return { kind: 'cidr', ...range, prefix: Number(text.split('/')[1]) };
}

function says(
  id: number,
  selector: Selector,
  expects: PortExpectation,
  more: Partial<Statement> = {},
): Statement {
  const port = portKey('tcp', 443);
  const subject = { kind: 'port', first: port, last: port, expect: expects } as const;
  return { id, sourceId: 1, priority: 0, selector, subject, locked: false, ...more };
}

function expected(statements: readonly Statement[]) {
  const target: Target = {
    addressSpaceId: 1,
    statements,
    policies: [],
    groups: new Map([['10.0.0.1', ['web']]]),
  };
  return indexTarget(target).about('10.0.0.1', 7, 0).port(portKey('tcp', 443));
}

describe('of two statements about one endpoint', () => {
  test.each([
    [
      'the host beats its network',
      says(1, host, 'allowed'),
      says(2, network('10.0.0.0/8'), 'forbidden'),
      'allowed',
      'selector',
    ],
    [
      'the longer prefix wins',
      says(1, network('10.0.0.0/24'), 'allowed'),
      says(2, network('10.0.0.0/8'), 'forbidden'),
      'allowed',
      'selector',
    ],
    [
      'a group beats everything',
      says(1, { kind: 'group', name: 'web' }, 'allowed'),
      says(2, { kind: 'all' }, 'forbidden'),
      'allowed',
      'selector',
    ],
    [
      'the exact view beats any',
      says(1, host, 'allowed', { view: 7 }),
      says(2, host, 'forbidden'),
      'allowed',
      'view',
    ],
    [
      'the source of higher priority wins',
      says(1, host, 'allowed', { priority: 5 }),
      says(2, host, 'forbidden'),
      'allowed',
      'source_priority',
    ],
    [
      'the stricter of equals wins',
      says(1, host, 'allowed'),
      says(2, host, 'forbidden'),
      'forbidden',
      'stricter',
    ],
    [
      'a locked one is not weakened',
      says(1, host, 'allowed'),
      says(2, network('10.0.0.0/8'), 'forbidden', { locked: true }),
      'forbidden',
      'locked',
    ],
  ] as const)('%s, in whatever order they came', (_name, a, b, value, rule) => {
    for (const statements of [
      [a, b],
      [b, a],
    ])
      expect(expected(statements)).toMatchObject({ value, rule });
  });

  test('the one about another network or view says nothing', () => {
    expect(
      expected([says(1, network('10.1.0.0/16'), 'allowed'), says(2, host, 'forbidden', { view: 8 })]),
    ).toBeUndefined();
  });
});

test('a statement is in force from its first instant until before its last', () => {
  const statement = says(1, host, 'allowed', { validFrom: 10, validUntil: 20 });
  expect([9, 10, 19, 20].map((at) => isInForce(statement, at))).toEqual([false, true, true, false]);
});

test('selectors are ordered from everything to one host', () => {
  const selectors: Selector[] = [
    { kind: 'all' },
    { kind: 'group', name: 'a' },
    network('0.0.0.0/0'),
    network('10.0.0.0/32'),
    host,
  ];
  const order = selectors.map(specificity);
  expect(order).toEqual([...order].sort((a, b) => a - b));
});

/** Any statements about one endpoint; also some about others. */
const statementLists = fc
  .array(
    fc.record({
      selector: fc.constantFrom<Selector>(
        host,
        { kind: 'host', address: '10.0.0.2' },
        network('10.0.0.0/8'),
        network('10.0.0.0/24'),
        network('10.0.0.1/32'),
        { kind: 'group', name: 'web' },
        { kind: 'group', name: 'db' },
        { kind: 'all' },
      ),
      expect: fc.constantFrom(...portExpectations),
      ports: fc.constantFrom([443, 443], [400, 500], [1, 1000], [80, 80]),
      view: fc.constantFrom(undefined, 7, 8),
      priority: fc.constantFrom(0, 5),
      locked: fc.boolean(),
    }),
    { maxLength: 8 },
  )
  .map((all) =>
    all.map(({ selector, expect: expects, ports: [first = 0, last = 0], view, ...more }, id): Statement => {
      const [from, to] = [portKey('tcp', first), portKey('tcp', last)];
      const subject = { kind: 'port', first: from, last: to, expect: expects } as const;
      return { ...says(id, selector, expects, more), subject, ...(view === undefined ? {} : { view }) };
    }),
  );

const strictness = (value: string | undefined) =>
  value === undefined ? -1 : (portExpectations as readonly string[]).indexOf(value);

/** Whether a statement is about 443/tcp of the host, as seen from view 7. */
function isAbout({ selector, view, subject }: Statement): boolean {
  if (view === 8 || subject.kind !== 'port' || subject.last < portKey('tcp', 443)) return false;
  if (selector.kind === 'host') return selector.address === '10.0.0.1';
  return selector.kind !== 'group' || selector.name === 'web';
}

describe('whatever is said', () => {
  test('the order in which it is said is irrelevant', () => {
    const shuffled = statementLists.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, ([some, others]) => {
        const [a, b] = [expected(some), expected(others)];
        expect(b?.value).toBe(a?.value);
        expect(b?.winner.id).toBe(a?.winner.id);
        expect(b?.rule).toBe(a?.rule);
      }),
    );
  });

  test('everything that speaks of the endpoint wins, loses, or contradicts', () => {
    fc.assert(
      fc.property(statementLists, (all) => {
        const found = expected(all);
        const ids = found === undefined ? [] : [found.winner, ...found.losers].map(({ id }) => id);
        expect(ids.sort()).toEqual(all.filter(isAbout).map(({ id }) => id));
        for (const { subject } of found?.conflicts ?? []) expect(subject.expect).not.toBe(undefined);
      }),
    );
  });

  test('saying it more strictly never weakens', () => {
    const tightened = fc.tuple(statementLists, fc.nat(), fc.constantFrom(...portExpectations));
    fc.assert(
      fc.property(tightened, ([all, which, value]) => {
        const one = all[which % Math.max(1, all.length)];
        fc.pre(one !== undefined && strictness(value) > strictness(one.subject.expect));
        const after = all.map((each) =>
          each === one ? ({ ...each, subject: { ...each.subject, expect: value } } as Statement) : each,
        );
        expect(strictness(expected(after)?.value)).toBeGreaterThanOrEqual(strictness(expected(all)?.value));
      }),
    );
  });

  test('what is locked can only be tightened', () => {
    fc.assert(
      fc.property(statementLists, (all) => {
        const locked = all
          .filter((one) => one.locked && isAbout(one))
          .map(({ subject }) => strictness(subject.expect));
        expect(strictness(expected(all)?.value)).toBeGreaterThanOrEqual(Math.max(-1, ...locked));
      }),
    );
  });
});

test('hosts are those that statements name, themselves or by a group; others are found by looking', () => {
  const groups = new Map([
    ['10.0.0.1', ['web']],
    ['10.0.0.2', ['db']],
  ]);
  const statements = [
    says(1, { kind: 'group', name: 'web' }, 'allowed'),
    says(2, network('10.0.0.0/8'), 'allowed'),
  ];
  const index = indexTarget({ addressSpaceId: 1, statements, policies: [], groups });
  expect([...index.hosts]).toEqual(['10.0.0.1']);
  const isDeclared = (address: string) => index.about(address, 7, 0).isDeclared;
  expect(['10.0.0.1', '10.0.0.2', '10.0.0.3'].map(isDeclared)).toEqual([true, false, false]);
});

test.each([
  ['says nothing of', undefined, 3600],
  ['shortens', 60, 60],
  ['lifts', 0, undefined],
])('a more specific policy %s how old evidence may be', (_name, own, expected) => {
  const words = { undeclaredPorts: 'drift', undeclaredHosts: 'drift' } as const;
  const narrow = own === undefined ? {} : { staleAfterSeconds: own };
  const policies = [
    { id: 1, selector: { kind: 'all' }, ...words, staleAfterSeconds: 3600 },
    { id: 2, selector: network('10.0.0.0/24'), ...words, ...narrow },
  ] as const;
  const index = indexTarget({ addressSpaceId: 1, statements: [], policies, groups: new Map() });
  expect(index.about('10.0.0.1', 7, 0).policy?.staleAfterSeconds).toBe(expected);
});

test('the more specific policy decides, then the one for the view', () => {
  const lenient = { undeclaredPorts: 'allow', undeclaredHosts: 'allow' } as const;
  const strict = { undeclaredPorts: 'drift', undeclaredHosts: 'ignore' } as const;
  const policies = [
    { id: 1, selector: { kind: 'all' }, ...strict },
    { id: 2, selector: network('10.0.0.0/24'), ...lenient },
    { id: 3, selector: { kind: 'all' }, view: 7, undeclaredPorts: 'ignore', undeclaredHosts: 'ignore' },
  ] as const;
  const index = indexTarget({ addressSpaceId: 1, statements: [], policies, groups: new Map() });
  expect(index.about('10.0.0.1', 7, 0)).toMatchObject(lenient);
  expect(index.about('10.9.0.1', 7, 0)).toMatchObject({ undeclaredPorts: 'ignore' });
  expect(index.about('10.9.0.1', 8, 0)).toMatchObject(strict);
});
