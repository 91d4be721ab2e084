import { describe, expect, test } from 'vitest';
import { changesOfRow, rowsOfChanges } from '../../src/core/entry.ts';
import { firstDay, tell } from './story.ts';

describe('a row of the change log', () => {
  test('holds all entries of one kind that one scan brought to one host', () => {
    const rows = rowsOfChanges(tell(['up 22 80']).changes);
    expect(rows.map(({ kind, ports, baseline }) => [kind, ports, baseline])).toEqual([
      [1, null, true],
      [8, [22, 80], true],
    ]);
  });

  test('does not mix first observations with news, or counts', () => {
    const { changes } = tell(['narrow up', 'up 22 80']);
    const rows = rowsOfChanges(changes.slice(1));
    expect(rows.map(({ ports, baseline }) => [ports, baseline])).toEqual([
      [[22], false],
      [[80], true],
    ]);
  });

  test('has no facts where kind and ports say it all', () => {
    const [, opened] = rowsOfChanges(tell(['up 22']).changes);
    expect(opened?.facts).toBeNull();
  });

  test.each([
    ['a new host', ['up as a,b']],
    ['a new host whose names were not looked up', ['n up']],
    ['a host that goes and comes', ['up', 'down', 'up']],
    ['names that come, change and go', ['n up', 'up as a', 'up as b', 'up']],
    ['ports', ['up 22', 'up', 'up 22 80']],
    ['ports with services', ['up 22=nginx/1 80', 'up 22=nginx/2 80=http', 'up', 'up 22 80=nginx/3']],
    ['services that are first probed', ['up 22=http 80', 'up 22=nginx/1 80=nginx/1']],
  ])('gives its entries back: %s', (_name, words) => {
    const { changes } = tell(words);
    const observed = changes.map((change, i) => (i % 2 ? change : { ...change, observedAt: change.at - 1 }));
    const restored = rowsOfChanges(observed).flatMap(changesOfRow);
    expect(restored).toHaveLength(observed.length);
    for (const change of observed) expect(restored).toContainEqual(change);
  });
});

describe('an entry', () => {
  test('says what was before and after, and when', () => {
    const { changes } = tell(['up 22=nginx/1 as a', 'up as b', 'down']);
    const nginx = { product: 'nginx', version: '1', probed: true };
    const day = (n: number) => firstDay + n * 86_400_000;
    const common = { confirmations: 1 };
    expect(changes).toEqual([
      { ...common, kind: 'host_new', after: { state: 'up', names: ['a'] }, baseline: true, at: day(1) },
      {
        ...common,
        kind: 'port_opened',
        port: 22,
        after: { state: 'open', service: nginx },
        baseline: true,
        at: day(1),
      },
      {
        ...common,
        kind: 'name_changed',
        before: { names: ['a'] },
        after: { names: ['b'] },
        baseline: false,
        at: day(2),
      },
      {
        ...common,
        kind: 'port_closed',
        port: 22,
        before: { state: 'open', service: nginx },
        after: { state: 'not_open' },
        baseline: false,
        at: day(2),
      },
      {
        ...common,
        kind: 'host_gone',
        before: { state: 'up' },
        after: { state: 'gone' },
        baseline: false,
        at: day(3),
      },
    ]);
  });
});
