import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AddressSet,
  formatAddressSet,
  holdsAddress,
  readAddressSet,
} from '../../src/core/address-set.ts';
import { formatPortSet, readPortSet } from '../../src/core/endpoint.ts';
import {
  type AbsentMeaning,
  coversAbsent,
  disjointLooks,
  type Look,
  type Profile,
} from '../../src/core/scope.ts';

function addressesOf(...texts: readonly string[]): AddressSet {
  const reading = readAddressSet(texts);
  return reading.ok ? reading.addresses : [];
}

function lookAt(addresses: string, ports: string, more: Partial<Profile> = {}): Look {
  const reading = readPortSet(ports);
  const profile: Profile = {
    ports: ports !== '' && reading.ok ? reading.ports : [],
    names: true,
    status: true,
    complete: true,
    absent: 'down',
    ...more,
  };
  return { addresses: addressesOf(...addresses.split(' ')), profile };
}

/** `10.0.0.0/24: 22/tcp` for each look, by address. */
function inWords(looks: readonly Look[]): string[] {
  return looks
    .map(({ addresses, profile }) =>
      [
        `${formatAddressSet(addresses).join(' ')}:`,
        formatPortSet(profile.ports),
        profile.complete ? profile.absent : 'partial',
      ]
        .filter(Boolean)
        .join(' '),
    )
    .sort();
}

const partial = { complete: false, ports: [], absent: 'unknown' } as const;

describe('the looks of several parts', () => {
  test.each([
    [
      'of disjoint networks stay',
      [lookAt('10.0.0.0/25', '22'), lookAt('10.0.0.128/25', '80')],
      ['10.0.0.0/25: 22/tcp down', '10.0.0.128/25: 80/tcp down'],
    ],
    [
      'that looked in the same way are one',
      [lookAt('10.0.0.0/25', '22'), lookAt('10.0.0.128/25', '22')],
      ['10.0.0.0/24: 22/tcp down'],
    ],
    [
      'at the same network join their ports',
      [lookAt('10.0.0.0/24', '22'), lookAt('10.0.0.0/24', '53/udp')],
      ['10.0.0.0/24: 22/tcp,53/udp down'],
    ],
    [
      'that overlap are split',
      [lookAt('10.0.0.0/24', '22'), lookAt('10.0.0.128-10.0.1.127', '80')],
      ['10.0.0.0/25: 22/tcp down', '10.0.0.128/25: 22,80/tcp down', '10.0.1.0/25: 80/tcp down'],
    ],
    [
      'of which one broke off cover what the whole one did',
      [lookAt('10.0.0.0/24', '22'), lookAt('10.0.0.0/24', '', partial)],
      ['10.0.0.0/24: 22/tcp down'],
    ],
    [
      'of which one broke off are partial where it was alone',
      [lookAt('10.0.0.1', '', partial), lookAt('10.0.0.2', '22')],
      ['10.0.0.1: partial', '10.0.0.2: 22/tcp down'],
    ],
    [
      'take a missing host for what says most',
      [lookAt('10.0.0.0/24', '22', { absent: 'nothing_open' }), lookAt('10.0.0.0/24', '80')],
      ['10.0.0.0/24: 22,80/tcp down'],
    ],
  ])('%s', (_name, looks, expected) => {
    expect(inWords(disjointLooks(looks))).toEqual(expected);
  });

  test('share no address, and lose and win none', () => {
    const universe = Array.from({ length: 8 }, (_, i) => `10.0.0.${i}`);
    const look = fc
      .record({
        of: fc.subarray(universe, { minLength: 1 }),
        ports: fc.constantFrom('', '22', '80'),
        complete: fc.boolean(),
      })
      .map(({ of, ports, complete }) => lookAt(of.join(' '), ports, complete ? {} : partial));
    fc.assert(
      fc.property(fc.array(look, { maxLength: 5 }), (looks) => {
        const disjoint = disjointLooks(looks);
        for (const address of universe) {
          const [before, after] = [looks, disjoint].map((all) =>
            all.filter((one) => holdsAddress(one.addresses, address)),
          );
          expect(after).toHaveLength(before?.length ? 1 : 0);
          const ports = before
            ?.flatMap(({ profile }) => (profile.complete ? profile.ports : []))
            .map(({ first }) => first);
          expect(after?.flatMap(({ profile }) => profile.ports).map(({ first }) => first)).toEqual(
            [...new Set(ports)].sort((a, b) => a - b),
          );
        }
      }),
    );
  });
});

test.each<[AbsentMeaning, boolean, boolean]>([
  ['down', true, true],
  ['nothing_open', true, true],
  ['unknown', true, false],
  ['down', false, false],
])('a missing host that means %s (complete: %s) was looked at: %s', (absent, complete, covers) => {
  expect(coversAbsent(lookAt('10.0.0.1', '22', { absent, complete }).profile)).toBe(covers);
});
