import { describe, expect, test } from 'vitest';
import {
  addressAt,
  compareAddresses,
  familyOf,
  parseAddress,
  positionOf,
  readAddress,
} from '../../src/core/address.ts';

describe('an address', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:0201', '192.0.2.1'],
    ['::192.0.2.1', '::192.0.2.1'],
    ['::1:2', '::0.1.0.2'],
  ])('%s is %s', (text, address) => {
    expect(readAddress(text)).toEqual({ ok: true, address });
  });

  test.each([
    ['010.0.0.1', 'ambiguous: a part begins with zero'],
    ['10.0.0.01', 'ambiguous: a part begins with zero'],
    ['10.0.1', 'not an IP address'],
    ['10.0.0.1.2', 'not an IP address'],
    ['10.0.0.256', 'not an IP address: a part is larger than 255'],
    ['0x7f.0.0.1', 'not an IP address'],
    ['2130706433', 'not an IP address'],
    ['10.0.0.1 ', 'not an IP address'],
    ['', 'not an IP address'],
    ['router.example', 'not an IP address'],
    ['fe80::1%eth0', 'zone ids are refused'],
    ['::1::', 'not an IP address'],
    [':::', 'not an IP address'],
    ['1:2:3:4:5:6:7:8:9', 'not an IP address'],
    ['1:2:3:4:5:6:7:8::', 'not an IP address'],
    ['12345::', 'not an IP address'],
    ['1.2.3.4::', 'not an IP address'],
    ['::1.2.3.04', 'not an IP address'],
    ['::g', 'not an IP address'],
  ])('%j is refused: %s', (text, reason) => {
    expect(readAddress(text)).toEqual({ ok: false, reason });
    expect(parseAddress(text)).toBeUndefined();
  });

  test('has a family and a place; IPv4 stands before IPv6', () => {
    const sorted = ['0.0.0.0', '9.255.255.255', '10.0.0.0', '255.255.255.255', '::', '::1', 'ffff::'];
    expect([...sorted].reverse().sort(compareAddresses)).toEqual(sorted);
    expect(sorted.map(familyOf)).toEqual([4, 4, 4, 4, 6, 6, 6]);
    for (const address of sorted) expect(addressAt(positionOf(address))).toBe(address);
    expect(compareAddresses('::1', '::1')).toBe(0);
  });
});
