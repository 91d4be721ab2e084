import { expect, test } from 'vitest';
import { changesText } from '../../src/cli/scans.ts';

const scan = {
  scan: 7,
  status: 'applied',
  heldReason: null,
  changes: { port_opened: 2 },
  baselineChanges: 1,
};

test.each([
  ['an applied scan tells its changes', {}, '2 port opened (1 first observed)'],
  ['a scan without changes says so', { changes: {} }, 'none'],
  ['a discarded scan counts for nothing', { status: 'discarded' }, 'counts for nothing'],
  ['a held scan counts for nothing', { status: 'held', heldReason: 'x' }, 'counts for nothing'],
  [
    'a released scan names the log, which knows',
    { heldReason: 'x', changes: {} },
    'released: changes --scan 7',
  ],
])('%s', (_name, facts, text) => {
  expect(changesText({ ...scan, ...facts })).toBe(text);
});
