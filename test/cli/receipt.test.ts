import { fc, test as propertyTest } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { receiptLine, receiptText } from '../../src/cli/receipt.ts';
import { type ReceiptNode, receiptRow } from '../../src/cli/receipt-row.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { harmful, hostileText } from './hostile-text.ts';

const node: ReceiptNode = {
  id: Buffer.from('Scan:3').toString('base64url'),
  at: '2026-11-23T10:15:00.000Z',
  receivedAt: '2026-11-23T10:16:00.000Z',
  status: 'APPLIED',
  complete: true,
  digest: 'd',
  addressSpace: { name: 'default' },
  scanner: { name: 'lan-1', group: { name: 'inside' } },
  receipt: {
    format: 'nmap-xml',
    tool: 'nmap',
    toolVersion: '7.94',
    args: null,
    bytes: '1234567',
    startedAt: null,
    endedAt: null,
    timeOrigin: 'SCAN_END',
    partialReason: null,
    heldReason: null,
    scope: {
      addresses: ['10.0.0.0/24'],
      addressOrigin: 'REPORT',
      ports: '22,80/tcp',
      portOrigin: 'SCANNER_DEFAULT',
    },
    hostsListed: 3,
    hostsUp: 2,
    hostsUnchanged: 1,
    endpointsOpen: 4,
    changes: [{ kind: 'PORT_OPENED', count: 2 }],
    baselineChanges: 1,
    retractions: 0,
    problems: [],
    problemCount: 0,
    warnings: [],
    durationMs: 1234.5,
  },
};

const withReceipt = (facts: Partial<ReceiptNode['receipt']>): ReceiptNode => ({
  ...node,
  receipt: { ...node.receipt, ...facts },
});

describe('a receipt', () => {
  test('says who saw what, who says what was looked at, how it ended, and what changed', () => {
    expect(receiptText(receiptRow(node))).toBe(`scan       3 by lan-1
report     nmap 7.94, nmap-xml, 1,234,567 bytes
observed   2026-11-23 10:15:00Z (end of the scan)
scope      10.0.0.0/24 (as the report says)
           ports 22,80/tcp (default of the scanner)
result     complete
hosts      2 up, 3 listed, 1 unchanged
endpoints  4 open
changes    2 port opened (1 first observed)
duration   1.2 s
`);
  });

  test.each<[string, ReceiptNode, RegExp]>([
    [
      'problems with their places, and how many more there are',
      withReceipt({
        problems: [
          { offset: '17', line: null, address: '10.0.0.1', reason: 'the port is none' },
          { offset: '90', line: 4, address: null, reason: 'not a line' },
        ],
        problemCount: 7,
      }),
      /problem {4}byte 17, 10\.0\.0\.1: the port is none\nproblem {4}line 4: not a line\n +and 5 more problems\n/,
    ],
    ['warnings', withReceipt({ warnings: ['no scope of ports'] }), /^warning {4}no scope of ports$/m],
    [
      'why it is partial',
      { ...withReceipt({ partialReason: 'cut off' }), complete: false },
      /partial: cut off; .*closes nothing/,
    ],
    [
      'that a partial scan which lists nothing covers nothing',
      { ...withReceipt({ scope: { ...node.receipt.scope, addresses: [] } }), complete: false },
      /no addresses \(a partial scan covers only what it lists\)/,
    ],
    [
      'why it is held, and what can be done',
      { ...withReceipt({ heldReason: 'it would mark 22 of 24 hosts as gone' }), status: 'HELD' },
      /held, nothing of it counts: it would mark 22 of 24 hosts as gone; decide with "scan release 3" or "scan discard 3"/,
    ],
    ['entries that were taken back', withReceipt({ retractions: 2 }), /2 entries taken back/],
    [
      'long lists in short',
      withReceipt({
        scope: {
          ...node.receipt.scope,
          addresses: Array.from({ length: 9 }, (_, index) => `10.0.${index}.0/24`),
          ports: Array.from({ length: 100 }, (_, index) => `${index * 2}`)
            .join(',')
            .concat('/tcp'),
        },
      }),
      /10\.0\.5\.0\/24, and 3 more ranges[\s\S]*ports 0,2,.*, and \d+ more ranges/,
    ],
  ])('says %s', (_name, scan, pattern) => {
    expect(receiptText(receiptRow(scan))).toMatch(pattern);
  });

  propertyTest.prop([fc.array(hostileText, { minLength: 8, maxLength: 8 })], { numRuns: propertyRuns(1000) })(
    'holds nothing harmful, whatever the report says',
    (texts) => {
      const [
        tool = '',
        toolVersion = '',
        reason = '',
        warning = '',
        range = '',
        ports = '',
        name = '',
        format = '',
      ] = texts;
      const scan: ReceiptNode = {
        ...withReceipt({
          tool,
          toolVersion,
          format,
          partialReason: reason,
          warnings: [warning],
          scope: { ...node.receipt.scope, addresses: [range], ports },
          problems: [{ offset: '1', line: null, address: name, reason }],
        }),
        complete: false,
        scanner: { name, group: { name } },
      };
      const row = receiptRow(scan);
      for (const line of `${receiptText(row, { repeated: true, note: warning })}${receiptLine(row)}`.split(
        '\n',
      ))
        expect(line).not.toMatch(harmful);
    },
  );
});
