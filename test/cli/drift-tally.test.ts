import { expect, test } from 'vitest';
import { driftCodeOf, driftSummaryOf, openTally } from '../../src/cli/drift-tally.ts';
import { aRow, nothing, waiver } from './drift-rows.ts';

test('rows are counted by what is wrong, waived ones apart, and each host once', () => {
  const tally = openTally();
  tally.add([
    aRow(),
    aRow({ port: 8081 }),
    aRow({ address: '10.0.0.2', kind: 'HOST_UNEXPECTED', port: null }),
  ]);
  tally.add([
    aRow({ kind: 'PORT_MISSING', side: 'MISSING', address: '10.0.0.3' }),
    aRow({ kind: 'PORT_FORBIDDEN', address: '10.0.0.3' }),
    aRow({ kind: 'SERVICE_MISMATCH', side: 'MISSING', address: '10.0.0.3' }),
    aRow({ waiver, address: '10.0.0.4' }),
    aRow({ state: 'RESOLVED', address: '10.0.0.5' }),
  ]);
  expect(tally.drift).toBe(6);
  const end = tally.end({ covered: true, unknown: 2 });
  expect(end).toEqual({
    unexpected: 3,
    forbidden: 1,
    missing: 1,
    otherService: 1,
    waived: 1,
    resolved: 1,
    hosts: 3,
    unknown: 2,
    covered: true,
  });
  expect(driftSummaryOf(end)).toBe(
    'Drift: 3 unexpected, 1 forbidden, 1 missing, 1 with another service in 3 hosts; 2 unknown, 1 waived, 1 resolved.',
  );
});

test.each<[string, object, number, string]>([
  ['nothing found', {}, 0, 'No drift.'],
  ['drift', { missing: 1, hosts: 1 }, 1, 'Drift: 1 missing in 1 host.'],
  ['only what is waived', { waived: 2 }, 0, 'No drift; 2 waived.'],
  ['something unknown besides', { unknown: 4 }, 0, 'No drift; 4 unknown.'],
  [
    'nothing looked at',
    { covered: false, unknown: 3 },
    3,
    'Nothing covered: no scan looked there; 3 unknown.',
  ],
  ['drift in what is hardly covered', { unexpected: 1, hosts: 2 }, 1, 'Drift: 1 unexpected in 2 hosts.'],
])('%s ends with its code and its sentence', (_name, found, code, sentence) => {
  const tally = { ...nothing, ...found };
  expect(driftCodeOf(tally)).toBe(code);
  expect(driftSummaryOf(tally)).toBe(sentence);
});
