import { type GraphQLScalarType, isScalarType } from 'graphql';
import { expect, test } from 'vitest';
import { portKey } from '../../src/core/endpoint.ts';
import { schema } from '../../src/graphql/schema.ts';

function scalar(name: string): GraphQLScalarType {
  const type = schema.getType(name);
  if (isScalarType(type)) return type;
  throw new Error(`${name} is no scalar`);
}

test.each([
  ['IPAddress', '10.0.0.1', '10.0.0.1'],
  ['IPAddress', ' 2001:DB8:0:0::1 ', '2001:db8::1'],
  ['IPAddress', '::ffff:10.0.0.1', '10.0.0.1'],
  ['Network', '10.0.0.0/8', '10.0.0.0/8'],
  ['Network', '10.0.0.1-10.0.0.9', '10.0.0.1-10.0.0.9'],
  ['Network', '2001:db8::/32', '2001:db8::/32'],
  ['Port', 0, 0],
  ['Port', 65535, 65535],
  ['PortSet', '22', [{ first: portKey('tcp', 22), last: portKey('tcp', 22) }]],
  ['PortSet', '80-90/udp', [{ first: portKey('udp', 80), last: portKey('udp', 90) }]],
  ['BigInt', '9007199254740993', 9007199254740993n],
  ['DateTime', '2026-11-23T10:15:00Z', Date.UTC(2026, 10, 23, 10, 15)],
  ['DateTime', '2026-11-23T12:15:00.250+02:00', Date.UTC(2026, 10, 23, 10, 15, 0, 250)],
] as const)('%s reads %j', (name, value, expected) => {
  expect(scalar(name).parseValue(value)).toEqual(expected);
});

test.each([
  ['IPAddress', '010.0.0.1', 'begins with zero'],
  ['IPAddress', '10.0.0.0/8', 'not an IP address'],
  ['IPAddress', '2130706433', 'not an IP address'],
  ['IPAddress', 'fe80::1%eth0', 'zone ids'],
  ['IPAddress', 1, 'a string'],
  ['Network', '10.0.0.0/33', 'prefix length'],
  ['Network', '10.0.0.9-10.0.0.1', 'ends before'],
  ['Port', 65536, '0 to 65535'],
  ['Port', -1, '0 to 65535'],
  ['Port', '22', '0 to 65535'],
  ['PortSet', '22/foo', 'not one of'],
  ['PortSet', '99999', 'beyond'],
  ['BigInt', '1e3', 'in decimal'],
  ['DateTime', '2026-11-23', 'looks like'],
  ['DateTime', '2026-11-23T10:15:00', 'looks like'],
  ['DateTime', '2026-13-23T10:15:00Z', 'looks like'],
  ['DateTime', 'yesterday', 'looks like'],
  ['DateTime', '2026-02-30T00:00:00Z', 'no such day'],
  ['DateTime', '2026-11-31T00:00:00+02:00', 'no such day'],
] as const)('%s refuses %j with a reason', (name, value, reason) => {
  expect(() => scalar(name).parseValue(value)).toThrow(reason);
});

test('a DateTime is written in UTC with milliseconds', () => {
  expect(scalar('DateTime').serialize(0)).toBe('1970-01-01T00:00:00.000Z');
});

test('a BigInt is written as a string', () => {
  expect(scalar('BigInt').serialize(2 ** 40)).toBe('1099511627776');
});
