import type { Api } from './api.ts';
import { Failure } from './failure.ts';
import { type ReceiptNode, type ReceiptRow, receiptFields, receiptRow } from './receipt-row.ts';
import { timeText } from './row-values.ts';
import { terminalText } from './terminal-text.ts';

/** Reads the receipt of a scan. */
export async function readReceipt(api: Api, scanId: string): Promise<ReceiptRow> {
  const { scan } = await api.query<{ scan: ReceiptNode | null }>(document, { id: scanId });
  if (scan === null) throw new Failure('The scan was removed before its receipt could be read');
  return receiptRow(scan);
}

const document = /* GraphQL */ `
  query ($id: ID!) {
    scan(id: $id) { ${receiptFields} }
  }
`;

/** Whether a report was taken in before, and what to say of that. */
interface Again {
  readonly repeated?: boolean;
  readonly note?: string | undefined;
}

/** A receipt for people, line by line; safe to print. */
export function receiptText(row: ReceiptRow, { repeated = false, note }: Again = {}): string {
  const lines: readonly (readonly [string, string] | undefined)[] = [
    [
      'scan',
      `${row.scan} by ${row.scanner}${repeated ? ' (taken in before; this is its first receipt)' : ''}`,
    ],
    note === undefined ? undefined : ['note', note],
    ['report', reportText(row)],
    ['observed', `${timeText(row.at)} (${timeOrigins[row.timeOrigin] ?? row.timeOrigin})`],
    ['scope', addressesText(row)],
    ['', portsText(row)],
    ['result', resultText(row)],
    ['hosts', `${row.hostsUp} up, ${row.hostsListed} listed, ${row.hostsUnchanged} unchanged`],
    ['endpoints', `${row.endpointsOpen} open`],
    ['changes', changesText(row)],
    row.retractions === 0
      ? undefined
      : ['', `${counted(row.retractions, 'entry', 'entries')} taken back, because this scan came late`],
    ...row.warnings.map((warning) => ['warning', warning] as const),
    ...problemLines(row),
    ['duration', durationText(row.durationMs)],
  ];
  return lines
    .filter((line) => line !== undefined)
    .map(([name, text]) => `${name.padEnd(10)} ${terminalText(text)}\n`)
    .join('');
}

function reportText({ tool, toolVersion, format, bytes }: ReceiptRow): string {
  return `${[tool, toolVersion].filter(Boolean).join(' ')}, ${format}, ${bytes.toLocaleString('en')} bytes`;
}

const timeOrigins: Readonly<Record<string, string>> = {
  upload: 'as given with the report',
  scan_end: 'end of the scan',
  last_host: 'when the last host was done',
  scan_start: 'start of the scan',
  receipt: 'when it was received: the report says nothing',
};

const scopeOrigins: Readonly<Record<string, string>> = {
  upload: 'as given with the report',
  report: 'as the report says',
  scanner_default: 'default of the scanner',
  listed_hosts: 'only what the report lists: what is missing is not gone',
  none: 'nobody says: nothing is closed',
};

const shownRanges = 6;

function addressesText({ complete, scope: { addresses, addressOrigin } }: ReceiptRow): string {
  // A partial scan looked at what it lists, whatever was asked for.
  if (!complete && addresses.length === 0) return 'no addresses (a partial scan covers only what it lists)';
  const shown = addresses.slice(0, shownRanges).join(', ') || 'no addresses';
  const more = addresses.length > shownRanges ? `, and ${addresses.length - shownRanges} more ranges` : '';
  return `${shown}${more} (${scopeOrigins[addressOrigin] ?? addressOrigin})`;
}

const shownPortCharacters = 60;

function portsText({ scope: { ports, portOrigin } }: ReceiptRow): string {
  const shown = ports.length <= shownPortCharacters ? ports : shortened(ports);
  return `ports ${shown || 'none'} (${scopeOrigins[portOrigin] ?? portOrigin})`;
}

function shortened(ports: string): string {
  const parts = ports.slice(0, shownPortCharacters).split(',').slice(0, -1);
  return `${parts.join(',')}, and ${ports.split(',').length - parts.length} more ranges`;
}

function resultText({ scan, status, complete, partialReason, heldReason }: ReceiptRow): string {
  if (status === 'held') {
    const why = heldReason ?? 'it would close suspiciously much';
    return `held, nothing of it counts: ${why}; decide with "scan release ${scan}" or "scan discard ${scan}"`;
  }
  if (status === 'discarded') return 'discarded: it does not count';
  if (complete) return 'complete';
  return `partial: ${partialReason ?? 'it did not reach its end'}; it opens and confirms, but closes nothing`;
}

function changesText({ changes, baselineChanges }: ReceiptRow): string {
  const parts = Object.entries(changes).map(([kind, count]) => `${count} ${kind.replaceAll('_', ' ')}`);
  if (parts.length === 0) return 'none';
  return parts.join(', ') + (baselineChanges === 0 ? '' : ` (${baselineChanges} first observed)`);
}

function problemLines({ problems, problemCount }: ReceiptRow): (readonly [string, string])[] {
  const lines = problems.map(({ offset, line, address, reason }) => {
    const place = line === null ? `byte ${offset}` : `line ${line}`;
    return ['problem', `${place}${address === null ? '' : `, ${address}`}: ${reason}`] as const;
  });
  const more = problemCount - problems.length;
  return more > 0 ? [...lines, ['', `and ${more} more problems`]] : lines;
}

function durationText(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** A receipt for people on one line; safe to print. */
export function receiptLine(row: ReceiptRow): string {
  const { scan, scanner, at, complete, hostsUp, endpointsOpen } = row;
  const result = complete ? '' : ', partial';
  const seen = `${counted(hostsUp, 'host')} up, ${counted(endpointsOpen, 'open endpoint')}${result}`;
  return `${terminalText(`Scan ${scan} by ${scanner} at ${timeText(at)}: ${seen}; changes: ${changesText(row)}`)}\n`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
