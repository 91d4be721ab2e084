import { describe, expect, test } from 'vitest';
import { formatAddressSet, readAddressSet } from '../../src/core/address-set.ts';
import { formatPortSet, readPortSet } from '../../src/core/endpoint.ts';
import {
  partialProfile,
  profileOf,
  resolveScope,
  type StatedScope,
} from '../../src/core/scope-resolution.ts';

function stated(addresses?: string, ports?: string): StatedScope {
  const set = addresses === undefined ? undefined : readAddressSet([addresses]);
  const portSet = ports === undefined ? undefined : readPortSet(ports);
  return {
    ...(set?.ok ? { addresses: set.addresses } : {}),
    ...(portSet?.ok ? { ports: portSet.ports } : {}),
  };
}

const nothing = stated();

describe('the scope of a scan', () => {
  test.each([
    [
      'the upload, then',
      stated('10.0.0.0/25', '22'),
      stated('10.0.0.0/24', '22,80'),
      stated('10.0.0.0/8', '1'),
      '10.0.0.0/25 22/tcp',
      'upload',
      'upload',
    ],
    [
      'the report, then',
      nothing,
      stated('10.0.0.0/24', '22,80'),
      stated('10.0.0.0/8', '1'),
      '10.0.0.0/24 22,80/tcp',
      'report',
      'report',
    ],
    [
      'the scanner, then',
      nothing,
      nothing,
      stated('10.0.0.0/8', '1'),
      '10.0.0.0/8 1/tcp',
      'scanner_default',
      'scanner_default',
    ],
    ['the listed hosts and no port', nothing, nothing, nothing, '- -', 'listed_hosts', 'none'],
    [
      'each for itself: addresses and ports',
      stated('10.0.0.0/25'),
      stated(undefined, '22'),
      nothing,
      '10.0.0.0/25 22/tcp',
      'upload',
      'report',
    ],
  ])('is said by %s', (_name, upload, report, scannerDefault, expected, addressOrigin, portOrigin) => {
    const resolution = resolveScope({ upload, report, scannerDefault });
    expect(resolution).toMatchObject({ ok: true, scope: { addressOrigin, portOrigin } });
    if (!resolution.ok) return;
    const { addresses, ports } = resolution.scope;
    const words = [addresses && formatAddressSet(addresses).join(), ports && formatPortSet(ports)];
    expect(words.map((word) => word ?? '-').join(' ')).toBe(expected);
  });

  test.each([
    [
      'addresses',
      stated('10.0.0.0/23'),
      stated('10.0.0.0/24'),
      "the upload says that 10.0.0.0/23 were scanned, but the report's targets are 10.0.0.0/24",
    ],
    [
      'ports',
      stated(undefined, '22,443'),
      stated(undefined, '22'),
      'the upload says that the ports 22,443/tcp were scanned, but the report says 22/tcp',
    ],
    ['any port of a scan without ports', stated(undefined, '22'), { ports: [] }, 'but the report says none'],
  ])('is never wider than the report states: %s', (_name, upload, report, reason) => {
    const resolution = resolveScope({ upload, report, scannerDefault: nothing });
    expect(resolution.ok).toBe(false);
    expect(resolution).toMatchObject({ reason: expect.stringContaining(reason) });
  });
});

describe('a profile', () => {
  const header = { names: true, status: true, absent: 'down' } as const;
  const scope = { ...stated('10.0.0.0/24', '22'), addressOrigin: 'report', portOrigin: 'report' } as const;

  test('says what a missing host means only where addresses are known', () => {
    expect(profileOf(scope, header).absent).toBe('down');
    expect(profileOf({ ...scope, addresses: undefined }, header).absent).toBe('unknown');
  });

  test('has no conclusive port where none is known, or where the scan broke off', () => {
    expect(formatPortSet(profileOf(scope, header).ports)).toBe('22/tcp');
    expect(profileOf({ ...scope, ports: undefined }, header).ports).toEqual([]);
    expect(partialProfile(profileOf(scope, header))).toEqual({
      ports: [],
      names: true,
      status: true,
      complete: false,
      absent: 'unknown',
    });
  });
});
