import type { Command } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { type Api, readPages } from './api.ts';
import { readPortsArgument, readTexts } from './argument-values.ts';
import { Failure } from './failure.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import {
  addAsOfOption,
  addNetworkOptions,
  addOutputOptions,
  filter,
  type NetworkOptions,
  networkFilter,
  type OutputOptions,
  printerFor,
  printPages,
} from './row-options.ts';
import { placeText, word } from './row-values.ts';
import type { Column } from './table.ts';
import { tell } from './terminal.ts';

interface MatrixOptions extends PlaceOptions, OutputOptions, NetworkOptions {
  readonly group?: readonly string[];
  readonly space?: readonly string[];
  readonly port?: string;
  readonly name?: string;
  readonly openIn?: readonly string[];
  readonly notOpenIn?: readonly string[];
  readonly asOf?: string;
}

/** Adds `matrix`: what the groups see, side by side. */
export function addMatrix(program: Command): void {
  const command = program
    .command('matrix')
    .description('list open endpoints with what each group sees, side by side')
    .addOption(
      filter('--group <name>', 'a column for this group (repeatable, else all)').argParser(readTexts),
    )
    .addOption(filter('--open-in <group>', 'open as seen by this group (repeatable)').argParser(readTexts))
    .addOption(
      filter('--not-open-in <group>', 'not open as seen by this group (repeatable)').argParser(readTexts),
    )
    .addOption(filter('--space <name>', 'in this address space (repeatable)').argParser(readTexts))
    .addOption(filter('--port <ports>', 'one of 22,80-90/tcp,53/udp').argParser(readPortsArgument))
    .addOption(filter('--name <text>', 'part of a DNS name'));
  addAsOfOption(addNetworkOptions(command));
  addPlaceOptions(addOutputOptions(command, 'so many endpoints at most')).action((options: MatrixOptions) =>
    withApi(options, 'existing', (api) => list(api, options)),
  );
}

async function list(api: Api, options: MatrixOptions): Promise<void> {
  refuseMissingColumns(options);
  const count = await printPages(matrixRows(api, options), printerFor(options, columns));
  if (count === 0 && options.output === 'table') tell('No endpoints.');
}

/** What is compared must be shown. */
function refuseMissingColumns({ group, openIn = [], notOpenIn = [] }: MatrixOptions): void {
  if (group === undefined) return;
  for (const [option, names] of [
    ['--open-in', openIn],
    ['--not-open-in', notOpenIn],
  ] as const) {
    const missing = names.find((name) => !group.includes(name));
    if (missing !== undefined)
      throw new Failure(
        `${option} names "${missing}", which is not among the groups of --group: add it there`,
      );
  }
}

async function* matrixRows(api: Api, options: MatrixOptions): AsyncGenerator<readonly Row[]> {
  const named = (names: readonly string[] | undefined) => names?.map((name) => ({ name }));
  const which = {
    ...networkFilter(options),
    scannerGroups: named(options.group),
    addressSpaces: named(options.space),
    openIn: named(options.openIn),
    notOpenIn: named(options.notOpenIn),
    ports: options.port,
    name: options.name,
  };
  const variables = { asOf: options.asOf };
  const reading = { document, field: 'vantageMatrix', filter: which, variables, limit: options.limit };
  for await (const nodes of readPages<Node>(api, reading)) yield nodes.map(rowOf);
}

const document = /* GraphQL */ `
  query ($filter: VantageFilter, $asOf: DateTime, $first: Int, $after: String) {
    vantageMatrix(filter: $filter, asOf: $asOf, first: $first, after: $after) {
      nodes {
        address port protocol addressSpace { name }
        cells { group { name } verdict lastVerifiedAt }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

interface Node {
  readonly address: string;
  readonly port: number;
  readonly protocol: string;
  readonly addressSpace: { readonly name: string };
  readonly cells: readonly {
    readonly group: { readonly name: string };
    readonly verdict: string;
    readonly lastVerifiedAt: string | null;
  }[];
}

type Row = ReturnType<typeof rowOf>;

function rowOf({ addressSpace, protocol, cells, ...rest }: Node) {
  return {
    space: addressSpace.name,
    ...rest,
    protocol: word(protocol),
    views: cells.map(({ group, verdict, lastVerifiedAt }) => ({
      group: group.name,
      state: word(verdict),
      lastVerifiedAt,
    })),
  };
}

const columns: readonly Column<Row>[] = [
  {
    title: 'endpoint',
    whole: true,
    value: placeText,
  },
  {
    title: 'as the groups see it',
    value: ({ views }) =>
      views.map(({ group, state }) => `${group}: ${state.replaceAll('_', ' ')}`).join(', '),
  },
];
