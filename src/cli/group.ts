import type { Command } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { present } from '../graphql/defined.ts';
import { type Api, type Outcome, payloadOf, readPages } from './api.ts';
import { readSeconds } from './argument-values.ts';
import { Failure } from './failure.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import { addOutputOptions, type OutputOptions, printerFor, printPages } from './row-options.ts';
import { numberOf } from './row-values.ts';
import { createGroup, getNamed, type Named } from './scanner-lookup.ts';
import type { Column } from './table.ts';
import { tell } from './terminal.ts';

interface GroupOptions extends PlaceOptions {
  readonly name?: string;
  readonly description?: string;
  readonly space?: string;
  readonly agreementWindow?: number;
}

/** Adds `group`: views, whose scanners should see the same. */
export function addGroup(program: Command): void {
  const group = program
    .command('group')
    .description('scanner groups: views such as inside, DMZ, Internet, whose scanners should see the same');
  settings(group.command('add').description('add a group').argument('<name>')).action(
    (name: string, options: GroupOptions) => withApi(options, 'create', (api) => add(api, name, options)),
  );
  addPlaceOptions(
    addOutputOptions(group.command('list').description('list groups'), 'so many at most'),
  ).action((options: PlaceOptions & OutputOptions) =>
    withApi(options, 'existing', (api) => list(api, options)),
  );
  settings(group.command('set').description('change a group').argument('<name>'))
    .option('--name <new>', 'a new name')
    .action((name: string, options: GroupOptions) =>
      withApi(options, 'existing', (api) => change(api, name, options)),
    );
  addPlaceOptions(
    group.command('remove').description('remove a group without scanners').argument('<name>'),
  ).action((name: string, options: PlaceOptions) => withApi(options, 'existing', (api) => remove(api, name)));
}

function settings(command: Command): Command {
  command
    .option('--space <name>', 'the address space that its scanners look at')
    .option('--description <text>', 'for people')
    .option('--agreement-window <time>', 'looks within 6h, 1d are compared with each other', readSeconds);
  return addPlaceOptions(command);
}

function inputOf({ description, agreementWindow, space }: GroupOptions) {
  return present({
    description,
    agreementWindowSeconds: agreementWindow,
    addressSpace: space === undefined ? undefined : { name: space },
  });
}

async function add(api: Api, name: string, options: GroupOptions): Promise<void> {
  if (options.space !== undefined) await getNamed(api, 'addressSpace', options.space);
  const created = await createGroup(api, { name, ...inputOf(options) });
  tell(`Added the group "${created.name}".`);
}

async function change(api: Api, name: string, options: GroupOptions): Promise<void> {
  const input = { ...inputOf(options), ...present({ name: options.name }) };
  if (Object.keys(input).length === 0)
    throw new Failure('There is nothing to change; see --help for what can be');
  const { id } = await getNamed(api, 'scannerGroup', name);
  const { outcome } = await api.query<{ outcome: Outcome<{ scannerGroup: Named }> }>(update, {
    input: { id, ...input },
  });
  tell(`Changed the group "${payloadOf(outcome).scannerGroup.name}".`);
}

const update = /* GraphQL */ `
  mutation ($input: UpdateScannerGroupInput!) {
    outcome: updateScannerGroup(input: $input) {
      ... on Error { message }
      ... on UpdateScannerGroupPayload { scannerGroup { id name } }
    }
  }
`;

async function remove(api: Api, name: string): Promise<void> {
  const { id } = await getNamed(api, 'scannerGroup', name);
  const { outcome } = await api.query<{ outcome: Outcome<{ scannerGroup: Named }> }>(removal, { id });
  tell(`Removed the group "${payloadOf(outcome).scannerGroup.name}".`);
}

const removal = /* GraphQL */ `
  mutation ($id: ID!) {
    outcome: deleteScannerGroup(input: { id: $id }) {
      ... on Error { message }
      ... on DeleteScannerGroupPayload { scannerGroup { id name } }
    }
  }
`;

async function list(api: Api, options: OutputOptions): Promise<void> {
  const count = await printPages(rows(api, options.limit), printerFor(options, columns));
  if (count === 0 && options.output === 'table') tell('No groups. Add one with: drportscan group add NAME');
}

interface GroupNode extends Named {
  readonly description: string;
  readonly agreementWindowSeconds: number;
  readonly addressSpace: { readonly name: string };
  readonly scanners: { readonly nodes: readonly { readonly name: string }[]; readonly totalCount: number };
}

type GroupRow = ReturnType<typeof rowOf>;

function rowOf({ id, addressSpace, scanners, ...rest }: GroupNode) {
  return {
    ...rest,
    id: numberOf(id),
    space: addressSpace.name,
    scanners: scanners.nodes.map(({ name }) => name),
    scannerCount: scanners.totalCount,
  };
}

async function* rows(api: Api, limit: number | undefined): AsyncGenerator<readonly GroupRow[]> {
  const reading = { document: listing, field: 'scannerGroups', limit };
  for await (const groups of readPages<GroupNode>(api, reading)) yield groups.map(rowOf);
}

const listing = /* GraphQL */ `
  query ($first: Int, $after: String) {
    scannerGroups(first: $first, after: $after) {
      nodes {
        id name description agreementWindowSeconds
        addressSpace { name }
        scanners(first: 20) { nodes { name } totalCount }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

const columns: readonly Column<GroupRow>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'space', value: ({ space }) => space },
  { title: 'scanners', value: scannersText },
  { title: 'description', value: ({ description }) => description },
];

function scannersText({ scanners, scannerCount }: GroupRow): string {
  const more = scannerCount - scanners.length;
  return scanners.join(' ') + (more > 0 ? ` and ${more} more` : '');
}
