import { type Command, Option } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { differenceFacts } from '../core/state-difference.ts';
import { type Api, readPages } from './api.ts';
import { readMoment, readNumber, readWords } from './argument-values.ts';
import { compareScans } from './compare-scans.ts';
import { Failure } from './failure.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import {
  addNetworkOptions,
  addOutputOptions,
  addPortOptions,
  addSourceOptions,
  enumValues,
  filter,
  type NetworkOptions,
  networkFilter,
  type OutputOptions,
  type PortOptions,
  portFilter,
  printerFor,
  printPages,
  type SourceOptions,
  sourceFilter,
} from './row-options.ts';
import {
  numberOf,
  placeText,
  type ServiceFields,
  serviceFields,
  serviceText,
  timeText,
  word,
} from './row-values.ts';
import type { Column } from './table.ts';
import { tell } from './terminal.ts';

interface CompareOptions extends PlaceOptions, OutputOptions, SourceOptions, NetworkOptions, PortOptions {
  readonly from?: string;
  readonly to?: string;
  readonly fact?: readonly string[];
  readonly baseline?: boolean;
}

/** Adds `compare`: what differs between two moments, or between two scans. */
export function addCompare(program: Command): void {
  const command = program
    .command('compare')
    .description('list what differs between two scans, or between two moments')
    .argument('[before]', 'the number of a scan, as `scans` lists it', readScan)
    .argument('[after]', 'the number of another scan', readScan)
    .addOption(
      new Option('--from <time>', 'the first moment: 2026-11-23T10:15:00Z, or 6h, 7d ago').argParser(
        readMoment,
      ),
    )
    .addOption(new Option('--to <time>', 'the second moment (else now)').argParser(readMoment))
    .addOption(
      filter('--fact <words>', `one of ${differenceFacts.join(', ')}`).argParser(readWords(differenceFacts)),
    )
    .addOption(filter('--baseline', 'only what was observed for the first time in between'))
    .addOption(filter('--no-baseline', 'only the others'));
  addPortOptions(addNetworkOptions(addSourceOptions(command)));
  addPlaceOptions(addOutputOptions(command, 'so many differences at most')).action(
    (before: number | undefined, after: number | undefined, options: CompareOptions) =>
      withApi(options, 'existing', (api) => compare(api, { before, after }, options)),
  );
}

const readScan = readNumber(1, Number.MAX_SAFE_INTEGER);

async function compare(
  api: Api,
  { before, after }: { before: number | undefined; after: number | undefined },
  options: CompareOptions,
): Promise<void> {
  if (before === undefined) return compareMoments(api, { ...options, from: momentOf(options) });
  if (after === undefined) throw new Failure('Name two scans, such as "compare 3 7": "scans" lists them');
  const misplaced = Object.entries(ofMoments).find(
    ([name]) => options[name as keyof CompareOptions] !== undefined,
  );
  if (misplaced !== undefined)
    throw new Failure(`${misplaced[1]} compares moments: leave it out, or leave out the two scans`);
  await compareScans(api, { before, after }, options);
}

/** Options that only make sense for moments. */
const ofMoments = {
  from: '--from',
  to: '--to',
  fact: '--fact',
  baseline: '--baseline',
  scanner: '--scanner',
  group: '--group',
  space: '--space',
} as const;

function momentOf({ from }: CompareOptions): string {
  if (from !== undefined) return from;
  throw new Failure('Say what is compared: two scans, such as "compare 3 7", or a moment, such as --from 7d');
}

async function compareMoments(api: Api, options: CompareOptions & { readonly from: string }): Promise<void> {
  const count = await printPages(differenceRows(api, options), printerFor(options, columns));
  if (count === 0 && options.output === 'table') tell('No differences.');
}

async function* differenceRows(
  api: Api,
  options: CompareOptions & { readonly from: string },
): AsyncGenerator<readonly DifferenceRow[]> {
  const which = {
    ...sourceFilter(options),
    ...networkFilter(options),
    ...portFilter(options),
    facts: enumValues(options.fact),
    baseline: options.baseline,
  };
  const variables = { from: options.from, to: options.to ?? new Date().toISOString() };
  const reading = { document, field: 'compareStates', filter: which, variables, limit: options.limit };
  for await (const nodes of readPages<DifferenceNode>(api, reading)) yield nodes.map(rowOf);
}

const document = /* GraphQL */ `
  query ($from: DateTime!, $to: DateTime!, $filter: DifferenceFilter, $first: Int, $after: String) {
    compareStates(from: $from, to: $to, filter: $filter, first: $first, after: $after) {
      nodes {
        fact address port protocol baseline changes at
        addressSpace { name } scanner { name } scan { id }
        before { state names ${serviceFields} }
        after { state names ${serviceFields} }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

interface Facts {
  readonly state: string | null;
  readonly names: readonly string[] | null;
  readonly service: ServiceFields | null;
}

interface DifferenceNode {
  readonly fact: string;
  readonly address: string;
  readonly port: number | null;
  readonly protocol: string | null;
  readonly baseline: boolean;
  readonly changes: number;
  readonly at: string;
  readonly addressSpace: { readonly name: string };
  readonly scanner: { readonly name: string };
  readonly scan: { readonly id: string };
  readonly before: Facts | null;
  readonly after: Facts;
}

type DifferenceRow = ReturnType<typeof rowOf>;

function rowOf({ addressSpace, scanner, scan, fact, protocol, ...rest }: DifferenceNode) {
  return {
    ...rest,
    fact: word(fact),
    protocol: protocol === null ? null : word(protocol),
    space: addressSpace.name,
    scanner: scanner.name,
    scan: numberOf(scan.id),
  };
}

function sideText(facts: Facts | null): string {
  if (facts === null) return 'unknown';
  const { state, names, service } = facts;
  const said = [
    state === null ? '' : word(state).replaceAll('_', ' '),
    names?.join(' ') ?? '',
    serviceText(service),
  ];
  return said.filter((part) => part !== '').join(' ') || 'none';
}

const columns: readonly Column<DifferenceRow>[] = [
  {
    title: 'where',
    whole: true,
    value: placeText,
  },
  { title: 'what', value: ({ fact }) => fact },
  { title: 'before', value: ({ before }) => sideText(before) },
  { title: 'after', value: ({ after }) => sideText(after) },
  { title: 'since', value: ({ at }) => timeText(at) },
  { title: 'scanner', value: ({ scanner }) => scanner },
  { title: 'scan', value: ({ scan }) => String(scan), align: 'right' },
];
