import { numberOf, timeText } from './row-values.ts';
import type { Column } from './table.ts';

/** The fields of a scanner in a document. */
export const scannerFields = `
  id name description
  group { name } addressSpace { name }
  thresholds { openAfterScans closedAfterScans goneAfterScans backAfterScans reopenWindowDays }
  defaultAddresses defaultPorts expectEverySeconds guardShare bogusPorts createdAt retiredAt
  scans(first: 1) { nodes { at receivedAt } }
  health { dueAt overdue heldScans clockSkewSeconds findings { count } }
`;

/** A scanner as the API has it. */
export interface ScannerNode {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly group: { readonly name: string };
  readonly addressSpace: { readonly name: string };
  readonly thresholds: {
    readonly openAfterScans: number;
    readonly closedAfterScans: number;
    readonly goneAfterScans: number;
    readonly backAfterScans: number;
    readonly reopenWindowDays: number;
  };
  readonly defaultAddresses: readonly string[] | null;
  readonly defaultPorts: string | null;
  readonly expectEverySeconds: number | null;
  readonly guardShare: number;
  readonly bogusPorts: number;
  readonly createdAt: string;
  readonly retiredAt: string | null;
  readonly health: {
    readonly dueAt: string | null;
    readonly overdue: boolean;
    readonly heldScans: number;
    readonly clockSkewSeconds: number | null;
    readonly findings: readonly unknown[];
  };
  readonly scans: { readonly nodes: readonly { readonly at: string; readonly receivedAt: string }[] };
}

/** A scanner in JSON. */
export type ScannerRow = ReturnType<typeof scannerRow>;

/** The row of a scanner. */
export function scannerRow({ id, group, addressSpace, scans, health, ...rest }: ScannerNode) {
  return {
    ...rest,
    id: numberOf(id),
    group: group.name,
    space: addressSpace.name,
    lastScanAt: scans.nodes[0]?.at ?? null,
    lastReceivedAt: scans.nodes[0]?.receivedAt ?? null,
    ...health,
    findings: health.findings.length,
  };
}

/** The columns of a list of scanners. */
export const scannerColumns: readonly Column<ScannerRow>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'group', value: ({ group }) => group },
  { title: 'space', value: ({ space }) => space },
  { title: 'last scan', value: ({ lastScanAt }) => timeText(lastScanAt) },
  { title: 'expected', value: ({ expectEverySeconds }) => spanText(expectEverySeconds) },
  {
    title: 'open/closed/gone/back after',
    value: ({ thresholds: { openAfterScans, closedAfterScans, goneAfterScans, backAfterScans } }) =>
      [openAfterScans, closedAfterScans, goneAfterScans, backAfterScans].join('/'),
  },
  { title: 'health', value: healthText },
  { title: 'description', value: ({ description }) => description },
];

/** What there is to know before its evidence is believed. */
function healthText({
  heldScans,
  overdue,
  dueAt,
  clockSkewSeconds,
  findings,
  retiredAt,
}: ScannerRow): string {
  const said = [
    retiredAt === null ? '' : 'retired',
    heldScans === 0 ? '' : `${heldScans} ${heldScans === 1 ? 'scan' : 'scans'} held`,
    overdue ? `overdue since ${timeText(dueAt)}` : '',
    clockSkewSeconds === null ? '' : `clock ${clockSkewSeconds} s fast`,
    findings === 0 ? '' : `${findings} ${findings === 1 ? 'finding' : 'findings'}`,
  ].filter((part) => part !== '');
  return said.join(', ') || 'ok';
}

/** A span of time in its largest whole unit: `26 h`. */
export function spanText(seconds: number | null): string {
  if (seconds === null) return '-';
  for (const [unit, size] of [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
  ] as const) {
    if (seconds >= size && seconds % size === 0) return `every ${seconds / size} ${unit}`;
  }
  return `every ${seconds} s`;
}
