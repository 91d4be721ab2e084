import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addressAt,
  compareAddresses,
  lastPosition,
  positionOf,
  readAddress,
} from '../../src/core/address.ts';
import {
  type AddressSet,
  countAddresses,
  formatAddressSet,
  holdsAddress,
  intersectAddresses,
  readAddressSet,
  setOfAddresses,
  subtractAddresses,
} from '../../src/core/address-set.ts';
import { bigintLine, includes, normalise, numberLine, subtract, union } from '../../src/core/intervals.ts';
import { propertyRuns } from '../support/property-runs.ts';

const numRuns = propertyRuns(1000);

/** A small universe around every edge there is: both ends of IPv4, both ends of IPv6. */
const edges = [
  0n,
  positionOf('10.0.0.0'),
  lastPosition[4] - 11n,
  positionOf('::'),
  positionOf('2001:db8::fff8'),
  lastPosition[6] - 11n,
];
const universe = edges.flatMap((edge) => Array.from({ length: 12 }, (_, i) => edge + BigInt(i)));
const range = fc
  .tuple(fc.constantFrom(...edges), fc.nat(11), fc.nat(11))
  .map(([edge, a, b]) => ({ first: edge + BigInt(Math.min(a, b)), last: edge + BigInt(Math.max(a, b)) }));
const ranges = fc.array(range, { maxLength: 12 });

const members = (set: AddressSet) => universe.filter((at) => holdsAddress(set, addressAt(at)));
const brute = (list: readonly { first: bigint; last: bigint }[]) =>
  universe.filter((at) => list.some(({ first, last }) => first <= at && at <= last));

describe('law 20: address sets', () => {
  test('hold what was put into them, in their one form', () => {
    fc.assert(
      fc.property(ranges, (list) => {
        const set = normalise(bigintLine, list);
        expect(members(set)).toEqual(brute(list));
        expect(set.every(({ first }, i) => i === 0 || first > (set[i - 1]?.last ?? 0n) + 1n)).toBe(true);
        expect(countAddresses(set)).toBe(BigInt(brute(list).length));
      }),
      { numRuns },
    );
  });

  test('are joined, cut and compared as brute force does it', () => {
    fc.assert(
      fc.property(ranges, ranges, (left, right) => {
        const [a, b] = [normalise(bigintLine, left), normalise(bigintLine, right)];
        const inB = new Set(brute(right));
        const both = brute(left).filter((at) => inB.has(at));
        const alone = brute(left).filter((at) => !inB.has(at));
        expect(members(union(bigintLine, a, b))).toEqual(brute([...left, ...right]));
        expect(members(intersectAddresses(a, b))).toEqual(both);
        expect(members(subtractAddresses(a, b))).toEqual(alone);
        expect(includes(bigintLine, a, b)).toBe(both.length === inB.size);
      }),
      { numRuns },
    );
  });

  test('keep their one form through every operation', () => {
    fc.assert(
      fc.property(ranges, ranges, (left, right) => {
        const [a, b] = [normalise(bigintLine, left), normalise(bigintLine, right)];
        for (const set of [union(bigintLine, a, b), intersectAddresses(a, b), subtractAddresses(a, b)]) {
          expect(set).toEqual(normalise(bigintLine, set));
        }
      }),
      { numRuns },
    );
  });

  test('are read back from their text', () => {
    fc.assert(
      fc.property(ranges, (list) => {
        const addresses = normalise(bigintLine, list);
        expect(readAddressSet(formatAddressSet(addresses))).toEqual({ ok: true, addresses });
        expect(setOfAddresses(members(addresses).map(addressAt))).toEqual(addresses);
      }),
      { numRuns },
    );
  });

  test('subtract numbers, as ports are, in the same way', () => {
    const numbers = fc.array(
      fc.tuple(fc.nat(30), fc.nat(6)).map(([first, size]) => ({ first, last: first + size })),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(numbers, numbers, (left, right) => {
        const holds = (list: typeof left, n: number) =>
          list.some(({ first, last }) => first <= n && n <= last);
        const rest = subtract(numberLine, normalise(numberLine, left), normalise(numberLine, right));
        for (let n = 0; n < 40; n += 1) expect(holds([...rest], n)).toBe(holds(left, n) && !holds(right, n));
      }),
      { numRuns },
    );
  });
});

describe('addresses', () => {
  const position = fc.oneof(
    fc.bigInt({ min: 0n, max: lastPosition[4] }),
    fc.bigInt({ min: positionOf('::'), max: lastPosition[6] }),
    fc.constantFrom(...universe),
  );
  const isMapped = (at: bigint) => (at - positionOf('::')) >> 32n === 0xffffn;

  test('have one text each, which is read back', () => {
    fc.assert(
      fc.property(position, (at) => {
        fc.pre(!isMapped(at)); // IPv4 addresses in IPv6 clothes are IPv4 addresses.
        const address = addressAt(at);
        expect(readAddress(address)).toEqual({ ok: true, address });
        expect(positionOf(address)).toBe(at);
      }),
      { numRuns },
    );
  });

  test('have one text for all their spellings', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), (value) => {
        fc.pre(value >> 32n !== 0xffffn);
        const groups = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn));
        const long = groups.map((group) => group.toString(16).toUpperCase().padStart(4, '0')).join(':');
        expect(readAddress(long)).toEqual({ ok: true, address: addressAt(positionOf('::') + value) });
      }),
      { numRuns },
    );
  });

  test('are in the order of their places', () => {
    fc.assert(
      fc.property(position, position, (a, b) => {
        expect(compareAddresses(addressAt(a), addressAt(b))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
      { numRuns },
    );
  });
});
