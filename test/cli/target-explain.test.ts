import { expect, test } from 'vitest';
import { readPlace } from '../../src/cli/target-explain.ts';

test.each<[string, object]>([
  ['10.0.0.1', { address: '10.0.0.1' }],
  ['10.0.0.1:443', { address: '10.0.0.1', port: 443, protocol: 'TCP' }],
  ['10.0.0.1:53/udp', { address: '10.0.0.1', port: 53, protocol: 'UDP' }],
  ['2001:DB8::1', { address: '2001:db8::1' }],
  ['[2001:db8::1]:443/tcp', { address: '2001:db8::1', port: 443, protocol: 'TCP' }],
])('%s is a place', (text, place) => {
  expect(readPlace(text)).toEqual(place);
});

test.each([
  '',
  'host',
  '10.0.0.300',
  '10.0.0.1:',
  '10.0.0.1:70000',
  '10.0.0.1:22/icmp',
  '[10.0.0.1',
  '2001:db8::1:443/tcp',
])('"%s" is none', (text) => {
  expect(() => readPlace(text)).toThrow('10.0.0.1:443/tcp');
});
