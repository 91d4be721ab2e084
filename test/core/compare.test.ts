import { describe, expect, test } from 'vitest';
import { compareSights, hostChangeOf, isComparable, isDifferent } from '../../src/core/compare.ts';
import { absentContent, contentOf } from '../../src/core/content.ts';
import { linesOf, noDifferences } from '../../src/core/difference-lines.ts';
import { type PortSet, readPortSet } from '../../src/core/endpoint.ts';
import type { HostSight } from '../../src/core/host-facts.ts';
import type { HostObservation, PortObservation, RawState, Service } from '../../src/core/observation.ts';
import type { Profile } from '../../src/core/scope.ts';
import { partialProfile } from '../../src/core/scope-resolution.ts';

const address = '10.0.0.1';

function portsOf(text: string): PortSet {
  const reading = readPortSet(text);
  if (!reading.ok) throw new Error(reading.reason);
  return reading.ports;
}

function port(number: number, state: RawState, service?: Service): PortObservation {
  return { port: number, state, ...(service === undefined ? {} : { service }) };
}

const whole: Profile = {
  ports: portsOf('1-100/tcp'),
  names: true,
  status: true,
  complete: true,
  absent: 'down',
};

function sight(host: Partial<HostObservation>, profile = whole): HostSight {
  const known: HostObservation = {
    address,
    status: 'up',
    names: ['a.example'],
    ports: [],
    collapsed: [{ state: 'closed', count: 100 }],
    timedOut: false,
    ...host,
  };
  return { content: contentOf(known, profile), profile };
}

const absent: HostSight = { content: absentContent(whole), profile: whole };
const openOnly: Profile = { ...whole, absent: 'nothing_open' };
const ssh = (version: string): Service => ({ name: 'ssh', product: 'OpenSSH', version, probed: true });

/** The differences as people read them. */
function told(before: HostSight | undefined, after: HostSight | undefined): string[] {
  const difference = compareSights(address, before, after);
  if (difference === undefined) return [];
  return linesOf(difference, noDifferences()).map(
    ({ symbol, subject, ports = '', before: from, after: to, detail = '' }) =>
      [symbol, subject, ports, `${from} -> ${to}`, detail].filter((part) => part !== '').join(' '),
  );
}

describe('comparing one host', () => {
  test.each<[string, HostSight | undefined, HostSight | undefined, string[]]>([
    ['equal facts have no difference', sight({}), sight({}), []],
    [
      'a listed port in the collapsed state is no difference',
      sight({ ports: [port(22, 'closed')], collapsed: [{ state: 'closed', count: 99 }] }),
      sight({}),
      [],
    ],
    [
      'a port that opens is new',
      sight({}),
      sight({ ports: [port(22, 'open')] }),
      ['+ port 22/tcp closed -> open'],
    ],
    [
      'a port that closes is gone, with its raw state',
      sight({ ports: [port(22, 'open')] }),
      sight({ ports: [port(22, 'filtered')] }),
      ['- port 22/tcp open -> filtered'],
    ],
    [
      'states that are not open differ in words',
      sight({}),
      sight({ collapsed: [{ state: 'filtered', count: 100 }] }),
      ['~ port 1-100/tcp closed -> filtered'],
    ],
    [
      'what is not known to be closed is not held against it',
      sight({
        collapsed: [
          { state: 'closed', count: 60 },
          { state: 'filtered', count: 40 },
        ],
      }),
      sight({}),
      [],
    ],
    [
      'an open port that the other side did not look at is not comparable',
      sight({ ports: [port(22, 'open')] }),
      sight({}, { ...whole, ports: portsOf('80/tcp') }),
      ['? port 22/tcp open -> not looked at'],
    ],
    [
      'a partial scan closes nothing',
      sight({ ports: [port(22, 'open')] }),
      sight({}, partialProfile(whole)),
      ['? port 22/tcp open -> not looked at'],
    ],
    [
      'a partial scan still shows what is open',
      sight({}),
      sight({ ports: [port(22, 'open')] }, partialProfile(whole)),
      ['+ port 22/tcp closed -> open'],
    ],
    [
      'a changed name is one difference of one host',
      sight({}),
      sight({ names: ['b.example'] }),
      ['~ names a.example -> b.example'],
    ],
    ['names that nobody looked up do not differ', sight({}), sight({}, { ...whole, names: false }), []],
    [
      'a covered host that is not listed is gone, and its ports with it',
      sight({ ports: [port(22, 'open')] }),
      absent,
      ['- host up -> down a.example; open: 22/tcp'],
    ],
    [
      'a host that comes up is new, with everything that is open',
      absent,
      sight({ ports: [port(22, 'open', ssh('9.2'))] }),
      ['+ host down -> up a.example', '+ port 22/tcp not looked at -> open ssh OpenSSH 9.2'],
    ],
    [
      'a host that a scan did not look at is neither',
      sight({ ports: [port(22, 'open')] }),
      undefined,
      ['? host up -> not looked at a.example; open: 22/tcp'],
    ],
    [
      'with --open, a host that is missing has nothing open',
      sight({ ports: [port(22, 'open')] }, openOnly),
      { content: absentContent(openOnly), profile: openOnly },
      ['- port 22/tcp open -> not open (state unknown)'],
    ],
    [
      'a service that is probed on both sides may differ',
      sight({ ports: [port(22, 'open', ssh('9.2'))] }),
      sight({ ports: [port(22, 'open', ssh('9.6'))] }),
      ['~ service 22/tcp ssh OpenSSH 9.2 -> ssh OpenSSH 9.6'],
    ],
    [
      'a service that was only looked up in a table says nothing',
      sight({ ports: [port(22, 'open', ssh('9.2'))] }),
      sight({ ports: [port(22, 'open', { name: 'ssh', probed: false })] }),
      [],
    ],
  ])('%s', (_name, before, after, expected) => {
    expect(told(before, after)).toEqual(expected);
  });

  test('a tarpit has one line for all of its open ports', () => {
    const profile = { ...whole, ports: portsOf('1-1000/tcp') };
    const ports = Array.from({ length: 1000 }, (_, index) => port(index + 1, 'open'));
    expect(told(sight({}, profile), sight({ ports, collapsed: [] }, profile))).toEqual([
      '+ port 1-1000/tcp closed -> open',
    ]);
  });

  test('a host on which a port answers was up, even where the tool does not test for it', () => {
    const blind = { ...whole, status: false };
    const before = sight({ status: 'unknown', ports: [port(22, 'open')] }, blind);
    const difference = compareSights(address, before, absent);
    expect(difference && hostChangeOf(difference)).toBe('disappeared');
  });

  test('what only one side knows is told to programs, but is no difference', () => {
    const difference = compareSights(address, sight({}), sight({}, { ...whole, ports: portsOf('1-50/tcp') }));
    expect(difference?.ports).toEqual([{ before: 'closed', ports: portsOf('51-100/tcp') }]);
    expect(difference && isDifferent(difference)).toBe(false);
  });
});

describe('two sights are comparable', () => {
  test.each<[string, HostSight, HostSight, boolean]>([
    ['where they have a port in common', sight({}), sight({}), true],
    [
      'not where they looked at other ports',
      sight({}),
      sight({}, { ...whole, ports: portsOf('200/tcp') }),
      false,
    ],
    [
      'where neither looked at ports, by being up',
      sight({}, { ...whole, ports: [] }),
      sight({}, { ...whole, ports: [] }),
      true,
    ],
    ['where the host is down', absent, sight({}), true],
  ])('%s', (_name, before, after, expected) => {
    expect(isComparable(before, after)).toBe(expected);
  });
});
