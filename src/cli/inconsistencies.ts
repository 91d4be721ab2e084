import type { Command } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { type Api, readPages } from './api.ts';
import { readPortsArgument, readTexts } from './argument-values.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import {
  addNetworkOptions,
  addOutputOptions,
  filter,
  type NetworkOptions,
  networkFilter,
  type OutputOptions,
  printerFor,
  printPages,
} from './row-options.ts';
import { endpointText, numberOf, timeText, word } from './row-values.ts';
import type { Column } from './table.ts';
import { tell } from './terminal.ts';

interface InconsistencyOptions extends PlaceOptions, OutputOptions, NetworkOptions {
  readonly group?: readonly string[];
  readonly space?: readonly string[];
  readonly port?: string;
}

/** Adds `inconsistencies`: what scanners that should see the same disagree about. */
export function addInconsistencies(program: Command): void {
  const command = program
    .command('inconsistencies')
    .description('list what scanners of one group disagree about, with what each says')
    .addOption(filter('--group <name>', 'inside this group (repeatable)').argParser(readTexts))
    .addOption(filter('--space <name>', 'in this address space (repeatable)').argParser(readTexts))
    .addOption(filter('--port <ports>', 'about one of 22,80-90/tcp,53/udp').argParser(readPortsArgument));
  addNetworkOptions(command);
  addPlaceOptions(addOutputOptions(command, 'so many at most')).action((options: InconsistencyOptions) =>
    withApi(options, 'existing', (api) => list(api, options)),
  );
}

async function list(api: Api, options: InconsistencyOptions): Promise<void> {
  const count = await printPages(inconsistencyRows(api, options), printerFor(options, columns));
  if (count === 0 && options.output === 'table') tell('No inconsistencies.');
}

async function* inconsistencyRows(api: Api, options: InconsistencyOptions): AsyncGenerator<readonly Row[]> {
  const named = (names: readonly string[] | undefined) => names?.map((name) => ({ name }));
  const which = {
    ...networkFilter(options),
    scannerGroups: named(options.group),
    addressSpaces: named(options.space),
    ports: options.port,
  };
  const reading = { document, field: 'inconsistencies', filter: which, limit: options.limit };
  for await (const nodes of readPages<Node>(api, reading)) yield nodes.map(rowOf);
}

const document = /* GraphQL */ `
  query ($filter: InconsistencyFilter, $first: Int, $after: String) {
    inconsistencies(filter: $filter, first: $first, after: $after) {
      nodes {
        address port protocol addressSpace { name } group { name }
        sides { scanner { name } verdict status since { at } lookedAt scan { id } scope }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

interface Node {
  readonly address: string;
  readonly port: number | null;
  readonly protocol: string | null;
  readonly addressSpace: { readonly name: string };
  readonly group: { readonly name: string };
  readonly sides: readonly {
    readonly scanner: { readonly name: string };
    readonly verdict: string | null;
    readonly status: string | null;
    readonly since: { readonly at: string } | null;
    readonly lookedAt: string;
    readonly scan: { readonly id: string };
    readonly scope: string;
  }[];
}

type Row = ReturnType<typeof rowOf>;

function rowOf({ address, port, protocol, addressSpace, group, sides }: Node) {
  return {
    space: addressSpace.name,
    group: group.name,
    address,
    port,
    protocol: protocol === null ? null : word(protocol),
    sides: sides.map(({ scanner, verdict, status, since, lookedAt, scan, scope }) => ({
      scanner: scanner.name,
      state: word(verdict ?? status ?? 'unknown'),
      since: since?.at ?? null,
      lookedAt,
      scan: numberOf(scan.id),
      ports: scope,
    })),
  };
}

const columns: readonly Column<Row>[] = [
  { title: 'group', value: ({ group }) => group },
  { title: 'where', whole: true, value: endpointText },
  {
    title: 'what the scanners say',
    value: ({ sides }) =>
      sides
        .map((side) => `${side.scanner}: ${side.state.replaceAll('_', ' ')} at ${timeText(side.lookedAt)}`)
        .join(', '),
  },
];
