import type { Command } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { type Api, readPages } from './api.ts';
import { readWords } from './argument-values.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import { type ReceiptNode, receiptFields, receiptRow } from './receipt-row.ts';
import {
  addOutputOptions,
  addSourceOptions,
  addTimeOptions,
  enumValues,
  filter,
  type OutputOptions,
  printerFor,
  printPages,
  type SourceOptions,
  sourceFilter,
  type TimeOptions,
  timeFilter,
} from './row-options.ts';
import { timeText } from './row-values.ts';
import type { Column } from './table.ts';
import { tell } from './terminal.ts';

const statuses = ['applied', 'held', 'discarded'] as const;

interface ScanOptions extends PlaceOptions, OutputOptions, SourceOptions, TimeOptions {
  readonly status?: readonly string[];
  readonly complete?: boolean;
  readonly partial?: boolean;
}

/** Adds `scans`: which reports were taken in, and what became of them. */
export function addScans(program: Command): void {
  const command = program
    .command('scans')
    .description('list scans, the latest first')
    .addOption(filter('--status <words>', `one of ${statuses.join(', ')}`).argParser(readWords(statuses)))
    .addOption(filter('--complete', 'that reached their end').conflicts('partial'))
    .addOption(filter('--partial', 'that did not'));
  addTimeOptions(addSourceOptions(command));
  addPlaceOptions(addOutputOptions(command, 'the latest so many scans')).action((options: ScanOptions) =>
    withApi(options, 'existing', (api) => listScans(api, options)),
  );
}

async function listScans(api: Api, options: ScanOptions): Promise<void> {
  const count = await printPages(scanRows(api, options), printerFor(options, columns, csvColumns));
  if (count === 0 && options.output === 'table') tell('No scans.');
}

async function* scanRows(api: Api, options: ScanOptions): AsyncGenerator<readonly ScanRow[]> {
  const which = {
    ...sourceFilter(options),
    ...timeFilter(options),
    statuses: enumValues(options.status),
    complete: options.partial ? false : options.complete,
  };
  const reading = { document, field: 'scans', filter: which, limit: options.limit };
  for await (const scans of readPages<ReceiptNode>(api, reading)) yield scans.map(receiptRow);
}

const document = /* GraphQL */ `
  query ($filter: ScanFilter, $first: Int, $after: String) {
    scans(filter: $filter, first: $first, after: $after) {
      nodes { ${receiptFields} }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

type ScanRow = ReturnType<typeof receiptRow>;

const columns: readonly Column<ScanRow>[] = [
  { title: 'scan', value: ({ scan }) => String(scan), align: 'right' },
  { title: 'at', value: ({ at }) => timeText(at) },
  { title: 'scanner', value: ({ scanner }) => scanner },
  { title: 'status', value: ({ status, complete }) => (complete ? status : `${status}, partial`) },
  { title: 'tool', value: ({ tool, toolVersion }) => [tool, toolVersion].filter(Boolean).join(' ') },
  { title: 'hosts', value: ({ hostsUp }) => String(hostsUp), align: 'right' },
  { title: 'open', value: ({ endpointsOpen }) => String(endpointsOpen), align: 'right' },
  { title: 'changes', value: changesText },
];

/** Changes by kind, as its receipt says; the receipt does not know what became of a scan that was held. */
export function changesText({
  scan,
  status,
  heldReason,
  changes,
  baselineChanges,
}: Pick<ScanRow, 'scan' | 'status' | 'heldReason' | 'changes' | 'baselineChanges'>): string {
  if (status !== 'applied') return 'counts for nothing';
  if (heldReason !== null) return `released: changes --scan ${scan}`;
  const parts = Object.entries(changes).map(([kind, count]) => `${count} ${kind.replaceAll('_', ' ')}`);
  if (parts.length === 0) return 'none';
  return parts.join(', ') + (baselineChanges === 0 ? '' : ` (${baselineChanges} first observed)`);
}

const csvColumns: readonly Column<ScanRow>[] = [
  { title: 'scan', value: ({ scan }) => String(scan) },
  { title: 'at', value: ({ at }) => at },
  { title: 'receivedAt', value: ({ receivedAt }) => receivedAt },
  { title: 'scanner', value: ({ scanner }) => scanner },
  { title: 'group', value: ({ group }) => group },
  { title: 'status', value: ({ status }) => status },
  { title: 'complete', value: ({ complete }) => String(complete) },
  { title: 'format', value: ({ format }) => format },
  { title: 'tool', value: ({ tool }) => tool },
  { title: 'hostsUp', value: ({ hostsUp }) => String(hostsUp) },
  { title: 'endpointsOpen', value: ({ endpointsOpen }) => String(endpointsOpen) },
  { title: 'changes', value: ({ changes }) => sum(changes) },
  { title: 'baselineChanges', value: ({ baselineChanges }) => String(baselineChanges) },
  { title: 'problems', value: ({ problemCount }) => String(problemCount) },
];

function sum(counts: Readonly<Record<string, number>>): string {
  return String(Object.values(counts).reduce((total, count) => total + count, 0));
}
