import { InvalidArgumentError } from 'commander';
import { describe, expect, test } from 'vitest';
import {
  portsOfProtocols,
  readMoment,
  readNetworks,
  readNumber,
  readPastMoment,
  readPortsArgument,
  readSeconds,
  readShare,
  readWords,
} from '../../src/cli/argument-values.ts';

describe('a moment', () => {
  test.each([
    ['2026-11-23', '2026-11-23T00:00:00.000Z'],
    ['2026-11-23 10:15', '2026-11-23T10:15:00.000Z'],
    ['2026-11-23T10:15:30.5Z', '2026-11-23T10:15:30.500Z'],
    ['2026-11-23T10:15:00+02:00', '2026-11-23T08:15:00.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(readMoment(text)).toBe(expected);
  });

  test('a span means so long ago', () => {
    const ago = Date.now() - Date.parse(readMoment('6h'));
    expect(ago).toBeGreaterThanOrEqual(6 * 3_600_000);
    expect(ago).toBeLessThan(6 * 3_600_000 + 10_000);
  });

  test.each([
    'yesterday',
    '23.11.2026',
    '2026-13-40',
    '',
    '2026-11-23T25:00',
    '2026-02-30',
    '2026-11-31T00:00:00Z',
  ])('"%s" is none', (text) => {
    expect(() => readMoment(text)).toThrow(InvalidArgumentError);
  });
});

test('a past moment does not lie in the future', () => {
  expect(readPastMoment('2026-02-28')).toBe('2026-02-28T00:00:00.000Z');
  expect(() => readPastMoment('9999-01-01')).toThrow(/lies in the future/);
});

describe('other values', () => {
  test.each([
    ['90', 90],
    ['30m', 1800],
    ['26h', 93_600],
    ['8d', 691_200],
  ])('a span of %s is %i seconds', (text, seconds) => {
    expect(readSeconds(text)).toBe(seconds);
  });

  test.each([
    ['50%', 0.5],
    ['0.25', 0.25],
    ['1', 1],
  ])('a share of %s is %f', (text, share) => {
    expect(readShare(text)).toBe(share);
  });

  test.each<[string, () => unknown, RegExp]>([
    ['a share above one', () => readShare('150%'), /0 to 1/],
    ['a number out of its range', () => readNumber(1, 100)('0'), /from 1 to 100/],
    ['a network with too long a prefix', () => readNetworks('10.0.0.0/33'), /0 to 32/],
    ['an ambiguous address', () => readNetworks('010.0.0.1'), /ambiguous/],
    ['a port that there is not', () => readPortsArgument('70000'), /beyond 65535/],
    [
      'a word with a typing error',
      () => readWords(['port_opened'])('port_openend', []),
      /Did you mean "port_opened"/,
    ],
  ])('%s is refused with the reason', (_name, read, reason) => {
    expect(read).toThrow(reason);
  });

  test('words may have dashes, capitals and commas, and add up', () => {
    expect(readWords(['not_open', 'open'])('Not-Open,open', ['open'])).toEqual(['open', 'not_open', 'open']);
  });

  test.each([
    [undefined, undefined, undefined],
    ['22,80/tcp', undefined, '22,80/tcp'],
    [undefined, ['udp'], '0-65535/udp'],
    ['53', ['udp', 'tcp'], '53/tcp,53/udp'],
  ] as const)('ports %s of protocols %s are %s', (port, protocol, expected) => {
    expect(portsOfProtocols(port, protocol)).toBe(expected);
  });
});
