import { type Command, Option } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { defined, present } from '../graphql/defined.ts';
import { type Api, type Outcome, payloadOf, readPages } from './api.ts';
import { readNetworks, readNumber, readPortsArgument, readSeconds, readShare } from './argument-values.ts';
import { Failure } from './failure.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import { addOutputOptions, type OutputOptions, printerFor, printPages } from './row-options.ts';
import { addScannerEvidence } from './scanner-evidence.ts';
import { createScanner, getNamed, groupFor, type Named, scannerRemoval } from './scanner-lookup.ts';
import { type ScannerNode, scannerColumns, scannerFields, scannerRow } from './scanner-row.ts';
import { tell } from './terminal.ts';

type None = typeof none;

interface ScannerOptions extends PlaceOptions {
  readonly name?: string;
  readonly group?: string;
  readonly description?: string;
  readonly openAfter?: number;
  readonly closedAfter?: number;
  readonly goneAfter?: number;
  readonly backAfter?: number;
  readonly reopenWindow?: number;
  readonly defaultAddresses?: readonly string[] | None;
  readonly defaultPorts?: string | None;
  readonly expectEvery?: number | None;
  readonly guardShare?: number;
  readonly bogusPorts?: number;
}

/** Adds `scanner`: the sources of scans, each at one vantage point. */
export function addScanner(program: Command): void {
  const scanner = program
    .command('scanner')
    .description('scanners: sources of scans, each at one vantage point');
  settings(scanner.command('add').description('add a scanner').argument('<name>'), '(else "default")').action(
    (name: string, options: ScannerOptions) => withApi(options, 'create', (api) => add(api, name, options)),
  );
  addPlaceOptions(
    addOutputOptions(scanner.command('list').description('list scanners'), 'so many at most'),
  ).action((options: PlaceOptions & OutputOptions) =>
    withApi(options, 'existing', (api) => list(api, options)),
  );
  settings(scanner.command('set').description('change a scanner').argument('<name>'), '')
    .option('--name <new>', 'a new name')
    .action((name: string, options: ScannerOptions) =>
      withApi(options, 'existing', (api) => change(api, name, options)),
    );
  addPlaceOptions(
    scanner.command('remove').description('remove a scanner without scans').argument('<name>'),
  ).action((name: string, options: PlaceOptions) => withApi(options, 'existing', (api) => remove(api, name)));
  addScannerEvidence(scanner);
}

const scans = readNumber(1, 100);

function settings(command: Command, groupHint: string): Command {
  const threshold = (flags: string, description: string) =>
    new Option(`${flags} <scans>`, `after so many scans in a row, ${description}`)
      .argParser(scans)
      .helpGroup('A change counts:');
  const scope = (flags: string, description: string) =>
    new Option(flags, description).helpGroup('For reports that do not say what they covered:');
  command
    .option('--group <name>', `the group it belongs to ${groupHint}`.trim())
    .option('--description <text>', 'for people')
    .option(
      '--expect-every <time>',
      'it is overdue after 26h, 8d without a scan; or none',
      orNone(readSeconds),
    )
    .option('--guard-share <share>', 'hold scans that would close more than 0.5, 50%', readShare)
    .option('--bogus-ports <ports>', 'more new open ports of one host are one finding', readNumber(1, 65535))
    .addOption(threshold('--open-after', 'for a port to be open'))
    .addOption(threshold('--closed-after', 'for a port to be closed'))
    .addOption(threshold('--gone-after', 'for a host to be gone'))
    .addOption(threshold('--back-after', 'for a host to be back'))
    .addOption(
      new Option(
        '--reopen-window <days>',
        'a port that opens within so many days is open again, later it is open',
      )
        .argParser(readNumber(0, 36_500))
        .helpGroup('A change counts:'),
    )
    .addOption(
      scope('--default-addresses <networks>', 'these addresses; or none').argParser(orNone(readNetworks)),
    )
    .addOption(scope('--default-ports <ports>', 'these ports; or none').argParser(orNone(readPortsArgument)));
  return addPlaceOptions(command);
}

/** Takes a setting away. Not null: commander takes that for a missing value. */
const none = 'none';

/** Reads a value, or the word `none`. */
function orNone<T>(read: (text: string, before?: T) => T): (text: string, before?: T | None) => T | None {
  return (text, before) => {
    if (text.trim().toLowerCase() === none) return none;
    return read(text, before === none ? undefined : (before as T | undefined));
  };
}

function settingOf<T>(value: T | None | undefined): T | null | undefined {
  return value === none ? null : (value as T | undefined);
}

function inputOf(options: ScannerOptions) {
  const thresholds = present({
    openAfterScans: options.openAfter,
    closedAfterScans: options.closedAfter,
    goneAfterScans: options.goneAfter,
    backAfterScans: options.backAfter,
    reopenWindowDays: options.reopenWindow,
  });
  return {
    ...present({
      description: options.description,
      guardShare: options.guardShare,
      bogusPorts: options.bogusPorts,
      thresholds: Object.keys(thresholds).length === 0 ? undefined : thresholds,
    }),
    ...defined({
      defaultAddresses: settingOf(options.defaultAddresses),
      defaultPorts: settingOf(options.defaultPorts),
      expectEverySeconds: settingOf(options.expectEvery),
    }),
  };
}

async function add(api: Api, name: string, options: ScannerOptions): Promise<void> {
  const group = await groupFor(api, options.group);
  const created = await createScanner(api, name, group, present(inputOf(options)));
  tell(`Added the scanner "${created.name}" to the group "${group.name}".`);
}

async function change(api: Api, name: string, options: ScannerOptions): Promise<void> {
  const input = { ...inputOf(options), ...present({ name: options.name }) };
  if (Object.keys(input).length === 0 && options.group === undefined) {
    throw new Failure('There is nothing to change; see --help for what can be');
  }
  const { id } = await getNamed(api, 'scanner', name);
  const group = options.group === undefined ? undefined : await groupFor(api, options.group);
  const { outcome } = await api.query<{ outcome: Outcome<{ scanner: Named }> }>(update, {
    input: { id, ...input, ...(group === undefined ? {} : { group: { id: group.id } }) },
  });
  tell(`Changed the scanner "${payloadOf(outcome).scanner.name}".`);
}

const update = /* GraphQL */ `
  mutation ($input: UpdateScannerInput!) {
    outcome: updateScanner(input: $input) {
      ... on Error { message }
      ... on UpdateScannerPayload { scanner { id name } }
    }
  }
`;

async function remove(api: Api, name: string): Promise<void> {
  const { id } = await getNamed(api, 'scanner', name);
  const { outcome } = await api.query<{ outcome: Outcome<{ scanner: Named }> }>(scannerRemoval, { id });
  tell(`Removed the scanner "${payloadOf(outcome).scanner.name}".`);
}

async function list(api: Api, options: OutputOptions): Promise<void> {
  const count = await printPages(scannerRows(api, options.limit), printerFor(options, scannerColumns));
  if (count === 0 && options.output === 'table')
    tell('No scanners. Add one with: drportscan scanner add NAME');
}

async function* scannerRows(api: Api, limit: number | undefined) {
  const reading = { document: listing, field: 'scanners', limit };
  for await (const scanners of readPages<ScannerNode>(api, reading)) yield scanners.map(scannerRow);
}

const listing = /* GraphQL */ `
  query ($first: Int, $after: String) {
    scanners(first: $first, after: $after) {
      nodes { ${scannerFields} }
      pageInfo { hasNextPage endCursor }
    }
  }
`;
