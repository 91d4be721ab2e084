import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { portKey } from '../../src/core/endpoint.ts';
import {
  decodeGlobalId,
  encodeGlobalId,
  formatEndpointKey,
  parseEndpointKey,
  parseHostKey,
  readId,
} from '../../src/graphql/global-id.ts';

test('an id reads back as what it was made of', () => {
  expect(decodeGlobalId(encodeGlobalId('Scanner', '12'))).toEqual({ type: 'Scanner', id: '12' });
  const key = { addressSpaceId: 1, address: '2001:db8::1', port: portKey('udp', 53) };
  expect(parseEndpointKey(formatEndpointKey(key))).toEqual(key);
});

test.each([
  '',
  'x',
  '1',
  'Scanner:1',
  encodeGlobalId('Scanner', '01'),
  encodeGlobalId('Scanner', '-1'),
  encodeGlobalId('Scanner', '1e3'),
  encodeGlobalId('Scanner', '99999999999999999999'),
  encodeGlobalId('Scan', '1'),
  `${encodeGlobalId('Scanner', '1')}=`,
])('%j is not the id of a scanner', (text) => {
  expect(() => readId('Scanner', text)).toThrow('is not the id of a Scanner');
});

test.each(['1', '1/', '0/10.0.0.1', '1/010.0.0.1', '1/::FFFF', '1/10.0.0.1/80/tcp'])(
  '%j is no host',
  (text) => {
    expect(parseHostKey(text)).toBeUndefined();
  },
);

test.each([
  '1/10.0.0.1',
  '1/10.0.0.1/80',
  '1/10.0.0.1/080/tcp',
  '1/10.0.0.1/80-81/tcp',
  '1/10.0.0.1/80/TCP',
  '1/10.0.0.1/80/tcp/x',
])('%j is no endpoint', (text) => {
  expect(parseEndpointKey(text)).toBeUndefined();
});

test.prop([fc.string()])('no text breaks the reader of ids', (text) => {
  const decoded = decodeGlobalId(text);
  if (decoded !== undefined) expect(encodeGlobalId(decoded.type, decoded.id)).toBe(text);
});
