import { describe, expect, test } from 'vitest';
import { Unstated } from '../../src/inventory/inventory-events.ts';
import { listedPorts, type StatementTexts, statementRow } from '../../src/inventory/statement-row.ts';

describe('a statement is read from its texts', () => {
  test.each<[string, StatementTexts, object]>([
    ['a host is present unless something else is said', { selector: '192.0.2.1' }, { expect: 'present' }],
    [
      'ports are required unless something else is said',
      { selector: '*', ports: '22' },
      { ports: '22/tcp', expect: 'required' },
    ],
    [
      'words may be written in capitals',
      { selector: '*', ports: '22', expect: 'FORBIDDEN' },
      { expect: 'forbidden' },
    ],
    ['ports are put in order', { selector: '*', ports: '443,22, 80 - 81' }, { ports: '22,80-81,443/tcp' }],
    ['lists may have semicolons', { selector: '*', ports: '22;23', protocol: 'UDP' }, { ports: '22-23/udp' }],
    [
      'a protocol before the slash holds for the ports before it',
      { selector: '*', ports: '22,23/udp' },
      { ports: '22-23/udp' },
    ],
    [
      'an IP protocol may have the number 0',
      { selector: '*', ports: '0', protocol: 'ip' },
      { ports: '0/ip' },
    ],
    ['addresses get their one form', { selector: ' 2001:DB8:0::1 ' }, { selector: '2001:db8::1' }],
    ['networks get their one form', { selector: '2001:DB8::/32' }, { selector: '2001:db8::/32' }],
    ['a mapped address is the IPv4 address', { selector: '::ffff:192.0.2.1' }, { selector: '192.0.2.1' }],
    ['a group has a name', { selector: 'group: web servers' }, { selector: 'group:web servers' }],
    [
      'a whole host number stays a text',
      { selector: '*', externalId: '1e5', owner: '0000123' },
      { externalId: '1e5', owner: '0000123' },
    ],
    [
      'the last day is included',
      { selector: '*', validUntil: '2026-12-31' },
      { validUntil: Date.UTC(2027, 0, 1) },
    ],
    [
      'times have zones',
      { selector: '*', validFrom: '2026-06-01T12:00:00+02:00' },
      { validFrom: Date.UTC(2026, 5, 1, 10) },
    ],
    ['locked is a word', { selector: '*', locked: 'yes' }, { locked: true }],
  ])('%s', (_name, texts, expected) => {
    expect(statementRow(texts, {})).toMatchObject(expected);
  });

  test('what the caller settled holds where nothing is said', () => {
    const defaults = { defaultExpect: 'allowed', defaultView: 'internet' } as const;
    expect(statementRow({ selector: '*', ports: '22' }, defaults)).toMatchObject({
      expect: 'allowed',
      view: 'internet',
    });
    expect(statementRow({ selector: '*', ports: '22', view: 'dmz' }, defaults)).toMatchObject({
      view: 'dmz',
    });
  });

  test('what is empty is not there', () => {
    expect(statementRow({ selector: '*', owner: ' ', ticket: '', externalId: undefined }, {})).toEqual({
      selector: '*',
      expect: 'present',
    });
  });
});

describe('a statement that cannot be read says why', () => {
  test.each<[StatementTexts, string]>([
    [{}, 'it does not say whom it is about'],
    [{ selector: '010.0.0.1' }, 'the address "010.0.0.1" is refused: ambiguous: a part begins with zero'],
    [{ selector: 'fe80::1%eth0' }, 'the address "fe80::1%eth0" is refused: zone ids are refused'],
    [
      { selector: '10.0.0.1/8' },
      '"10.0.0.1/8" has bits beyond its prefix: write the network, or 10.0.0.1 for the host alone',
    ],
    [
      { selector: '2001:db8::1/64' },
      '"2001:db8::1/64" has bits beyond its prefix: write the network, or 2001:db8::1 for the host alone',
    ],
    [{ selector: '10.0.0.0/33' }, '"10.0.0.0/33" is not a network'],
    [{ selector: '10.0.0.0/08' }, '"10.0.0.0/08" is not a network'],
    [{ selector: '::ffff:10.0.0.0/104' }, '"::ffff:10.0.0.0/104" is not a network'],
    [{ selector: 'group:' }, 'the address "group:" is refused: not an IP address'],
    [{ selector: '*', ports: '0' }, '0 is not a port that a service can have'],
    [{ selector: '*', ports: '0-1023' }, '0 is not a port that a service can have'],
    [{ selector: '*', ports: '65536' }, 'its ports cannot be read: "65536" is beyond 65535'],
    [{ selector: '*', ports: '90-80' }, 'its ports cannot be read: "90-80" ends before it begins'],
    [
      { selector: '*', ports: 'https' },
      'its ports cannot be read: "https" is not a port or a range of ports',
    ],
    [{ selector: '*', ports: ',' }, 'its ports cannot be read: "" is not a port or a range of ports'],
    [{ selector: '*', ports: '53/udp', protocol: 'tcp' }, 'its protocol is "tcp", but its ports say udp'],
    [
      { selector: '*', ports: '53', protocol: 'icmp' },
      'its ports cannot be read: "icmp" is not one of tcp, udp, sctp, ip',
    ],
    [{ selector: '*', protocol: 'tcp' }, 'it names the protocol "tcp" and no port'],
    [{ selector: '*', expect: 'required' }, '"required" is said of ports, and it names none'],
    [{ selector: '*', ports: '22', expect: 'present' }, '"present" is said of hosts, and it names ports'],
    [
      { selector: '*', ports: '22', expect: 'must' },
      '"must" is not one of allowed, required, forbidden, optional, present, absent',
    ],
    [{ selector: '*', validFrom: '2026-02-30' }, '"2026-02-30" is not a time'],
    [{ selector: '*', validFrom: '2026-00-10' }, '"2026-00-10" is not a time'],
    [{ selector: '*', validFrom: '01.02.2026' }, '"01.02.2026" is not a time'],
    [
      { selector: '*', validFrom: '2026-02-03', validUntil: '2026-02-02' },
      'it ends before it begins to be valid',
    ],
    [{ selector: '*', locked: 'maybe' }, '"maybe" is neither true nor false'],
    [{ selector: '*', owner: 'a\0b' }, 'it holds a NUL character'],
    [{ selector: '*', externalId: 'x'.repeat(1025) }, 'its external id has more than 1024 characters'],
  ])('%o', (texts, reason) => {
    expect(() => statementRow(texts, {})).toThrow(new Unstated('problem', reason));
  });
});

test('ports in a list stand for themselves', () => {
  expect(listedPorts(['443', '53/udp', '22'])).toBe('443/tcp,53/udp,22/tcp');
  expect(listedPorts(['443', ''], 'sctp')).toBe('443/sctp');
});
