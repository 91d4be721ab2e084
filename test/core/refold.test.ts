import { describe, expect, test } from 'vitest';
import { byScan, correctLog, runsToInsert } from '../../src/core/refold.ts';
import type { ScanChange } from '../../src/core/timeline.ts';
import { tell } from './story.ts';

const place = (at: number) => ({ at, digest: `${at}` });
const run = (at: number, content: string) => ({ ...place(at), content });

describe('a look that comes in between', () => {
  /** Runs and looks of one profile before; the new look; the runs that are needed. */
  test.each<
    [string, [number, string][], number[], [number, string], ReturnType<typeof runsToInsert<string>>]
  >([
    ['needs no run where it says what held', [[1, 'a']], [1, 3], [2, 'a'], { atLook: false }],
    [
      'needs a run of its own where it says something else, and one for what came next',
      [[1, 'a']],
      [1, 3],
      [2, 'b'],
      { atLook: true, after: { place: place(3), content: 'a' } },
    ],
    [
      'needs none for a next one that has a run',
      [
        [1, 'a'],
        [3, 'c'],
      ],
      [1, 3],
      [2, 'b'],
      { atLook: true },
    ],
    ['needs only its own at the end', [[1, 'a']], [1], [2, 'b'], { atLook: true }],
    ['needs none at the beginning where it finds nothing', [[3, 'a']], [3], [2, ''], { atLook: false }],
    [
      'lets what came next find nothing, where that had no run',
      [[5, 'a']],
      [3, 5],
      [2, 'b'],
      { atLook: true, after: { place: place(3), content: '' } },
    ],
    [
      'needs one to find nothing where something held',
      [[1, 'a']],
      [1, 3],
      [2, ''],
      { atLook: true, after: { place: place(3), content: 'a' } },
    ],
  ])('%s', (_name, runs, looks, [at, content], expected) => {
    const existing = { runs: runs.map(([time, text]) => run(time, text)), looks: looks.map(place) };
    const insert = runsToInsert({ ...place(at), profile: 1, content }, existing, {
      absent: '',
      isSame: (a, b) => a === b,
    });
    expect(insert).toEqual(expected);
  });
});

describe('the correction of a log', () => {
  const changes = (words: readonly string[]): ScanChange[] =>
    tell(words).changes.map((change) => ({ ...change, scan: change.at }));
  const live = (all: readonly ScanChange[]) => all.map((change, sequence) => ({ sequence, change }));
  const kinds = (all: readonly { kind: string }[]) => all.map(({ kind }) => kind);

  test('of one that is right is nothing', () => {
    const all = changes(['up 22', 'up', 'up 22']);
    expect(correctLog(live(all), all)).toEqual({ retract: [], append: [] });
  });

  test('takes back what no longer holds, and adds what does', () => {
    const [before, after] = [changes(['up 22', 'up']), changes(['up 22', 'up 22 80'])];
    const { retract, append } = correctLog(live(before), after);
    expect(kinds(retract.map(({ change }) => change))).toEqual(['port_closed']);
    expect(kinds(append)).toEqual(['port_opened']);
  });

  test('takes everything back where nothing is left', () => {
    const all = changes(['up 22']);
    expect(correctLog(live(all), []).retract).toHaveLength(2);
  });

  test('tells entries apart by their scan, baseline, count and facts', () => {
    const [first] = changes(['up as a']);
    if (first === undefined) throw new Error('a host is new');
    for (const other of [
      { ...first, scan: 7 },
      { ...first, baseline: false },
      { ...first, confirmations: 2 },
      { ...first, after: { state: 'up', names: ['b'] } as const },
    ]) {
      expect(correctLog(live([first]), [other])).toMatchObject({
        retract: [{ sequence: 0 }],
        append: [other],
      });
    }
  });

  test('does not for the time at which the host was done, which is not always stored', () => {
    const [first] = changes(['up']);
    if (first === undefined) throw new Error('a host is new');
    expect(correctLog(live([{ ...first, observedAt: 5 }]), [first])).toEqual({ retract: [], append: [] });
  });
});

test('changes are grouped by the scan that decided them', () => {
  const all = tell(['up 22', 'up']).changes.map((change) => ({ ...change, scan: change.at }));
  expect([...byScan(all).values()].map((group) => group.map(({ kind }) => kind))).toEqual([
    ['host_new', 'port_opened'],
    ['port_closed'],
  ]);
});
