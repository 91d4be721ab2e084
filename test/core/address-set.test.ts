import { describe, expect, test } from 'vitest';
import {
  countAddresses,
  formatAddressSet,
  holdsAddress,
  intersectAddresses,
  readAddressSet,
  setOfAddresses,
  subtractAddresses,
} from '../../src/core/address-set.ts';

function setOf(...texts: readonly string[]) {
  const reading = readAddressSet(texts);
  if (!reading.ok) throw new Error(reading.reason);
  return reading.addresses;
}

describe('a set of addresses', () => {
  test.each([
    ['one address', ['10.0.0.1'], ['10.0.0.1'], 1n],
    ['a network', ['10.0.0.0/24'], ['10.0.0.0/24'], 256n],
    ['a network with host bits', ['10.0.0.77/24'], ['10.0.0.0/24'], 256n],
    ['a range', ['10.0.0.1-10.0.0.9'], ['10.0.0.1-10.0.0.9'], 9n],
    ['a range that is a network', ['10.0.0.8 - 10.0.0.15'], ['10.0.0.8/29'], 8n],
    ['networks that touch', ['10.0.1.0/24', '10.0.0.0/24'], ['10.0.0.0/23'], 512n],
    ['networks inside each other', ['10.0.0.0/8', '10.1.0.0/16'], ['10.0.0.0/8'], 1n << 24n],
    [
      'all of IPv4 beside all of IPv6',
      ['::/0', '0.0.0.0/0'],
      ['0.0.0.0/0', '::/0'],
      (1n << 32n) + (1n << 128n),
    ],
    ['a network of IPv6', ['2001:db8::1/64'], ['2001:db8::/64'], 1n << 64n],
    ['nothing', [], [], 0n],
  ])('%s', (_name, texts, written, count) => {
    expect(formatAddressSet(setOf(...texts))).toEqual(written);
    expect(countAddresses(setOf(...texts))).toBe(count);
  });

  test.each([
    ['10.0.0.0/33', 'the prefix length must be a number from 0 to 32'],
    ['10.0.0.0/08', 'the prefix length must be a number from 0 to 32'],
    ['10.0.0.0/', 'the prefix length must be a number from 0 to 32'],
    ['::/129', 'the prefix length must be a number from 0 to 128'],
    ['10.0.0.9-10.0.0.1', 'the range ends before it begins'],
    ['10.0.0.1-::1', 'a range must stay in one family'],
    ['10.0.0.1-', 'not an IP address'],
    ['localhost', 'not an IP address'],
  ])('%j is refused: %s', (text, reason) => {
    expect(readAddressSet(['10.0.0.1', text])).toEqual({ ok: false, text, reason });
  });

  test('holds, is cut and is taken away from', () => {
    const [wide, narrow] = [setOf('10.0.0.0/24'), setOf('10.0.0.128/25', '10.0.1.0/24')];
    expect([holdsAddress(wide, '10.0.0.255'), holdsAddress(wide, '10.0.1.0')]).toEqual([true, false]);
    expect(formatAddressSet(intersectAddresses(wide, narrow))).toEqual(['10.0.0.128/25']);
    expect(formatAddressSet(subtractAddresses(wide, narrow))).toEqual(['10.0.0.0/25']);
    expect(formatAddressSet(setOfAddresses(['10.0.0.2', '10.0.0.1', '::1']))).toEqual([
      '10.0.0.1-10.0.0.2',
      '::1',
    ]);
  });
});
