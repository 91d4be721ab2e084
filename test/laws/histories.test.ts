import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import { encodeContent } from '../../src/core/content.ts';
import { holdsPort, type PortKey } from '../../src/core/endpoint.ts';
import { changesOfRow, rowsOfChanges } from '../../src/core/entry.ts';
import { type CoveredBefore, fold, type HostLook, type Thresholds } from '../../src/core/fold.ts';
import { loggedFactsOf, replay } from '../../src/core/replay.ts';
import { decodeState, encodeState, type HostState, type Streak, unseenHost } from '../../src/core/state.ts';
import { cover, foldTimeline } from '../../src/core/timeline.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { foldedAt, lookOf, looksAt } from './core-looks.ts';
import { addresses, histories, inOrder, plain, repetitiveHistories, thresholds } from './world.ts';

const numRuns = propertyRuns(1000);
const anyHistory = fc.oneof(histories({ maxLength: 10 }), repetitiveHistories({ maxLength: 14 }));
const address = fc.constantFrom(...addresses);

interface Step {
  readonly look: HostLook;
  readonly before: HostState;
  readonly after: HostState;
  readonly changes: readonly Change[];
}

/** The history of one host, look by look. */
function stepsOf(looks: readonly HostLook[], limits: Thresholds): Step[] {
  let state = unseenHost;
  let covered: CoveredBefore = { host: false, ports: [] };
  return looks.map((look) => {
    const before = state;
    const folded = fold(state, { look, before: covered, thresholds: limits });
    state = folded.state;
    covered = cover(covered, look.profile);
    return { look, before, after: state, changes: folded.changes };
  });
}

describe('law 1: replaying the change log', () => {
  test('gives the settled state', () => {
    fc.assert(
      fc.property(anyHistory, address, thresholds, (scans, host, limits) => {
        const { state, changes } = foldedAt(scans, host, limits);
        expect(replay(changes)).toEqual(loggedFactsOf(state));
      }),
      { numRuns },
    );
  });

  test('gives it also from the rows of the log', () => {
    fc.assert(
      fc.property(anyHistory, address, thresholds, (scans, host, limits) => {
        for (const { changes } of stepsOf(looksAt(scans, host), limits)) {
          const stored = rowsOfChanges(changes).flatMap(changesOfRow);
          expect(stored).toHaveLength(changes.length);
          for (const change of changes) expect(stored).toContainEqual(change);
        }
      }),
      { numRuns },
    );
  });
});

describe('law 4: the order of arrival', () => {
  test('is forgotten: one look at a time on the stored text of a state equals the whole history', () => {
    fc.assert(
      fc.property(anyHistory, address, thresholds, (scans, host, limits) => {
        const looks = looksAt(scans, host);
        let text = encodeState(unseenHost);
        let covered: CoveredBefore = { host: false, ports: [] };
        for (const look of looks) {
          const { state } = fold(decodeState(text), { look, before: covered, thresholds: limits });
          text = encodeState(state);
          covered = cover(covered, look.profile);
        }
        expect(text).toBe(encodeState(foldTimeline(looks, limits).state));
      }),
      { numRuns },
    );
  });

  test('does not matter between ports that are listed and ports that are counted', () => {
    fc.assert(
      fc.property(anyHistory, address, (scans, host) => {
        const texts = (presentation: 'collapsed' | 'listed') =>
          looksAt(scans, host, presentation).map(({ content }) => encodeContent(content));
        expect(texts('listed')).toEqual(texts('collapsed'));
      }),
      { numRuns },
    );
  });
});

describe('law 6: nothing outside the scope of a scan changes', () => {
  test('neither an endpoint nor what is being counted about it', () => {
    fc.assert(
      fc.property(anyHistory, address, thresholds, (scans, host, limits) => {
        for (const { look, before, after } of stepsOf(looksAt(scans, host), limits)) {
          const isOutside = (port: PortKey) =>
            !holdsPort(look.profile.ports, port) && !holdsPort(look.content.open, port);
          const outside = ({ endpoints }: HostState) => [...endpoints].filter(([port]) => isOutside(port));
          expect(outside(after)).toEqual(outside(before));
        }
      }),
      { numRuns },
    );
  });

  test('and a host outside has no look at all', () => {
    fc.assert(
      fc.property(anyHistory, address, (scans, host) => {
        for (const plan of scans) {
          if (plan.addresses?.includes(host) !== false) continue;
          expect(lookOf(plan, host)).toBeUndefined();
        }
      }),
      { numRuns },
    );
  });
});

describe('law 7: a partial scan', () => {
  const partialSteps = (looks: readonly HostLook[], limits: Thresholds) =>
    stepsOf(looks, limits).filter(({ look }) => !look.profile.complete);

  test('closes nothing, marks no host as gone and takes no names away', () => {
    fc.assert(
      fc.property(anyHistory, address, thresholds, (scans, host, limits) => {
        for (const { before, after, changes } of partialSteps(looksAt(scans, host), limits)) {
          const kinds = changes.map(({ kind }) => kind);
          expect(kinds).not.toContain('host_gone');
          expect(kinds).not.toContain('port_closed');
          expect(before.names.length === 0 || after.names.length > 0).toBe(true);
        }
      }),
      { numRuns },
    );
  });

  test('counts towards none of that either', () => {
    const counted = (state: { streak?: Streak } | undefined) => state?.streak?.count ?? 0;
    fc.assert(
      fc.property(anyHistory, address, thresholds, (scans, host, limits) => {
        for (const { before, after } of partialSteps(looksAt(scans, host), limits)) {
          if (before.status === 'up') expect(counted(after)).toBeLessThanOrEqual(counted(before));
          expect(after.failedLookups).toBeLessThanOrEqual(before.failedLookups);
          for (const [port, endpoint] of before.endpoints) {
            if (!endpoint.open) continue;
            expect(counted(after.endpoints.get(port))).toBeLessThanOrEqual(counted(endpoint));
          }
        }
      }),
      { numRuns },
    );
  });
});

describe('law 8: the log of one key', () => {
  const shape = {
    host: /^(host_new (host_gone host_returned )*(host_gone )?)?$/,
    port: /^(port_opened (port_closed port_(re)?opened )*(port_closed )?)?$/,
  };

  test('begins with new or opened, and then goes to and fro', () => {
    fc.assert(
      fc.property(anyHistory, address, thresholds, (scans, host, limits) => {
        const { changes } = foldedAt(scans, host, limits);
        const logs = new Map<PortKey | undefined, string>([[undefined, '']]);
        for (const { kind, port } of changes) {
          if (kind === 'name_changed' || kind === 'service_changed') continue;
          logs.set(port, `${logs.get(port) ?? ''}${kind} `);
        }
        for (const [port, log] of logs) expect(log).toMatch(port === undefined ? shape.host : shape.port);
        expect(logs.size === 1 || logs.get(undefined) !== '').toBe(true); // A port is open on a host that was up.
      }),
      { numRuns },
    );
  });
});

describe('laws 9 and 10: the entries of one scan', () => {
  test('are none exactly where the facts are the same, and lead from the one to the other', () => {
    fc.assert(
      fc.property(anyHistory, address, thresholds, (scans, host, limits) => {
        for (const { before, after, changes } of stepsOf(looksAt(scans, host), limits)) {
          const [old, now] = [loggedFactsOf(before), loggedFactsOf(after)];
          expect(replay(changes, old)).toEqual(now);
          if (changes.length > 0) expect(now).not.toEqual(old);
        }
      }),
      { numRuns },
    );
  });
});

describe('law 11: thresholds', () => {
  test('of one are the plain comparison with the last look that says anything', () => {
    fc.assert(
      fc.property(anyHistory, address, (scans, host) => {
        for (const { look, after } of stepsOf(looksAt(scans, host), plain)) {
          expect(after.streak).toBeUndefined();
          if (look.content.status === 'up') expect(after.status).toBe('up');
          for (const [port, endpoint] of after.endpoints) {
            expect(endpoint.streak).toBeUndefined();
            if (holdsPort(look.content.open, port) && after.status === 'up' && look.content.status !== 'down')
              expect(endpoint.open).toBe(true);
          }
        }
      }),
      { numRuns },
    );
  });

  test('say in each entry how many looks it took; with fewer there is none', () => {
    fc.assert(
      fc.property(anyHistory, address, thresholds, (scans, host, limits) => {
        const needed = {
          host_new: limits.backAfterScans,
          host_returned: limits.backAfterScans,
          host_gone: limits.goneAfterScans,
          port_opened: limits.openAfterScans,
          port_reopened: limits.openAfterScans,
          port_closed: limits.closedAfterScans,
        };
        for (const { kind, baseline, confirmations } of foldedAt(scans, host, limits).changes) {
          if (kind === 'name_changed' || kind === 'service_changed') continue;
          expect(confirmations).toBe(baseline ? 1 : needed[kind]);
        }
      }),
      { numRuns },
    );
  });
});

describe('law 14: the state at a time', () => {
  test('is what the log says up to then', () => {
    fc.assert(
      fc.property(anyHistory, address, thresholds, fc.nat(12), (scans, host, limits, time) => {
        const { changes } = foldedAt(scans, host, limits);
        const until = inOrder(scans).filter((plan) => plan.time <= time);
        const wanted = new Set(until.map(({ digest }) => Number(digest.slice(1)) + 1));
        const { state } = foldedAt(until, host, limits);
        expect(replay(changes.filter(({ scan }) => wanted.has(scan)))).toEqual(loggedFactsOf(state));
      }),
      { numRuns },
    );
  });
});
