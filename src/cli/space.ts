import type { Command } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { present } from '../graphql/defined.ts';
import { type Api, type Outcome, payloadOf, readPages } from './api.ts';
import { Failure } from './failure.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import { addOutputOptions, type OutputOptions, printerFor, printPages } from './row-options.ts';
import { numberOf } from './row-values.ts';
import { getNamed, type Named } from './scanner-lookup.ts';
import type { Column } from './table.ts';
import { tell } from './terminal.ts';

interface SpaceOptions extends PlaceOptions {
  readonly name?: string;
  readonly description?: string;
}

/** Adds `space`: naming domains for addresses. */
export function addSpace(program: Command): void {
  const space = program
    .command('space')
    .description('address spaces: sites or VRFs with addresses of their own');
  addPlaceOptions(
    space
      .command('add')
      .description('add an address space')
      .argument('<name>')
      .option('--description <text>', 'for people'),
  ).action((name: string, options: SpaceOptions) =>
    withApi(options, 'create', (api) => add(api, name, options)),
  );
  addPlaceOptions(
    addOutputOptions(space.command('list').description('list address spaces'), 'so many at most'),
  ).action((options: PlaceOptions & OutputOptions) =>
    withApi(options, 'existing', (api) => list(api, options)),
  );
  addPlaceOptions(
    space
      .command('set')
      .description('change an address space')
      .argument('<name>')
      .option('--name <new>', 'a new name')
      .option('--description <text>', 'for people'),
  ).action((name: string, options: SpaceOptions) =>
    withApi(options, 'existing', (api) => change(api, name, options)),
  );
  addPlaceOptions(
    space.command('remove').description('remove an address space without groups').argument('<name>'),
  ).action((name: string, options: PlaceOptions) => withApi(options, 'existing', (api) => remove(api, name)));
}

async function add(api: Api, name: string, { description }: SpaceOptions): Promise<void> {
  const { outcome } = await api.query<{ outcome: Outcome<{ addressSpace: Named }> }>(creation, {
    input: { name, ...present({ description }) },
  });
  tell(`Added the address space "${payloadOf(outcome).addressSpace.name}".`);
}

const creation = /* GraphQL */ `
  mutation ($input: CreateAddressSpaceInput!) {
    outcome: createAddressSpace(input: $input) {
      ... on Error { message }
      ... on CreateAddressSpacePayload { addressSpace { id name } }
    }
  }
`;

async function change(api: Api, name: string, options: SpaceOptions): Promise<void> {
  const input = present({ name: options.name, description: options.description });
  if (Object.keys(input).length === 0)
    throw new Failure('There is nothing to change; see --help for what can be');
  const { id } = await getNamed(api, 'addressSpace', name);
  const { outcome } = await api.query<{ outcome: Outcome<{ addressSpace: Named }> }>(update, {
    input: { id, ...input },
  });
  tell(`Changed the address space "${payloadOf(outcome).addressSpace.name}".`);
}

const update = /* GraphQL */ `
  mutation ($input: UpdateAddressSpaceInput!) {
    outcome: updateAddressSpace(input: $input) {
      ... on Error { message }
      ... on UpdateAddressSpacePayload { addressSpace { id name } }
    }
  }
`;

async function remove(api: Api, name: string): Promise<void> {
  const { id } = await getNamed(api, 'addressSpace', name);
  const { outcome } = await api.query<{ outcome: Outcome<{ addressSpace: Named }> }>(removal, { id });
  tell(`Removed the address space "${payloadOf(outcome).addressSpace.name}".`);
}

const removal = /* GraphQL */ `
  mutation ($id: ID!) {
    outcome: deleteAddressSpace(input: { id: $id }) {
      ... on Error { message }
      ... on DeleteAddressSpacePayload { addressSpace { id name } }
    }
  }
`;

async function list(api: Api, options: OutputOptions): Promise<void> {
  await printPages(rows(api, options.limit), printerFor(options, columns));
}

interface SpaceRow {
  readonly id: number;
  readonly name: string;
  readonly description: string;
}

async function* rows(api: Api, limit: number | undefined): AsyncGenerator<readonly SpaceRow[]> {
  const reading = { document: listing, field: 'addressSpaces', limit };
  for await (const spaces of readPages<Named & { description: string }>(api, reading)) {
    yield spaces.map(({ id, ...rest }) => ({ id: numberOf(id), ...rest }));
  }
}

const listing = /* GraphQL */ `
  query ($first: Int, $after: String) {
    addressSpaces(first: $first, after: $after) {
      nodes { id name description }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

const columns: readonly Column<SpaceRow>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'description', value: ({ description }) => description },
];
