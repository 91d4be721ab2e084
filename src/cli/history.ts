import type { Command } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { protocols } from '../core/endpoint.ts';
import type { Api } from './api.ts';
import { readAddressArgument, readNumber, readWord } from './argument-values.ts';
import { Failure } from './failure.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import { addOutputOptions, filter, type OutputOptions, printerFor } from './row-options.ts';
import { numberOf, type ServiceFields, serviceFields, serviceText, timeText, word } from './row-values.ts';
import type { Column } from './table.ts';
import { print, tell } from './terminal.ts';

interface HistoryOptions extends PlaceOptions, OutputOptions {
  readonly port?: number;
  readonly protocol?: string;
  readonly space?: string;
}

/** Adds `history`: what was seen of a host or one of its ports over time, and when nobody looked. */
export function addHistory(program: Command): void {
  const command = program
    .command('history')
    .description('tell what was seen of a host or one of its ports over time, and when nobody looked')
    .argument('<address>', 'such as 192.0.2.7 or 2001:db8::7', readAddressArgument)
    .addOption(filter('--port <port>', 'only this port').argParser(readNumber(0, 65_535)))
    .addOption(
      filter('--protocol <name>', `of the port: ${protocols.join(', ')} (else tcp)`).argParser(
        readWord(protocols),
      ),
    )
    .addOption(filter('--space <name>', 'in this address space (else "default")'));
  addPlaceOptions(addOutputOptions(command, 'the last so many lines')).action(
    (address: string, options: HistoryOptions) =>
      withApi(options, 'existing', (api) => tellHistory(api, address, options)),
  );
}

async function tellHistory(api: Api, address: string, options: HistoryOptions): Promise<void> {
  const rows = await historyRows(api, address, options);
  const printer = printerFor(options, columns);
  await print(printer.rows(options.limit === undefined ? rows : rows.slice(-options.limit)));
  await print(printer.end());
  if (rows.length === 0 && options.output === 'table') tell('No scanner looked there.');
}

async function historyRows(api: Api, address: string, options: HistoryOptions): Promise<HistoryRow[]> {
  const addressSpace = options.space === undefined ? undefined : { name: options.space };
  const variables = { address, addressSpace };
  if (options.protocol !== undefined && options.port === undefined)
    throw new Failure('--protocol belongs to --port: name the port, or leave the protocol out');
  const protocol = (options.protocol ?? 'tcp').toUpperCase();
  const { found } =
    options.port === undefined
      ? await api.query<Answer>(ofHost, variables)
      : await api.query<Answer>(ofEndpoint, { ...variables, port: options.port, protocol });
  if (found === null)
    throw new Failure(`No scanner knows a host ${address}: "drportscan hosts" lists those that are known`);
  return found.history.flatMap(rowsOf).sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

const historyFields = `
  history {
    scanner { name }
    begins looks firstLookAt lastLookAt
    entries {
      kind baseline at port protocol confirmations reason scan { id }
      before { state names ${serviceFields} }
      after { state names ${serviceFields} }
    }
    gaps { from to }
  }
`;

const ofHost = /* GraphQL */ `
  query ($address: IPAddress!, $addressSpace: AddressSpaceSelector) {
    found: host(address: $address, addressSpace: $addressSpace) { ${historyFields} }
  }
`;

const ofEndpoint = /* GraphQL */ `
  query ($address: IPAddress!, $addressSpace: AddressSpaceSelector, $port: Port!, $protocol: Protocol!) {
    found: endpoint(address: $address, addressSpace: $addressSpace, port: $port, protocol: $protocol) {
      ${historyFields}
    }
  }
`;

interface Facts {
  readonly state: string | null;
  readonly names: readonly string[] | null;
  readonly service: ServiceFields | null;
}

interface ScannerHistoryNode {
  readonly scanner: { readonly name: string };
  readonly begins: string | null;
  readonly looks: number;
  readonly lastLookAt: string | null;
  readonly entries: readonly {
    readonly kind: string;
    readonly baseline: boolean;
    readonly at: string;
    readonly port: number | null;
    readonly protocol: string | null;
    readonly confirmations: number;
    readonly reason: string | null;
    readonly scan: { readonly id: string };
    readonly before: Facts | null;
    readonly after: Facts;
  }[];
  readonly gaps: readonly { readonly from: string; readonly to: string | null }[];
}

interface Answer {
  readonly found: { readonly history: readonly ScannerHistoryNode[] } | null;
}

interface HistoryRow {
  readonly at: string;
  /** A kind of change, or `host_forgotten`, `gap`, `begins`, `last_look`. */
  readonly what: string;
  readonly scanner: string;
  readonly port: string | null;
  readonly baseline: boolean;
  readonly detail: string;
  readonly scan: number | null;
}

function rowsOf({ scanner: { name: scanner }, ...history }: ScannerHistoryNode): HistoryRow[] {
  const told = { scanner, port: null, baseline: false, scan: null };
  const { begins, lastLookAt, looks, entries, gaps } = history;
  return [
    ...(begins === null ? [] : [{ ...told, at: begins, what: 'begins', detail: 'what is kept begins here' }]),
    ...entries.map((entry) => ({
      at: entry.at,
      what: word(entry.reason ?? entry.kind),
      scanner,
      port: entry.port === null ? null : `${entry.port}/${word(entry.protocol ?? '')}`,
      baseline: entry.baseline,
      detail: detailOf(entry),
      scan: numberOf(entry.scan.id),
    })),
    ...gaps.map(({ from, to }) => ({
      ...told,
      at: from,
      what: 'gap',
      detail: to === null ? 'nobody has looked since' : `nobody looked until ${timeText(to)}`,
    })),
    ...(lastLookAt === null
      ? []
      : [{ ...told, at: lastLookAt, what: 'last_look', detail: `the last of ${looks} complete scans` }]),
  ];
}

function detailOf({ kind, reason, before, after }: ScannerHistoryNode['entries'][number]): string {
  if (reason === 'HOST_FORGOTTEN') return 'a person said that another machine has the address';
  const names = (facts: Facts | null) => facts?.names?.join(' ') || 'no name';
  if (kind === 'NAME_CHANGED') return `${names(before)} -> ${names(after)}`;
  if (kind === 'SERVICE_CHANGED') {
    return `${serviceText(before?.service) || 'unknown'} -> ${serviceText(after.service) || 'unknown'}`;
  }
  return serviceText(after.service) || (after.names ?? []).join(' ');
}

const columns: readonly Column<HistoryRow>[] = [
  { title: 'at', value: ({ at }) => timeText(at) },
  {
    title: 'what',
    value: (row) => row.what.replaceAll('_', ' ') + (row.baseline ? ' (first observed)' : ''),
  },
  { title: 'port', value: ({ port }) => port ?? '' },
  { title: 'detail', value: ({ detail }) => detail },
  { title: 'scanner', value: ({ scanner }) => scanner },
  { title: 'scan', value: ({ scan }) => (scan === null ? '' : String(scan)), align: 'right' },
];
