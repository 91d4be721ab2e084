import { expect, test } from 'vitest';
import { statusText } from '../../src/cli/hosts.ts';

type View = Parameters<typeof statusText>[0]['views'][number];
const view: View = {
  scanner: 'lan-1',
  group: 'inside',
  status: 'up',
  since: '2026-11-23T10:15:00.000Z',
  firstSeen: null,
  names: [],
  mac: null,
  pending: null,
  lastVerifiedAt: null,
};
const pending = { count: 1, needed: 2, since: '2026-11-24T10:15:00.000Z' };

test.each<[string, Pick<View, 'status' | 'pending'>[], string]>([
  ['up', [{ status: 'up', pending: null }], 'up'],
  ['up', [{ status: 'up', pending }], 'up (1 of 2 looks say gone)'],
  ['gone', [{ status: 'gone', pending }], 'gone (1 of 2 looks say up)'],
  [
    'up',
    [
      { status: 'up', pending: null },
      { status: 'gone', pending },
    ],
    'up',
  ],
])('%s of %j reads as "%s"', (status, views, text) => {
  const seen = views.map((facts) => ({ ...view, ...facts }));
  expect(statusText({ status: status as 'up' | 'gone' | 'down', views: seen })).toBe(text);
});
