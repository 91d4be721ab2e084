import { describe, expect, test } from 'vitest';
import { formatPortSet } from '../../src/core/endpoint.ts';
import { defaultThresholds } from '../../src/core/fold.ts';
import { comparePositions, contentsAt, cover, foldTimeline } from '../../src/core/timeline.ts';
import { firstDay, lookOf, tell } from './story.ts';

const place = (at: number, digest = 'a') => ({ at, digest });

describe('positions', () => {
  test('are in the order of their times, then of their digests', () => {
    const sorted = [place(1, 'b'), place(2, 'a'), place(2, 'b'), place(3, 'a')];
    expect([...sorted].reverse().sort(comparePositions)).toEqual(sorted);
    expect(comparePositions(place(1), place(1))).toBe(0);
  });
});

describe('the timeline of a host', () => {
  test('is its looks, one after the other', () => {
    const words = ['up 22', 'up', 'up 22 80', 'down'];
    const looks = words.map((look, i) => lookOf(look, { scan: i + 1, at: firstDay + (i + 1) * 86_400_000 }));
    const { state, changes } = foldTimeline(looks, defaultThresholds);
    const story = tell(words);
    expect(state).toEqual(story.state);
    expect(changes.map(({ scan: _, ...change }) => change)).toEqual(story.changes);
    expect(changes.map(({ scan }) => scan)).toEqual([1, 1, 2, 3, 3, 4]);
  });

  test.each([
    ['a complete look covers the host and its ports', ['up'], true, '22,80/tcp'],
    ['a partial one covers nothing', ['partial up'], false, ''],
    ['one without ports covers the host', ['sn up'], true, ''],
    ['one that does not test hosts covers ports', ['Pn up'], false, '22,80/tcp'],
    ['several cover what any of them did', ['narrow Pn up', 'sn down'], true, '22/tcp'],
  ])('%s', (_name, words, host, ports) => {
    const looks = words.map((look, i) => lookOf(look, { scan: i + 1, at: i }));
    const covered = looks.reduce((before, { profile }) => cover(before, profile), {
      host: false,
      ports: [] as ReturnType<typeof cover>['ports'],
    });
    expect([covered.host, formatPortSet(covered.ports)]).toEqual([host, ports]);
  });
});

describe('what each look says', () => {
  const look = (at: number, profile: number) => ({ ...place(at), profile });
  const run = (at: number, profile: number, content: string) => ({ ...place(at), profile, content });

  test('is the run of its own profile that holds at its place', () => {
    const looks = [look(1, 1), look(2, 2), look(3, 1), look(4, 2), look(5, 1)];
    const runs = [run(1, 1, 'a'), run(4, 2, 'b'), run(5, 1, 'c')];
    expect(contentsAt(looks, runs, () => '-')).toEqual(['a', '-', 'a', 'b', 'c']);
  });

  test('is nothing where there is no run yet', () => {
    expect(contentsAt([look(1, 1)], [run(2, 1, 'a')], () => '-')).toEqual(['-']);
  });
});
