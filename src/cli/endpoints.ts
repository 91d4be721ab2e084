import type { Command } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { type Api, readPages } from './api.ts';
import { readWords } from './argument-values.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import {
  addAsOfOption,
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
  extreme,
  type PendingFields,
  pendingFields,
  placeText,
  type ServiceFields,
  type SourceFields,
  serviceFields,
  serviceText,
  sourceFields,
  timeText,
  word,
} from './row-values.ts';
import type { Column } from './table.ts';
import { tell } from './terminal.ts';

const states = ['open', 'not_open', 'unknown'] as const;

interface EndpointOptions extends PlaceOptions, OutputOptions, SourceOptions, NetworkOptions, PortOptions {
  readonly state?: readonly string[];
  readonly service?: string;
  readonly name?: string;
  readonly pending?: boolean;
  readonly asOf?: string;
}

/** Adds `endpoints`: which ports are open, who sees it, since when, last verified when. */
export function addEndpoints(program: Command): void {
  const command = program
    .command('endpoints')
    .description('list ports of hosts that were ever open')
    .addOption(filter('--state <words>', `one of ${states.join(', ')}`).argParser(readWords(states)))
    .addOption(filter('--service <text>', "part of the service's name, product or version"))
    .addOption(filter('--name <text>', 'part of a DNS name of the host'))
    .addOption(filter('--pending', 'where looks contradict the state, not enough of them yet'))
    .addOption(filter('--no-pending', 'only the others'))
    .addHelpText('before', 'Who has 3389/tcp open now?  drportscan endpoints --port 3389 --state open\n');
  addAsOfOption(addPortOptions(addNetworkOptions(addSourceOptions(command))));
  addPlaceOptions(addOutputOptions(command, 'so many endpoints at most')).action((options: EndpointOptions) =>
    withApi(options, 'existing', (api) => listEndpoints(api, options)),
  );
}

async function listEndpoints(api: Api, options: EndpointOptions): Promise<void> {
  const count = await printPages(endpointRows(api, options), printerFor(options, columns, csvColumns));
  if (count === 0 && options.output === 'table') tell('No endpoints.');
}

async function* endpointRows(api: Api, options: EndpointOptions): AsyncGenerator<readonly EndpointRow[]> {
  const which = {
    ...sourceFilter(options),
    ...networkFilter(options),
    ...portFilter(options),
    verdicts: enumValues(options.state),
    service: options.service,
    name: options.name,
    pending: options.pending,
  };
  const reading = {
    document,
    field: 'endpoints',
    filter: which,
    variables: { asOf: options.asOf },
    limit: options.limit,
  };
  for await (const endpoints of readPages<EndpointNode>(api, reading)) yield endpoints.map(rowOf);
}

const document = /* GraphQL */ `
  query ($filter: EndpointFilter, $asOf: DateTime, $first: Int, $after: String) {
    endpoints(filter: $filter, asOf: $asOf, first: $first, after: $after) {
      nodes {
        address
        addressSpace { name }
        port
        protocol
        verdict
        ${serviceFields}
        lastVerifiedAt
        views {
          ${sourceFields}
          verdict unknownReason since { at } closedAt ${serviceFields} ${pendingFields} lastVerifiedAt
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

interface EndpointNode {
  readonly address: string;
  readonly addressSpace: { readonly name: string };
  readonly port: number;
  readonly protocol: string;
  readonly verdict: string;
  readonly service: ServiceFields | null;
  readonly lastVerifiedAt: string | null;
  readonly views: readonly {
    readonly scanner: SourceFields;
    readonly verdict: string;
    readonly unknownReason: string | null;
    readonly since: { readonly at: string } | null;
    readonly closedAt: string | null;
    readonly service: ServiceFields | null;
    readonly pending: PendingFields | null;
    readonly lastVerifiedAt: string | null;
  }[];
}

/** An endpoint in JSON; the fields of the table and CSV are made of it. */
type EndpointRow = ReturnType<typeof rowOf>;

function rowOf({ addressSpace, protocol, verdict, views, ...rest }: EndpointNode) {
  const state = word(verdict);
  const seen = views.map((view) => ({
    scanner: view.scanner.name,
    group: view.scanner.group.name,
    state: word(view.verdict),
    unknownReason: view.unknownReason === null ? null : word(view.unknownReason),
    since: view.since?.at ?? null,
    closedAt: view.closedAt,
    service: view.service,
    pending: view.pending,
    lastVerifiedAt: view.lastVerifiedAt,
  }));
  const since = extreme(
    'first',
    seen.filter((view) => view.state === state).map((view) => view.since),
  );
  return { ...rest, protocol: word(protocol), space: addressSpace.name, state, since, views: seen };
}

type ViewRow = EndpointRow['views'][number];

/** What a scanner says, with the reason where it does not know. */
function viewText({ scanner, state, unknownReason, pending }: ViewRow): string {
  const said = state === 'unknown' ? (unknownReason ?? state) : state;
  const counted = pending === null ? '' : ` (${pending.count} of ${pending.needed} looks contradict)`;
  return `${scanner}: ${said.replaceAll('_', ' ')}${counted}`;
}

const scanners = ({ views }: EndpointRow) => views.map(viewText).join(', ');

const columns: readonly Column<EndpointRow>[] = [
  {
    title: 'endpoint',
    whole: true,
    value: placeText,
  },
  { title: 'state', value: ({ state }) => state.replaceAll('_', ' ') },
  { title: 'service', value: ({ service }) => serviceText(service) },
  { title: 'since', value: ({ since }) => timeText(since) },
  { title: 'last verified', value: ({ lastVerifiedAt }) => timeText(lastVerifiedAt) },
  { title: 'scanners', value: scanners },
];

const csvColumns: readonly Column<EndpointRow>[] = [
  { title: 'space', value: ({ space }) => space },
  { title: 'address', value: ({ address }) => address },
  { title: 'port', value: ({ port }) => String(port) },
  { title: 'protocol', value: ({ protocol }) => protocol },
  { title: 'state', value: ({ state }) => state },
  { title: 'service', value: ({ service }) => service?.name ?? '' },
  { title: 'product', value: ({ service }) => service?.product ?? '' },
  { title: 'version', value: ({ service }) => service?.version ?? '' },
  { title: 'since', value: ({ since }) => since ?? '' },
  { title: 'lastVerifiedAt', value: ({ lastVerifiedAt }) => lastVerifiedAt ?? '' },
  { title: 'scanners', value: scanners },
];
