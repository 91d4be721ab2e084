import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countPorts,
  formatPort,
  formatPortSet,
  holdsPort,
  intersectPorts,
  parsePortSet,
  portKey,
  portOf,
  protocolOf,
  protocols,
  readPortSet,
  setOfPorts,
  unionOfPorts,
} from '../../src/core/endpoint.ts';

const anyPort = fc
  .tuple(fc.constantFrom(...protocols), fc.nat(65535))
  .map(([protocol, port]) => portKey(protocol, protocol === 'ip' ? port & 255 : port));

describe('a port key', () => {
  test('tells 53/tcp from 53/udp, and gives both back', () => {
    const keys = protocols.map((protocol) => portKey(protocol, 53));
    expect(keys.map(formatPort)).toEqual(['53/tcp', '53/udp', '53/sctp', '53/ip']);
    expect(keys.map((key) => [protocolOf(key), portOf(key)])).toEqual(protocols.map((name) => [name, 53]));
  });
});

describe('a set of ports', () => {
  test.each([
    ['22', '22/tcp', 1],
    ['22,80-90', '22,80-90/tcp', 12],
    ['22,80/tcp,53/udp', '22,80/tcp,53/udp', 3],
    ['53/UDP,22', '22/tcp,53/udp', 2],
    [' 22 , 23-23 /tcp', '22-23/tcp', 2],
    ['0-65535/tcp,0-65535/udp', '0-65535/tcp,0-65535/udp', 131_072],
    ['1,6,17/ip', '1,6,17/ip', 3],
    ['80,80,79-81', '79-81/tcp', 3],
    ['9/sctp', '9/sctp', 1],
  ])('%j is %s', (text, written, count) => {
    const reading = readPortSet(text);
    expect(reading.ok && formatPortSet(reading.ports)).toBe(written);
    expect(reading.ok && countPorts(reading.ports)).toBe(count);
  });

  test.each([
    ['', '"" is not a port or a range of ports'],
    ['22,', '"" is not a port or a range of ports'],
    ['http', '"http" is not a port or a range of ports'],
    ['65536', '"65536" is beyond 65535'],
    ['256/ip', '"256" is beyond 255'],
    ['90-80', '"90-80" ends before it begins'],
    ['22/icmp', '"icmp" is not one of tcp, udp, sctp, ip'],
    ['-1', '"-1" is not a port or a range of ports'],
  ])('%j is refused: %s', (text, reason) => {
    expect(readPortSet(text)).toEqual({ ok: false, reason });
  });

  test('is read back from its text', () => {
    fc.assert(
      fc.property(fc.array(anyPort, { minLength: 1, maxLength: 50 }), (keys) => {
        const ports = setOfPorts(keys);
        expect(readPortSet(formatPortSet(ports))).toEqual({ ok: true, ports });
        expect(parsePortSet(formatPortSet(ports))).toEqual(ports);
      }),
    );
  });

  test('is joined and cut as sets are', () => {
    fc.assert(
      fc.property(fc.array(anyPort), fc.array(anyPort), (left, right) => {
        const [a, b] = [setOfPorts(left), setOfPorts(right)];
        for (const key of [...left, ...right]) {
          expect(holdsPort(unionOfPorts(a, b), key)).toBe(true);
          expect(holdsPort(intersectPorts(a, b), key)).toBe(left.includes(key) && right.includes(key));
        }
        expect(countPorts(a)).toBe(new Set(left).size);
      }),
    );
  });
});
