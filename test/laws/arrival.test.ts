import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { absentContent, encodeContent } from '../../src/core/content.ts';
import { correctLog, type HistoryRun, type LiveEntry, refold, runsToInsert } from '../../src/core/refold.ts';
import type { Profile } from '../../src/core/scope.ts';
import { encodeState } from '../../src/core/state.ts';
import { comparePositions, contentsAt, foldTimeline } from '../../src/core/timeline.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { lookOf, looksAt, type PlannedLook, scanNumber, told } from './core-looks.ts';
import { addresses, histories, repetitiveHistories, type ScanPlan, thresholds } from './world.ts';

const numRuns = propertyRuns(1000);
const anyHistory = fc.oneof(histories({ maxLength: 8 }), repetitiveHistories({ maxLength: 12 }));
const address = fc.constantFrom(...addresses);

/** What is stored of one host: looks, and runs where the words of a profile change. */
interface Shelf {
  readonly looks: readonly (PlannedLook & { readonly number: number })[];
  readonly runs: readonly (HistoryRun & { readonly text: string })[];
  readonly profiles: ReadonlyMap<number, Profile>;
}

const empty: Shelf = { looks: [], runs: [], profiles: new Map() };

function put(shelf: Shelf, look: PlannedLook): Shelf {
  const number = numberOf(shelf, look.profile);
  const own = { ...look, number };
  const text = textOf(look);
  const { atLook, after } = runsToInsert(
    { at: look.at, digest: look.digest, profile: number, content: text },
    {
      runs: shelf.runs
        .filter(({ profile }) => profile === number)
        .map((run) => ({ ...run, content: run.text })),
      looks: shelf.looks.filter((other) => other.number === number),
    },
    { absent: '', isSame: (a, b) => a === b },
  );
  const next = shelf.looks.find((other) => after !== undefined && comparePositions(other, after.place) === 0);
  const added = [
    ...(atLook ? [runOf(own, text, shelf)] : []),
    ...(after !== undefined && next !== undefined ? [runOf(next, after.content, shelf)] : []),
  ];
  return {
    looks: [...shelf.looks, own].sort(comparePositions),
    runs: [...shelf.runs, ...added].sort(comparePositions),
    profiles: new Map(shelf.profiles).set(number, look.profile),
  };
}

function numberOf({ profiles }: Shelf, profile: Profile): number {
  const text = JSON.stringify(profile);
  for (const [number, other] of profiles) if (JSON.stringify(other) === text) return number;
  return profiles.size + 1;
}

/** A covered host that is not listed needs no words. */
function textOf({ content, profile }: PlannedLook): string {
  const text = encodeContent(content);
  return text === encodeContent(absentContent(profile)) ? '' : text;
}

function runOf(look: Shelf['looks'][number], text: string, { looks, runs }: Shelf) {
  const { at, digest, scan, number } = look;
  const said = [...looks, look].find((other) => other.number === number && textOf(other) === text);
  const known = runs.find((run) => run.text === text && run.profile === number);
  return {
    at,
    digest,
    scan,
    profile: number,
    text,
    content: text === '' ? undefined : (known?.content ?? said?.content),
  };
}

function arrive(scans: readonly ScanPlan[], host: string): Shelf[] {
  const shelves: Shelf[] = [];
  let shelf = empty;
  for (const plan of scans) {
    const look = lookOf(plan, host);
    if (look !== undefined) shelf = put(shelf, look);
    shelves.push(shelf);
  }
  return shelves;
}

describe('law 4: histories that arrive in any order', () => {
  test('say of every look what its report said', () => {
    fc.assert(
      fc.property(anyHistory, address, (scans, host) => {
        for (const { looks, runs } of arrive(scans, host)) {
          const numbered = looks.map(({ at, digest, number: profile }) => ({ at, digest, profile }));
          const texts = runs.map((run) => ({ ...run, content: run.text }));
          expect(contentsAt(numbered, texts, () => '')).toEqual(looks.map(textOf));
        }
      }),
      { numRuns },
    );
  });

  test('have a run only where the words change', () => {
    fc.assert(
      fc.property(anyHistory, address, (scans, host) => {
        const { looks, runs } =
          arrive(
            [...scans].sort((a, b) => comparePositions(place(a), place(b))),
            host,
          ).at(-1) ?? empty;
        const last = new Map<number, string>();
        const expected = looks.flatMap((look) => {
          const text = textOf(look);
          const isNew = (last.get(look.number) ?? '') !== text;
          last.set(look.number, text);
          return isNew ? [look.scan] : [];
        });
        expect(runs.map(({ scan }) => scan)).toEqual(expected);
      }),
      { numRuns },
    );
  });

  test('fold to the same state and the same changes', () => {
    fc.assert(
      fc.property(anyHistory, address, thresholds, (scans, host, limits) => {
        const { looks, runs, profiles } = arrive(scans, host).at(-1) ?? empty;
        const numbered = looks.map(({ at, digest, scan, number: profile }) => ({
          at,
          digest,
          scan,
          profile,
        }));
        const again = refold({ looks: numbered, runs, profiles, absent: absentContent }, limits);
        const once = foldTimeline(looksAt(scans, host), limits);
        expect(encodeState(again.state)).toBe(encodeState(once.state));
        expect(told(again.changes)).toEqual(told(once.changes));
      }),
      { numRuns },
    );
  });

  test('correct the log to what it would have been, and take nothing back that still holds', () => {
    fc.assert(
      fc.property(anyHistory, address, thresholds, (scans, host, limits) => {
        let live: LiveEntry[] = [];
        for (let count = 1; count <= scans.length; count += 1) {
          const { changes } = foldTimeline(looksAt(scans.slice(0, count), host), limits);
          const { retract, append } = correctLog(live, changes);
          const kept = live.filter((entry) => !retract.includes(entry));
          live = [...kept, ...append.map((change) => ({ change, sequence: count }))];
          expect(told(live.map(({ change }) => change))).toEqual(told(changes));
          const taken = new Set(told(retract.map(({ change }) => change)));
          expect(told(append).filter((text) => taken.has(text))).toEqual([]);
        }
      }),
      { numRuns },
    );
  });
});

function place(plan: ScanPlan) {
  return { at: plan.time, digest: plan.digest, scan: scanNumber(plan) };
}
