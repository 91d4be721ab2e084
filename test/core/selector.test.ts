import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatSelector, parseSelector } from '../../src/core/selector.ts';

test.each([
  ['*', '*'],
  ['192.0.2.10', '192.0.2.10'],
  ['2001:DB8:0::1', '2001:db8::1'],
  ['::ffff:192.0.2.10', '192.0.2.10'],
  ['10.0.0.0/8', '10.0.0.0/8'],
  ['10.0.0.1/32', '10.0.0.1/32'],
  ['2001:db8::/32', '2001:db8::/32'],
  ['group: web servers', 'group:web servers'],
])('%s is one spelling of %s', (text, canonical) => {
  expect(formatSelector(parseSelector(text))).toBe(canonical);
  expect(formatSelector(parseSelector(canonical))).toBe(canonical);
});

test.each([
  ['', 'nothing'],
  ['group:', 'a group without a name'],
  ['192.0.2.10/24', 'a host with the mask of its network'],
  ['10.0.0.0/33', 'a prefix that is too long'],
  ['10.0.0.0/-1', 'a prefix that is no number'],
  ['010.0.0.1', 'an octal octet'],
  ['10.0.0', 'a short address'],
  ['fe80::1%eth0', 'a zone'],
  ['web01.example.com', 'a name'],
  ['10.0.0.1-10.0.0.9', 'a range'],
])('%s is refused: it is %s', (text) => {
  expect(() => parseSelector(text)).toThrow(RangeError);
});

test('every selector is read back from its text', () => {
  fc.assert(
    fc.property(fc.nat(0xffffffff), fc.integer({ min: 0, max: 32 }), (bits, prefix) => {
      const masked = prefix === 0 ? 0 : (bits & (-1 << (32 - prefix))) >>> 0;
      const address = [24, 16, 8, 0].map((shift) => (masked >>> shift) & 0xff).join('.');
      const selector = parseSelector(`${address}/${prefix}`);
      expect(parseSelector(formatSelector(selector))).toEqual(selector);
    }),
  );
});
