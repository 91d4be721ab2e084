import type { Command } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { type Api, readPages } from './api.ts';
import { readNetworks, readPortsArgument, readTexts } from './argument-values.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import { addOutputOptions, filter, type OutputOptions, printerFor, printPages } from './row-options.ts';
import { word } from './row-values.ts';
import type { Column } from './table.ts';
import { tell } from './terminal.ts';

interface TwinOptions extends PlaceOptions, OutputOptions {
  readonly group?: readonly string[];
  readonly space?: readonly string[];
  readonly network?: readonly string[];
  readonly port?: string;
  readonly all?: boolean;
}

/** Adds `twins`: machines whose IPv4 and IPv6 addresses differ in what is open. */
export function addTwins(program: Command): void {
  const command = program
    .command('twins')
    .description('list machines whose IPv4 and IPv6 addresses differ in what is open')
    .addOption(filter('--group <name>', 'as seen by this group (repeatable)').argParser(readTexts))
    .addOption(filter('--space <name>', 'in this address space (repeatable)').argParser(readTexts))
    .addOption(filter('--network <networks>', 'with one address inside').argParser(readNetworks))
    .addOption(filter('--port <ports>', 'compare only 22,80-90/tcp,53/udp').argParser(readPortsArgument))
    .addOption(filter('--all', 'also those that do not differ'));
  addPlaceOptions(addOutputOptions(command, 'so many at most')).action((options: TwinOptions) =>
    withApi(options, 'existing', (api) => list(api, options)),
  );
}

async function list(api: Api, options: TwinOptions): Promise<void> {
  const count = await printPages(twinRows(api, options), printerFor(options, columns));
  if (count === 0 && options.output === 'table') tell('No twins that differ.');
}

async function* twinRows(api: Api, options: TwinOptions): AsyncGenerator<readonly Row[]> {
  const named = (names: readonly string[] | undefined) => names?.map((name) => ({ name }));
  const which = {
    scannerGroups: named(options.group),
    addressSpaces: named(options.space),
    networks: options.network,
    ports: options.port,
    includeEqual: options.all,
  };
  const reading = { document, field: 'twins', filter: which, limit: options.limit };
  for await (const nodes of readPages<Node>(api, reading)) yield nodes.map(rowOf);
}

const document = /* GraphQL */ `
  query ($filter: TwinFilter, $first: Int, $after: String) {
    twins(filter: $filter, first: $first, after: $after) {
      nodes {
        v4 v6 names macs openOnBoth addressSpace { name }
        differences { port protocol openOn other }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

interface Node {
  readonly v4: string;
  readonly v6: string;
  readonly names: readonly string[];
  readonly macs: readonly string[];
  readonly openOnBoth: number;
  readonly addressSpace: { readonly name: string };
  readonly differences: readonly {
    readonly port: number;
    readonly protocol: string;
    readonly openOn: string;
    readonly other: string;
  }[];
}

type Row = ReturnType<typeof rowOf>;

function rowOf({ addressSpace, differences, ...rest }: Node) {
  return {
    space: addressSpace.name,
    ...rest,
    differences: differences.map(({ port, protocol, openOn, other }) => ({
      port: `${port}/${word(protocol)}`,
      openOn: word(openOn),
      other: word(other),
    })),
  };
}

function onlyOn(family: string, { differences }: Row): string {
  return differences
    .filter(({ openOn }) => openOn === family)
    .map(({ port, other }) => (other === 'unknown' ? `${port}?` : port))
    .join(' ');
}

const columns: readonly Column<Row>[] = [
  { title: 'IPv4', whole: true, value: ({ v4 }) => v4 },
  { title: 'IPv6', whole: true, value: ({ v6 }) => v6 },
  { title: 'shared', value: ({ names, macs }) => [...names, ...macs].join(' ') },
  { title: 'open on both', value: ({ openOnBoth }) => String(openOnBoth), align: 'right' },
  { title: 'only on IPv4', value: (row) => onlyOn('ipv4', row) },
  { title: 'only on IPv6', value: (row) => onlyOn('ipv6', row) },
];
