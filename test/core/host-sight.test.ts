import { describe, expect, test } from 'vitest';
import { defaultThresholds } from '../../src/core/fold.ts';
import { sightOf, staleAt } from '../../src/core/host-sight.ts';
import type { Profile } from '../../src/core/scope.ts';
import { type EndpointState, type HostState, unseenHost } from '../../src/core/state.ts';
import type { Evidence, LatestLook } from '../../src/core/views.ts';

const complete: Profile = {
  ports: [{ first: 1, last: 100 }],
  names: true,
  status: true,
  complete: true,
  absent: 'down',
};
const partial: Profile = { ...complete, ports: [], complete: false };
const narrow: Profile = { ...complete, ports: [{ first: 80, last: 80 }] };
const up: HostState = { ...unseenHost, status: 'up', at: 10, scan: 1, firstSeen: { at: 10, scan: 1 } };
const gone: HostState = { ...up, status: 'gone', at: 30, scan: 3 };
const open: EndpointState = { open: true, everOpen: true, at: 10, scan: 1 };
const shut: EndpointState = { open: false, everOpen: true, at: 20, scan: 2 };

function look(profile: Profile, at = 40): LatestLook {
  return { at, digest: 'd', scan: 4, profileId: 1, profile };
}

function says(state: HostState | undefined, ...looks: readonly LatestLook[]): Evidence {
  return { scannerId: 1, thresholds: defaultThresholds, state, looks };
}

const withPort = (endpoint: EndpointState): HostState => ({ ...up, endpoints: new Map([[22, endpoint]]) });
const terms = { freshSince: undefined, windowMs: 5 };

describe('a host, to a view', () => {
  test.each([
    ['that nobody looks from', [], 'never_scanned'],
    ['of one scanner that never looked', [says(undefined)], 'never_scanned'],
    ['that one saw up', [says(up, look(complete))], 'up'],
    ['that one saw go', [says(gone, look(complete))], 'not_up'],
    ['that one covered and never found', [says(undefined, look(complete))], 'not_up'],
    ['of which only a partial scan was made', [says(undefined, look(partial))], 'scan_partial'],
    ['that one sees up and another not', [says(up, look(complete)), says(gone, look(complete))], 'up'],
  ] as const)('%s, is %s', (_name, evidence, status) => {
    expect(sightOf(evidence, terms).host).toBe(status);
  });
});

describe('a port, to a view', () => {
  const seen = (evidence: readonly Evidence[], freshSince?: number) =>
    sightOf(evidence, { ...terms, freshSince }).port(22);

  test.each([
    ['open to one scanner', [says(withPort(open), look(complete))], { verdict: 'open' }],
    ['shut to one scanner', [says(withPort(shut), look(complete))], { verdict: 'not_open' }],
    ['that nobody lists on a host that is up', [says(up, look(complete))], { verdict: 'not_open' }],
    ['out of scope', [says(up, look(narrow))], { verdict: 'unknown', reason: 'port_not_in_scope' }],
    ['on a host that went', [says(gone, look(complete))], { verdict: 'unknown', reason: 'host_gone' }],
    ['that nobody looked at', [], { verdict: 'unknown', reason: 'never_scanned' }],
  ] as const)('%s', (_name, evidence, sight) => {
    expect(seen(evidence)).toEqual(sight);
  });

  test('is open if it is open to anybody; who looked at about the same time and says no disputes it', () => {
    const yes = says(withPort(open), look(complete, 40));
    const no = (at: number) => says(withPort({ ...shut, at }), look(complete, at));
    expect(seen([yes, no(45)])).toEqual({ verdict: 'open', isContested: true, isDisputed: true });
    expect(seen([yes, no(46)])).toEqual({ verdict: 'open', isContested: true, isDisputed: false });
    expect(seen([yes, no(34)], 35)).toEqual({ verdict: 'open' });
  });

  test('is what fresh evidence says; with nothing fresh it is stale', () => {
    const old = says(withPort(open), look(complete, 40));
    expect(seen([old], 40)).toEqual({ verdict: 'open' });
    expect(seen([old], 41)).toEqual({ verdict: 'unknown', reason: 'stale' });
    expect(seen([old, says(withPort(shut), look(complete, 60))], 50)).toEqual({ verdict: 'not_open' });
  });
});

test('evidence gets stale one instant after its age, the earliest of what is still fresh', () => {
  const evidence = [says(withPort(open), look(complete, 40)), says(undefined, look(complete, 70))];
  expect(staleAt(evidence, 100, 0)).toBe(111);
  expect(staleAt(evidence, 100, 111)).toBe(141);
  expect(staleAt(evidence, 100, 171)).toBeUndefined();
  expect(staleAt([], 100, 0)).toBeUndefined();
});
