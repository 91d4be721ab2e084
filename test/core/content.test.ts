import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { absentContent, contentOf, decodeContent, encodeContent, stateOf } from '../../src/core/content.ts';
import { portKey, readPortSet } from '../../src/core/endpoint.ts';
import type { CollapsedPorts, HostObservation, RawState } from '../../src/core/observation.ts';
import type { Profile } from '../../src/core/scope.ts';
import { partialProfile } from '../../src/core/scope-resolution.ts';
import { looksAt } from '../laws/core-looks.ts';
import { addresses, histories } from '../laws/world.ts';

function setOf(text: string) {
  const reading = readPortSet(text);
  if (!reading.ok) throw new Error(reading.reason);
  return reading.ports;
}

const whole: Profile = {
  ports: setOf('20-25/tcp,53/udp'),
  names: true,
  status: true,
  complete: true,
  absent: 'down',
};

function hostWith(
  ports: Readonly<Record<string, RawState>>,
  more: Partial<HostObservation> = {},
): HostObservation {
  return {
    address: '10.0.0.1',
    status: 'up',
    names: [],
    ports: Object.entries(ports).map(([text, state]) => ({ port: setOf(text)[0]?.first ?? 0, state })),
    collapsed: [],
    timedOut: false,
    ...more,
  };
}

const ssh = portKey('tcp', 22);
const dns = portKey('udp', 53);
const said = (host: HostObservation, port: number, profile = whole) =>
  stateOf(contentOf(host, profile), profile, port);

test('names are those that DNS would take for the same', () => {
  const { names } = contentOf(hostWith({}, { names: ['B.TW.', 'a.tw', 'b.tw', 'É.tw'] }), whole);
  expect(names).toEqual(['a.tw', 'b.tw', 'É.tw']);
});

describe('what a scan says about a port', () => {
  const counted = (...collapsed: CollapsedPorts[]) => hostWith({ '21': 'open' }, { collapsed });

  test.each([
    ['is what it lists', hostWith({ '22': 'filtered' }), 'filtered'],
    ['is the one state that it counts', counted({ state: 'closed', count: 5 }), 'closed'],
    [
      'is the state whose ports it names',
      counted(
        { state: 'closed', count: 4, ports: setOf('20,23-25') },
        { state: 'filtered', count: 1, ports: setOf('22') },
      ),
      'filtered',
    ],
    [
      'is only "not open" where it counts several states without their ports',
      counted({ state: 'closed', count: 3 }, { state: 'filtered', count: 2 }),
      'not open',
    ],
    ['is only "not open" where it counts nothing', hostWith({}), 'not open'],
    [
      'is the state of its own protocol',
      counted(
        { state: 'closed', count: 5, protocol: 'tcp' },
        { state: 'open|filtered', count: 1, protocol: 'udp' },
      ),
      'closed',
    ],
    [
      'is listed rather than counted',
      hostWith({ '22': 'unfiltered' }, { collapsed: [{ state: 'closed', count: 5 }] }),
      'unfiltered',
    ],
  ])('%s', (_name, host, state) => {
    expect(said(host, ssh)).toBe(state);
  });

  test('is nothing outside of its scope, unless the port is open', () => {
    const host = hostWith({ '80': 'open', '81': 'closed' });
    expect([80, 81, 82].map((port) => said(host, port))).toEqual(['open', undefined, undefined]);
  });

  test('is nothing where the tool gave up on the host, unless the port is open', () => {
    const host = hostWith({ '22': 'open', '23': 'closed' }, { timedOut: true });
    const profile = partialProfile(whole);
    expect([22, 23, 24].map((port) => said(host, port, profile))).toEqual(['open', undefined, undefined]);
  });

  test('is nothing on a host that is down', () => {
    expect(said(hostWith({}, { status: 'down' }), ssh)).toBeUndefined();
  });
});

describe('the status of a host', () => {
  test.each([
    ['is what the scan says', hostWith({ '22': 'open' }, { status: 'down' }), 'down'],
    ['is up where a port is open', hostWith({ '22': 'open' }, { status: 'unknown' }), 'up'],
    ['is up where a port is closed', hostWith({ '22': 'closed' }, { status: 'unknown' }), 'up'],
    [
      'is up where closed ports are counted',
      hostWith({}, { status: 'unknown', collapsed: [{ state: 'closed', count: 6 }] }),
      'up',
    ],
    [
      'is unknown where nothing answers',
      hostWith({ '22': 'filtered', '23': 'closed|filtered' }, { status: 'unknown' }),
      'unknown',
    ],
  ])('%s', (_name, host, status) => {
    expect(contentOf(host, whole).status).toBe(status);
  });

  test('is not concluded from ports by a scan that does not test hosts', () => {
    const host = hostWith({ '22': 'open' }, { status: 'unknown' });
    expect(contentOf(host, { ...whole, status: false }).status).toBe('unknown');
  });
});

describe('a host that is covered and not listed', () => {
  test.each([
    ['down', 'down', undefined],
    ['nothing_open', 'unknown', 'not open'],
    ['unknown', 'unknown', undefined],
  ] as const)('%s: is %s, and its ports are %s', (absent, status, state) => {
    const profile = { ...whole, absent };
    const content = absentContent(profile);
    expect([content.status, stateOf(content, profile, ssh), stateOf(content, profile, dns)]).toEqual([
      status,
      state,
      state,
    ]);
  });
});

describe('the text of a content', () => {
  test('is the same whether ports are listed or counted', () => {
    const listed = hostWith({
      '20': 'closed',
      '21': 'closed',
      '22': 'open',
      '23': 'closed',
      '24': 'filtered',
      '25': 'closed',
      '53/udp': 'open|filtered',
    });
    const collapsed: CollapsedPorts[] = [
      { state: 'closed', count: 4, protocol: 'tcp', ports: setOf('20-21,23,25') },
      { state: 'filtered', count: 1, protocol: 'tcp', ports: setOf('24') },
      { state: 'open|filtered', count: 1, protocol: 'udp', ports: setOf('53/udp') },
    ];
    const counted = hostWith({ '22': 'open' }, { collapsed });
    expect(encodeContent(contentOf(counted, whole))).toBe(encodeContent(contentOf(listed, whole)));
  });

  test('tells a host of unknown status from one that is up', () => {
    const texts = (['up', 'down', 'unknown'] as const).map((status) =>
      encodeContent(contentOf(hostWith({}, { status }), whole)),
    );
    expect(new Set(texts).size).toBe(3);
  });

  test('has names only where they were looked up', () => {
    const host = hostWith({}, { names: ['a'] });
    expect(contentOf(host, whole).names).toEqual(['a']);
    expect(contentOf(host, { ...whole, names: false }).names).toBeUndefined();
  });

  test('is read back', () => {
    fc.assert(
      fc.property(histories({ maxLength: 3 }), fc.constantFrom(...addresses), (scans, address) => {
        for (const { content } of looksAt(scans, address)) {
          expect(decodeContent(encodeContent(content))).toEqual(content);
        }
      }),
    );
  });

  test('keeps all of a service', () => {
    const service = {
      name: 'http',
      product: 'nginx',
      version: '1',
      extra: 'x',
      tunnel: 'ssl',
      cpe: ['cpe:/a'],
      probed: true,
    };
    const host = { ...hostWith({}), ports: [{ port: ssh, state: 'open' as const, service }] };
    expect(decodeContent(encodeContent(contentOf(host, whole))).services.get(ssh)).toEqual(service);
  });
});
