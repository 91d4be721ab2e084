import { describe, expect, test } from 'vitest';
import { readRange } from '../../src/core/address-set.ts';
import { portKey } from '../../src/core/endpoint.ts';
import { indexTarget } from '../../src/core/expectation.ts';
import {
  isInForce,
  type PortExpectation,
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
