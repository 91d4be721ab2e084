import type { Command } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { type Api, readPages } from './api.ts';
import { readPortsArgument, readWords } from './argument-values.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import {
  addAsOfOption,
  addNetworkOptions,
  addOutputOptions,
  addSourceOptions,
  enumValues,
  filter,
  type NetworkOptions,
  networkFilter,
  type OutputOptions,
  printerFor,
  printPages,
  type SourceOptions,
  sourceFilter,
} from './row-options.ts';
import {
  extreme,
  type PendingFields,
  pendingFields,
  type SourceFields,
  sourceFields,
  timeText,
  word,
} from './row-values.ts';
import type { Column } from './table.ts';
import { tell } from './terminal.ts';

const statuses = ['up', 'gone', 'down'] as const;

interface HostOptions extends PlaceOptions, OutputOptions, SourceOptions, NetworkOptions {
  readonly status?: readonly string[];
  readonly name?: string;
  readonly openPort?: string;
  readonly pending?: boolean;
  readonly asOf?: string;
}

/** Adds `hosts`: which addresses are there, as their scanners see them. */
export function addHosts(program: Command): void {
  const command = program
    .command('hosts')
    .description('list hosts')
    .addOption(filter('--status <words>', `one of ${statuses.join(', ')}`).argParser(readWords(statuses)))
    .addOption(filter('--name <text>', 'part of a DNS name'))
    .addOption(filter('--open-port <ports>', 'with one of these ports open').argParser(readPortsArgument))
    .addOption(filter('--pending', 'where looks contradict the status, not enough of them yet'))
    .addOption(filter('--no-pending', 'only the others'));
  addAsOfOption(addNetworkOptions(addSourceOptions(command)));
  addPlaceOptions(addOutputOptions(command, 'so many hosts at most')).action((options: HostOptions) =>
    withApi(options, 'existing', (api) => listHosts(api, options)),
  );
}

async function listHosts(api: Api, options: HostOptions): Promise<void> {
  const count = await printPages(hostRows(api, options), printerFor(options, columns, csvColumns));
  if (count === 0 && options.output === 'table') tell('No hosts.');
}

async function* hostRows(api: Api, options: HostOptions): AsyncGenerator<readonly HostRow[]> {
  const which = {
    ...sourceFilter(options),
    ...networkFilter(options),
    statuses: enumValues(options.status),
    name: options.name,
    openPorts: options.openPort,
    pending: options.pending,
  };
  const reading = {
    document,
    field: 'hosts',
    filter: which,
    variables: { asOf: options.asOf },
    limit: options.limit,
  };
  for await (const hosts of readPages<HostNode>(api, reading)) yield hosts.map(rowOf);
}

const document = /* GraphQL */ `
  query ($filter: HostFilter, $asOf: DateTime, $first: Int, $after: String) {
    hosts(filter: $filter, asOf: $asOf, first: $first, after: $after) {
      nodes {
        address
        addressSpace { name }
        names
        views {
          ${sourceFields}
          status since { at } firstSeen { at } names mac ${pendingFields} lastVerifiedAt
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

interface HostNode {
  readonly address: string;
  readonly addressSpace: { readonly name: string };
  readonly names: readonly string[];
  readonly views: readonly {
    readonly scanner: SourceFields;
    readonly status: string;
    readonly since: { readonly at: string };
    readonly firstSeen: { readonly at: string } | null;
    readonly names: readonly string[];
    readonly mac: string | null;
    readonly pending: PendingFields | null;
    readonly lastVerifiedAt: string | null;
  }[];
}

/** A host in JSON; the fields of the table and CSV are made of it. */
type HostRow = ReturnType<typeof rowOf>;

function rowOf({ address, addressSpace, names, views }: HostNode) {
  const seen = views.map(({ scanner, status, since, firstSeen, ...rest }) => ({
    scanner: scanner.name,
    group: scanner.group.name,
    status: word(status),
    since: since.at,
    firstSeen: firstSeen?.at ?? null,
    ...rest,
  }));
  // Up for one scanner is up; gone says more than never seen up.
  const status = statuses.find((candidate) => seen.some((view) => view.status === candidate)) ?? 'down';
  return {
    address,
    space: addressSpace.name,
    status,
    names,
    mac: seen.find(({ mac }) => mac !== null)?.mac ?? null,
    firstSeen: extreme(
      'first',
      seen.map(({ firstSeen }) => firstSeen),
    ),
    since: extreme(
      'first',
      seen.filter((view) => view.status === status).map(({ since }) => since),
    ),
    lastVerifiedAt: extreme(
      'last',
      seen.map(({ lastVerifiedAt }) => lastVerifiedAt),
    ),
    views: seen,
  };
}

const scanners = ({ views }: HostRow) =>
  views.map(({ scanner, status }) => `${scanner}: ${status}`).join(', ');

/** The status, and how many looks contradict it, such as `up (1 of 2 looks say gone)`. */
export function statusText({ status, views }: Pick<HostRow, 'status' | 'views'>): string {
  const counted = views.flatMap((view) =>
    view.status === status && view.pending !== null
      ? [`${view.pending.count} of ${view.pending.needed} looks say ${status === 'up' ? 'gone' : 'up'}`]
      : [],
  );
  return counted.length === 0 ? status : `${status} (${[...new Set(counted)].join(', ')})`;
}

const columns: readonly Column<HostRow>[] = [
  {
    whole: true,
    title: 'address',
    value: ({ address, space }) => (space === 'default' ? address : `${address} (${space})`),
  },
  { title: 'status', value: statusText },
  { title: 'names', value: ({ names }) => names.join(' ') },
  { title: 'since', value: ({ since }) => timeText(since) },
  { title: 'last verified', value: ({ lastVerifiedAt }) => timeText(lastVerifiedAt) },
  { title: 'scanners', value: scanners },
];

const csvColumns: readonly Column<HostRow>[] = [
  { title: 'space', value: ({ space }) => space },
  { title: 'address', value: ({ address }) => address },
  { title: 'status', value: ({ status }) => status },
  { title: 'names', value: ({ names }) => names.join(' ') },
  { title: 'mac', value: ({ mac }) => mac ?? '' },
  { title: 'firstSeen', value: ({ firstSeen }) => firstSeen ?? '' },
  { title: 'since', value: ({ since }) => since ?? '' },
  { title: 'lastVerifiedAt', value: ({ lastVerifiedAt }) => lastVerifiedAt ?? '' },
  { title: 'scanners', value: scanners },
];
