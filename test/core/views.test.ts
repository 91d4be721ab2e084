import { describe, expect, test } from 'vitest';
import { agree } from '../../src/core/agreement.ts';
import type { HostContent } from '../../src/core/content.ts';
import { defaultThresholds } from '../../src/core/fold.ts';
import type { EndpointVerdict } from '../../src/core/model.ts';
import type { Profile } from '../../src/core/scope.ts';
import { type EndpointState, type HostState, unseenHost } from '../../src/core/state.ts';
import {
  type Evidence,
  type LatestLook,
  needsContent,
  viewEndpoint,
  viewHost,
} from '../../src/core/views.ts';

const complete: Profile = {
  ports: [{ first: 1, last: 100 }],
  names: true,
  status: true,
  complete: true,
  absent: 'down',
};
const partial: Profile = { ...complete, complete: false };
const up: HostState = { ...unseenHost, status: 'up', at: 10, scan: 1, firstSeen: { at: 10, scan: 1 } };
const gone: HostState = { ...up, status: 'gone', at: 30, scan: 3 };
const open: EndpointState = { open: true, everOpen: true, at: 10, scan: 1 };
const closed: EndpointState = { open: false, everOpen: true, at: 20, scan: 2, closedAt: 20 };
const silent: HostContent = {
  status: 'up',
  open: [],
  shut: [],
  usual: { tcp: 'open|filtered' },
  services: new Map(),
};

function look(profile: Profile, content?: HostContent): LatestLook {
  return {
    at: 40,
    digest: 'd',
    scan: 4,
    profileId: 1,
    profile,
    ...(content === undefined ? {} : { content }),
  };
}

function evidence(state: HostState | undefined, looks: readonly LatestLook[]): Evidence {
  const thresholds = { ...defaultThresholds, closedAfterScans: 3, openAfterScans: 2, goneAfterScans: 4 };
  return { scannerId: 7, thresholds, state, looks };
}

function withPort(state: HostState, endpoint: EndpointState): HostState {
  return { ...state, endpoints: new Map([[22, endpoint]]) };
}

describe('one scanner on one endpoint', () => {
  const streak = { count: 1, since: 35 };
  test.each<[string, HostState | undefined, readonly LatestLook[], object]>([
    ['an open port is open', withPort(up, open), [look(complete)], { verdict: 'open', lastVerifiedAt: 40 }],
    [
      'an open port with contrary looks is open and pending',
      withPort(up, { ...open, streak }),
      [look(complete)],
      { verdict: 'open', pending: { count: 1, needed: 3, since: 35 } },
    ],
    [
      'a port that is about to open is not open and pending, and has no date',
      withPort(up, { ...closed, everOpen: false, streak }),
      [look(complete)],
      { verdict: 'not_open', pending: { count: 1, needed: 2, since: 35 }, since: undefined },
    ],
    [
      'a closed port is not open since it closed',
      withPort(up, closed),
      [look(complete)],
      { verdict: 'not_open', since: { at: 20, scan: 2 }, closedAt: 20 },
    ],
    [
      'a port of a host that is gone is unknown since then',
      withPort(gone, open),
      [look(complete)],
      { verdict: 'unknown', unknownReason: 'host_gone', since: { at: 30, scan: 3 } },
    ],
    [
      'a covered port of a host that is up is not open',
      up,
      [look(complete, shut())],
      { verdict: 'not_open' },
    ],
    [
      'a covered port of an address without a host is not open',
      undefined,
      [look(complete)],
      { verdict: 'not_open' },
    ],
    [
      'a port that only ever kept silent is inconclusive',
      up,
      [look(complete, silent)],
      { verdict: 'unknown', unknownReason: 'inconclusive', lastVerifiedAt: 40 },
    ],
    [
      'a port that one profile found closed is not open, whatever another could not tell',
      up,
      [look(complete, silent), look(complete, shut())],
      { verdict: 'not_open' },
    ],
    [
      'a port of a host that the tool gave up on is unknown',
      up,
      [look(complete, { ...silent, usual: {} })],
      { verdict: 'unknown', unknownReason: 'scan_partial' },
    ],
    [
      'a partial scan verifies nothing',
      withPort(up, open),
      [look(partial)],
      { verdict: 'open', lastVerifiedAt: undefined },
    ],
    [
      'a partial scan closes nothing',
      up,
      [look(partial)],
      { verdict: 'unknown', unknownReason: 'scan_partial' },
    ],
    [
      'a port outside of all scopes is unknown',
      up,
      [look({ ...complete, ports: [{ first: 80, last: 80 }] })],
      { verdict: 'unknown', unknownReason: 'port_not_in_scope', lastVerifiedAt: undefined },
    ],
    ['an address that nobody looked at is unknown', undefined, [], { unknownReason: 'never_scanned' }],
  ])('%s', (_name, state, looks, expected) => {
    const { since, lastVerifiedAt, ...rest } = viewEndpoint(22, evidence(state, looks));
    expect({ ...rest, since, lastVerifiedAt, scannerId: 7 }).toMatchObject(expected);
  });

  test('the words of the looks are needed only where the state does not say it and a complete scan covered it', () => {
    expect(needsContent(22, evidence(withPort(up, open), [look(complete)]))).toBe(false);
    expect(needsContent(22, evidence(gone, [look(complete)]))).toBe(false);
    expect(needsContent(22, evidence(up, [look(partial)]))).toBe(false);
    expect(needsContent(22, evidence(up, [look(complete)]))).toBe(true);
    expect(needsContent(22, evidence(undefined, [look(complete)]))).toBe(true);
  });
});

describe('one scanner on one host', () => {
  test.each<[string, HostState, readonly LatestLook[], object]>([
    ['a host that was never up is down', { ...unseenHost, at: 5, scan: 1 }, [], { status: 'down' }],
    [
      'contrary looks are counted against what is needed for the other status',
      { ...up, streak: { count: 2, since: 20 } },
      [],
      { status: 'up', pending: { count: 2, needed: 4, since: 20 } },
    ],
    [
      'a complete look verifies it',
      up,
      [look(complete), { ...look(complete), at: 60 }],
      { lastVerifiedAt: 60 },
    ],
    ['a partial look verifies nothing', up, [look(partial)], { lastVerifiedAt: undefined }],
    [
      'a look that asks nobody for a sign of life verifies nothing',
      up,
      [look({ ...complete, status: false })],
      {
        lastVerifiedAt: undefined,
      },
    ],
  ])('%s', (_name, state, looks, expected) => {
    const { lastVerifiedAt, ...rest } = viewHost(state, evidence(state, looks));
    expect({ ...rest, lastVerifiedAt }).toMatchObject(expected);
  });
});

describe('several views', () => {
  test.each<[readonly EndpointVerdict[], EndpointVerdict]>([
    [[], 'unknown'],
    [['unknown'], 'unknown'],
    [['unknown', 'not_open'], 'not_open'],
    [['not_open', 'open', 'unknown'], 'open'],
  ])('%j together are %s', (verdicts, together) => {
    expect(agree(verdicts)).toBe(together);
  });
});

function shut(): HostContent {
  return { ...silent, usual: { tcp: 'closed' } };
}
