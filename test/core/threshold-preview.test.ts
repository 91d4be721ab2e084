import { expect, test } from 'vitest';
import { portKey } from '../../src/core/endpoint.ts';
import { flapsOf } from '../../src/core/threshold-preview.ts';

const port = portKey('tcp', 80);

test('a port that is open in every other scan flaps both ways', () => {
  const looks = Array.from({ length: 9 }, (_, index) => index);
  const changes = looks.map((at) => {
    const kind = at === 0 ? 'port_opened' : at % 2 === 0 ? 'port_reopened' : 'port_closed';
    return { kind, port, after: {}, confirmations: 1, baseline: at === 0, at, scan: at } as const;
  });
  const flaps = flapsOf(changes, looks);
  expect(flaps.closed).toEqual([1, 1, 1, 1]);
  expect(flaps.opened).toEqual([1, 1, 1]);
});
