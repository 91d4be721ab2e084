import { describe, expect, test } from 'vitest';
import { clockCheck, diskCheck, nodeCheck, scannerChecks } from '../../src/cli/doctor-checks.ts';

const now = Date.parse('2026-11-23T12:00:00Z');

describe('doctor', () => {
  test.each([
    ['20.18.3', 'error'],
    ['20.19.0', 'ok'],
    ['24.1.0', 'ok'],
    ['18.20.0', 'error'],
  ])('finds Node %s %s', (version, result) => {
    expect(nodeCheck(version).result).toBe(result);
  });

  test.each([
    [5e9, 'ok'],
    [5e8, 'warning'],
    [5e7, 'error'],
  ])('finds %d free bytes %s', (free, result) => {
    expect(diskCheck(free, '/data').result).toBe(result);
  });

  test.each([
    ['a clock behind what was received is wrong', '2026-11-23T13:00:00Z', 'error'],
    ['a report of a moment ago is fine', '2026-11-23T12:00:10Z', 'ok'],
    ['nothing received is fine', null, 'ok'],
  ])('%s', (_name, lastReceivedAt, result) => {
    expect(clockCheck([{ lastReceivedAt }], now).result).toBe(result);
  });

  const scanner = {
    name: 'lan-1',
    expectEverySeconds: 3600,
    dueAt: '2026-11-23T12:30:00Z',
    overdue: false,
    retiredAt: null,
  };

  test.each([
    ['a scanner that sent in time is fine', {}, 'ok'],
    ['a scanner is overdue where its health says so', { overdue: true }, 'error'],
    ['nobody waits for a retired scanner', { overdue: true, retiredAt: '2026-11-02T00:00:00Z' }, 'ok'],
    [
      'nothing is expected of a scanner without an expectation',
      { expectEverySeconds: null, dueAt: null },
      'ok',
    ],
  ])('%s', (_name, facts, result) => {
    expect(scannerChecks([{ ...scanner, ...facts }]).map((check) => check.result)).toEqual([result]);
  });
});
