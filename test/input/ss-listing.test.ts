import { expect, test } from 'vitest';
import { ssListing } from '../../src/input/ss-listing.ts';
import { sampleHints } from './own-samples.ts';
import { readWith } from './reading.ts';

test('connections among the listeners of ss -tan are no problem', () => {
  const listing = `State      Recv-Q Send-Q Local Address:Port Peer Address:Port Process
LISTEN     0      128    0.0.0.0:22         0.0.0.0:*
ESTAB      0      0      192.0.2.7:22       192.0.2.9:50514
TIME-WAIT  0      0      192.0.2.7:443      192.0.2.9:50518
FIN-WAIT-2 0      0      192.0.2.7:443      192.0.2.9:50520
gibberish  0      0      192.0.2.7:443      192.0.2.9:50520
`;
  const { runs, problems } = readWith(ssListing.open(sampleHints), Buffer.from(listing));
  expect(runs[0]?.hosts.map(({ ports }) => ports.length)).toEqual([1, 0]);
  expect(problems.map(({ line }) => line)).toEqual([6]);
});
