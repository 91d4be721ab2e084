import { describe, expect, test } from 'vitest';
import type { Thresholds } from '../../src/core/fold.ts';
import { tell } from './story.ts';

type Row = readonly [look: string, ...changes: string[]];
type Story = readonly [sentence: string, limits: Partial<Thresholds>, ...rows: Row[]];

/** Each row: a look, and the entries that it brings. */
function stories(name: string, all: readonly Story[]): void {
  describe(name, () => {
    test.each(all.map(([sentence, limits, ...rows]) => [sentence, limits, rows] as const))(
      '%s',
      (_sentence, limits, rows) => {
        const { told } = tell(
          rows.map(([look]) => look),
          limits,
        );
        const said = rows.map(([look], index) => [look, ...(told[index] ?? [])]);
        expect(said).toEqual(rows);
      },
    );
  });
}

stories('the table of changes', [
  ['0: the same again is no change', {}, ['up 22', 'host_new*', 'port_opened* 22'], ['up 22'], ['up 22']],
  ['1: a host is new when it is first seen up', {}, ['down'], ['up', 'host_new']],
  [
    '2: a covered host that is no longer up is gone',
    {},
    ['up', 'host_new*'],
    ['down', 'host_gone'],
    ['down'],
  ],
  [
    '2: its ports are not closed besides',
    {},
    ['up 22 80', 'host_new*', 'port_opened* 22', 'port_opened* 80'],
    ['down', 'host_gone'],
  ],
  [
    '4: its names differ',
    {},
    ['up as a', 'host_new*'],
    ['up as a,b', 'name_changed'],
    ['up as b', 'name_changed'],
  ],
  ['8: a port is open that never was', {}, ['up', 'host_new*'], ['up 22', 'port_opened 22']],
  [
    '16: a port was open and is not, although it was looked at',
    {},
    ['up 22', 'host_new*', 'port_opened* 22'],
    ['up', 'port_closed 22'],
    ['up'],
  ],
  [
    '32: a port is open again',
    {},
    ['up 22', 'host_new*', 'port_opened* 22'],
    ['up', 'port_closed 22'],
    ['up 22', 'port_reopened 22'],
  ],
  [
    '64: a host is back, and ports that differ are reported besides',
    {},
    ['up 22', 'host_new*', 'port_opened* 22'],
    ['down', 'host_gone'],
    ['up 80', 'host_returned', 'port_opened 80', 'port_closed 22'],
  ],
  [
    '64: a host that is back with the same ports is only back',
    {},
    ['up 22', 'host_new*', 'port_opened* 22'],
    ['down', 'host_gone'],
    ['up 22', 'host_returned'],
  ],
  [
    '128: a service differs, and both scans probed it',
    {},
    ['up 22=nginx/1', 'host_new*', 'port_opened* 22'],
    ['up 22=nginx/2', 'service_changed 22'],
    ['up 22=apache/2', 'service_changed 22'],
  ],
]);

stories('not scanned is not closed', [
  [
    'a port outside the scope stays as it is',
    {},
    ['up 22 80', 'host_new*', 'port_opened* 22', 'port_opened* 80'],
    ['narrow up 22'],
    ['narrow up', 'port_closed 22'],
  ],
  ['a scan without ports closes none', {}, ['up 22', 'host_new*', 'port_opened* 22'], ['sn up']],
  [
    'a scan without ports finds a host gone',
    {},
    ['up 22', 'host_new*', 'port_opened* 22'],
    ['sn down', 'host_gone'],
  ],
  ['a partial scan closes nothing', {}, ['up 22', 'host_new*', 'port_opened* 22'], ['partial up']],
  ['a partial scan makes no host go away', {}, ['up', 'host_new*'], ['partial down']],
  [
    'a partial scan takes no names away',
    {},
    ['up as a', 'host_new*'],
    ['partial up'],
    ['partial up as b', 'name_changed'],
  ],
  ['a partial scan opens', {}, ['up', 'host_new*'], ['partial up 22', 'port_opened 22']],
  ['a partial scan finds hosts', {}, ['down'], ['partial up 22', 'host_new', 'port_opened 22']],
  ['a scan that does not test hosts makes none go away', {}, ['up', 'host_new*'], ['Pn down']],
  [
    'a host of which nothing is known but that no port is open keeps its state, and its ports are closed',
    {},
    ['up 22', 'host_new*', 'port_opened* 22'],
    ['quiet', 'port_closed 22'],
    ['down', 'host_gone'],
  ],
  ['a host of which nothing is known is not new', {}, ['quiet'], ['quiet'], ['up', 'host_new']],
]);

stories('first observed is not newly happened', [
  ['the first scan is a baseline', {}, ['up 22 80', 'host_new*', 'port_opened* 22', 'port_opened* 80']],
  [
    'a host in a network that was looked at before is news',
    {},
    ['down'],
    ['up 22', 'host_new', 'port_opened 22'],
  ],
  [
    'a wider scope is a baseline for its new ports only',
    {},
    ['narrow up', 'host_new*'],
    ['up 22 80', 'port_opened 22', 'port_opened* 80'],
  ],
  [
    'after a scan without ports they are a baseline',
    {},
    ['sn up', 'host_new*'],
    ['up 22', 'port_opened* 22'],
  ],
  ['after a partial scan they are a baseline', {}, ['partial up', 'host_new*'], ['up 22', 'port_opened* 22']],
  ['after a scan that does not test hosts, a host is one', {}, ['Pn quiet'], ['up', 'host_new*']],
  [
    'no threshold holds a baseline back',
    { openAfterScans: 3, backAfterScans: 3 },
    ['up 22', 'host_new*', 'port_opened* 22'],
  ],
  [
    'names that are looked up for the first time are a baseline',
    {},
    ['n up', 'host_new*'],
    ['up as a', 'name_changed*'],
    ['up as b', 'name_changed'],
  ],
  ['a host that has no name at first gets one', {}, ['up', 'host_new*'], ['up as a', 'name_changed']],
  [
    'a service that is probed for the first time is a baseline',
    {},
    ['up 22=http', 'host_new*', 'port_opened* 22'],
    ['up 22=nginx/1', 'service_changed* 22'],
  ],
]);

stories('thresholds', [
  [
    'a port closes after so many looks in a row',
    { closedAfterScans: 3 },
    ['up 22', 'host_new*', 'port_opened* 22'],
    ['up'],
    ['up'],
    ['up', 'port_closed 22 x3'],
  ],
  [
    'a look that finds it open begins anew',
    { closedAfterScans: 2 },
    ['up 22', 'host_new*', 'port_opened* 22'],
    ['up'],
    ['up 22'],
    ['up'],
    ['up', 'port_closed 22 x2'],
  ],
  [
    'looks that do not cover it, or cannot tell, neither count nor begin anew',
    { closedAfterScans: 2 },
    ['up 80', 'host_new*', 'port_opened* 80'],
    ['up'],
    ['narrow up'],
    ['up ?80'],
    ['partial up'],
    ['up', 'port_closed 80 x2'],
  ],
  [
    'a port opens after so many',
    { openAfterScans: 2 },
    ['up', 'host_new*'],
    ['up 22'],
    ['up 22', 'port_opened 22 x2'],
  ],
  [
    'a flapping port is silence',
    { openAfterScans: 2 },
    ['up', 'host_new*'],
    ['up 22'],
    ['up'],
    ['up 22'],
    ['up'],
  ],
  [
    'a port opens again after so many',
    { openAfterScans: 2 },
    ['up 22', 'host_new*', 'port_opened* 22'],
    ['up', 'port_closed 22'],
    ['up 22'],
    ['up 22', 'port_reopened 22 x2'],
  ],
  [
    'a host that is down in between breaks what was about to open',
    { openAfterScans: 2 },
    ['up', 'host_new*'],
    ['up 22'],
    ['down', 'host_gone'],
    ['up 22', 'host_returned'],
    ['up 22', 'port_opened 22 x2'],
  ],
  [
    'unless the scan that found it down did not look at the port',
    { openAfterScans: 2, goneAfterScans: 2 },
    ['up', 'host_new*'],
    ['up 22'],
    ['sn down'],
    ['up 22', 'port_opened 22 x2'],
  ],
  [
    'a host that is down in between says nothing about what is open',
    { closedAfterScans: 2, goneAfterScans: 2 },
    ['up 22', 'host_new*', 'port_opened* 22'],
    ['up'],
    ['down'],
    ['up', 'port_closed 22 x2'],
  ],
  [
    'a host is gone after so many',
    { goneAfterScans: 2 },
    ['up', 'host_new*'],
    ['down'],
    ['up'],
    ['down'],
    ['quiet'],
    ['down', 'host_gone x2'],
  ],
  [
    'a host is back after so many, and only then its ports count',
    { backAfterScans: 2 },
    ['up 22', 'host_new*', 'port_opened* 22'],
    ['down', 'host_gone'],
    ['up 80'],
    ['up 80', 'host_returned x2', 'port_opened 80', 'port_closed 22'],
  ],
  [
    'a new host in a known network also comes after so many',
    { backAfterScans: 2 },
    ['down'],
    ['up'],
    ['down'],
    ['up'],
    ['up', 'host_new x2'],
  ],
]);

stories('ports that open again', [
  [
    'are reopened within the window',
    { reopenWindowDays: 10 },
    ['up 22', 'host_new*', 'port_opened* 22'],
    ['up', 'port_closed 22'],
    ['later 10 up 22', 'port_reopened 22'],
  ],
  [
    'are opened behind it',
    { reopenWindowDays: 10 },
    ['up 22', 'host_new*', 'port_opened* 22'],
    ['up', 'port_closed 22'],
    ['later 11 up 22', 'port_opened 22'],
  ],
  [
    'are measured from their last closing',
    { reopenWindowDays: 10 },
    ['up 22', 'host_new*', 'port_opened* 22'],
    ['up', 'port_closed 22'],
    ['later 9 up 22', 'port_reopened 22'],
    ['up', 'port_closed 22'],
    ['later 9 up 22', 'port_reopened 22'],
  ],
  [
    'on a host that was away meanwhile were never closed',
    {},
    ['up 22', 'host_new*', 'port_opened* 22'],
    ['down', 'host_gone'],
    ['later 300 up 22', 'host_returned'],
  ],
]);

stories('names', [
  ['that were not looked up do not differ', {}, ['up as a', 'host_new*'], ['n up'], ['up as a']],
  ['in another order are the same names', {}, ['up as a,b', 'host_new*'], ['up as a,b']],
  [
    'that are not found are lost only after so many looks',
    { goneAfterScans: 3 },
    ['up as a', 'host_new*'],
    ['up'],
    ['up'],
    ['up', 'name_changed x3'],
    ['up as a', 'name_changed'],
  ],
  [
    'that are found again in between were never lost',
    { goneAfterScans: 2 },
    ['up as a', 'host_new*'],
    ['up'],
    ['up as a'],
    ['up'],
    ['n up'],
    ['up', 'name_changed x2'],
  ],
  [
    'of a host that comes back are compared with those from before',
    {},
    ['up as a', 'host_new*'],
    ['down', 'host_gone'],
    ['up as b', 'host_returned', 'name_changed'],
  ],
]);

stories('services', [
  [
    'that were not probed this time are as they were',
    {},
    ['up 22=nginx/1', 'host_new*', 'port_opened* 22'],
    ['up 22'],
    ['up 22=http'],
    ['up 22=nginx/1'],
  ],
  [
    'on a port that opens again are told by that entry',
    {},
    ['up 22=nginx/1', 'host_new*', 'port_opened* 22'],
    ['up', 'port_closed 22'],
    ['up 22=nginx/2', 'port_reopened 22'],
  ],
]);

stories('what is inconclusive', [
  ['opens nothing', {}, ['up', 'host_new*'], ['up ?22']],
  ['closes nothing', {}, ['up 22', 'host_new*', 'port_opened* 22'], ['up ?22']],
  [
    'breaks no streak',
    { openAfterScans: 2 },
    ['up', 'host_new*'],
    ['up 22'],
    ['up ?22'],
    ['up 22', 'port_opened 22 x2'],
  ],
]);

describe('the service of a port that opens again', () => {
  const reopened = (words: string) => tell(['up 22=nginx/1', 'up', words]).changes.at(-1)?.after.service;

  test('is what was found out before, unless more is found out now', () => {
    const nginx = { product: 'nginx', version: '1', probed: true };
    expect(reopened('up 22')).toEqual(nginx);
    expect(reopened('up 22=http')).toEqual(nginx);
    expect(reopened('up 22=nginx/2')).toEqual({ ...nginx, version: '2' });
  });
});
