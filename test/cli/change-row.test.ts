import { fc, test as propertyTest } from '@fast-check/vitest';
import { createColors } from 'picocolors';
import { expect, test } from 'vitest';
import { type ChangeNode, changeLine, changeRow } from '../../src/cli/change-row.ts';
import { changeKinds } from '../../src/core/change.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { harmful, hostileText } from './hostile-text.ts';

const surface = { isTerminal: false, width: undefined, colours: createColors(false) };

const opened: ChangeNode = {
  cursor: '7.0',
  kind: 'PORT_OPENED',
  code: 8,
  at: '2026-11-23T10:15:00.000Z',
  observedAt: null,
  loggedAt: '2026-11-23T10:16:00.000Z',
  address: '10.1.2.3',
  port: 8080,
  protocol: 'TCP',
  addressSpace: { name: 'default' },
  scanner: { name: 'lan-1', group: { name: 'inside' } },
  scan: { id: Buffer.from('Scan:3').toString('base64url') },
  before: { state: 'NOT_OPEN', names: null, service: null },
  after: { state: 'OPEN', names: null, service: null },
  confirmations: 1,
  baseline: false,
  retracted: false,
  reason: null,
  retracts: null,
};

const host = { port: null, protocol: null };
const names = (...list: readonly string[]) => ({ state: null, names: list, service: null });

test.each<[Partial<ChangeNode>, string]>([
  [{}, '+ 10.1.2.3:8080/tcp open, seen by lan-1 at 2026-11-23 10:15:00Z'],
  [{ kind: 'PORT_CLOSED' }, '- 10.1.2.3:8080/tcp closed, seen by lan-1 at 2026-11-23 10:15:00Z'],
  [
    { address: '2001:db8::1', baseline: true },
    '+ [2001:db8::1]:8080/tcp open, seen by lan-1 at 2026-11-23 10:15:00Z, first observed',
  ],
  [{ kind: 'HOST_GONE', ...host }, '- 10.1.2.3 gone, seen by lan-1 at 2026-11-23 10:15:00Z'],
  [
    { kind: 'NAME_CHANGED', ...host, before: names('a.example', 'b.example'), after: names() },
    '~ 10.1.2.3 name a.example b.example -> no name, seen by lan-1 at 2026-11-23 10:15:00Z',
  ],
  [
    { reason: 'LATE_SCAN', retracts: { cursor: '3.0' } },
    '! taken back (late scan): + 10.1.2.3:8080/tcp open, seen by lan-1 at 2026-11-23 10:15:00Z',
  ],
  [
    { kind: 'HOST_GONE', ...host, reason: 'HOST_FORGOTTEN' },
    '- 10.1.2.3 forgotten for lan-1 at 2026-11-23 10:16:00Z',
  ],
  [
    { addressSpace: { name: 'plant' }, retracted: true },
    '+ 10.1.2.3:8080/tcp (plant) open, seen by lan-1 at 2026-11-23 10:15:00Z, taken back later',
  ],
])('%j reads as a line with a symbol and words', (facts, line) => {
  expect(changeLine(changeRow({ ...opened, ...facts }), surface)).toBe(`${line}\n`);
});

test('in JSON the words are those of core, and the scan has its number', () => {
  expect(changeRow(opened)).toMatchObject({
    kind: 'port_opened',
    protocol: 'tcp',
    before: { state: 'not_open' },
    scan: 3,
    scanner: 'lan-1',
    group: 'inside',
  });
});

propertyTest.prop([fc.constantFrom(...changeKinds), fc.array(hostileText, { minLength: 6, maxLength: 6 })], {
  numRuns: propertyRuns(1000),
})('whatever names and banners hold, it is one line without anything harmful', (kind, texts) => {
  const [product = '', version = '', name = '', scanner = '', space = '', reason = ''] = texts;
  const service = { name, product, version, extra: null, tunnel: null, cpe: [], probed: true };
  const facts = { state: null, names: [name, product], service };
  const row = changeRow({
    ...opened,
    kind: kind.toUpperCase(),
    scanner: { name: scanner, group: { name: scanner } },
    addressSpace: { name: space },
    before: facts,
    after: facts,
    reason,
    retracts: { cursor: '3.0' },
  });
  const line = changeLine(row, surface);
  expect(line.slice(0, -1)).not.toMatch(harmful);
});
