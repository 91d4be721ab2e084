import type { Command } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { defined, present } from '../graphql/defined.ts';
import { type Api, type Outcome, payloadOf, readPages } from './api.ts';
import { readNetworks, readShare } from './argument-values.ts';
import { Failure } from './failure.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import { addOutputOptions, type OutputOptions, printerFor, printPages } from './row-options.ts';
import { numberOf, timeText } from './row-values.ts';
import { getNamed, type Named } from './scanner-lookup.ts';
import type { Column } from './table.ts';
import { readWholeNumber } from './target-import-options.ts';
import { tell } from './terminal.ts';

interface SourceOptions extends PlaceOptions {
  readonly name?: string;
  readonly description?: string;
  readonly space?: string;
  readonly priority?: number;
  readonly network?: readonly string[];
  readonly everywhere?: boolean;
  readonly deleteShare?: number;
}

/** Adds `target source`: who declares what should be. */
export function addTargetSource(target: Command): void {
  const source = target
    .command('source')
    .description('target sources: CMDBs and people that declare what should be');
  settings(source.command('add').description('add a target source').argument('<name>'))
    .option('--space <name>', 'the address space that it speaks of (else "default")')
    .action((name: string, options: SourceOptions) =>
      withApi(options, 'create', (api) => add(api, name, options)),
    );
  addPlaceOptions(
    addOutputOptions(source.command('list').description('list target sources'), 'so many at most'),
  ).action((options: PlaceOptions & OutputOptions) =>
    withApi(options, 'existing', (api) => list(api, options)),
  );
  settings(source.command('set').description('change a target source').argument('<name>'))
    .option('--name <new>', 'a new name')
    .option('--everywhere', 'it may speak of the whole address space again')
    .action((name: string, options: SourceOptions) =>
      withApi(options, 'existing', (api) => change(api, name, options)),
    );
  addPlaceOptions(
    source
      .command('remove')
      .description('remove a target source that never imported anything; one with a history is kept')
      .argument('<name>'),
  ).action((name: string, options: PlaceOptions) => withApi(options, 'existing', (api) => remove(api, name)));
}

function settings(command: Command): Command {
  command
    .option('--description <text>', 'for people')
    .option('--priority <number>', 'among statements of equal rank the higher wins (else 0)', readWholeNumber)
    .option('--network <networks>', 'it may speak only of these networks', readNetworks)
    .option('--delete-share <share>', 'refuse snapshots that take away more than 0.3, 30%', readShare);
  return addPlaceOptions(command);
}

function inputOf({ description, priority, network, everywhere, deleteShare }: SourceOptions) {
  if (everywhere === true && network !== undefined)
    throw new Failure('--everywhere and --network contradict one another; leave one out');
  return {
    ...present({ description, priority, deleteShare }),
    ...defined({ networks: everywhere === true ? null : network }),
  };
}

async function add(api: Api, name: string, options: SourceOptions): Promise<void> {
  if (options.space !== undefined) await getNamed(api, 'addressSpace', options.space);
  const addressSpace = options.space === undefined ? undefined : { name: options.space };
  const input = { name, ...inputOf(options), ...present({ addressSpace }) };
  const { outcome } = await api.query<{ outcome: Outcome<{ targetSource: Named }> }>(creation, { input });
  tell(`Added the target source "${payloadOf(outcome).targetSource.name}".`);
}

const creation = /* GraphQL */ `
  mutation ($input: CreateTargetSourceInput!) {
    outcome: createTargetSource(input: $input) {
      ... on Error { message }
      ... on CreateTargetSourcePayload { targetSource { id name } }
    }
  }
`;

async function change(api: Api, name: string, options: SourceOptions): Promise<void> {
  const input = { ...inputOf(options), ...present({ name: options.name }) };
  if (Object.keys(input).length === 0)
    throw new Failure('There is nothing to change; see --help for what can be');
  const { id } = await getNamed(api, 'targetSource', name);
  const { outcome } = await api.query<{ outcome: Outcome<{ targetSource: Named }> }>(update, {
    input: { id, ...input },
  });
  tell(`Changed the target source "${payloadOf(outcome).targetSource.name}".`);
}

const update = /* GraphQL */ `
  mutation ($input: UpdateTargetSourceInput!) {
    outcome: updateTargetSource(input: $input) {
      ... on Error { message }
      ... on UpdateTargetSourcePayload { targetSource { id name } }
    }
  }
`;

async function remove(api: Api, name: string): Promise<void> {
  const { id } = await getNamed(api, 'targetSource', name);
  const { outcome } = await api.query<{ outcome: Outcome<{ targetSource: Named }> }>(removal, { id });
  tell(`Removed the target source "${payloadOf(outcome).targetSource.name}".`);
}

const removal = /* GraphQL */ `
  mutation ($id: ID!) {
    outcome: deleteTargetSource(input: { id: $id }) {
      ... on Error { message }
      ... on DeleteTargetSourcePayload { targetSource { id name } }
    }
  }
`;

async function list(api: Api, options: OutputOptions): Promise<void> {
  const count = await printPages(rows(api, options.limit), printerFor(options, columns));
  if (count === 0 && options.output === 'table')
    tell('No target sources. Add one with: drportscan target source add NAME');
}

interface SourceNode extends Named {
  readonly description: string;
  readonly priority: number;
  readonly networks: readonly string[] | null;
  readonly deleteShare: number;
  readonly revision: number;
  readonly externalRevision: string | null;
  readonly createdAt: string;
  readonly importedAt: string | null;
  readonly addressSpace: { readonly name: string };
  readonly statements: { readonly totalCount: number };
}

type SourceRow = ReturnType<typeof rowOf>;

function rowOf({ id, addressSpace, statements, ...rest }: SourceNode) {
  return { ...rest, id: numberOf(id), space: addressSpace.name, statements: statements.totalCount };
}

async function* rows(api: Api, limit: number | undefined): AsyncGenerator<readonly SourceRow[]> {
  const reading = { document: listing, field: 'targetSources', limit };
  for await (const sources of readPages<SourceNode>(api, reading)) yield sources.map(rowOf);
}

const listing = /* GraphQL */ `
  query ($first: Int, $after: String) {
    targetSources(first: $first, after: $after) {
      nodes {
        id name description priority networks deleteShare revision externalRevision createdAt importedAt
        addressSpace { name }
        statements(first: 1) { totalCount }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

const columns: readonly Column<SourceRow>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'space', value: ({ space }) => space },
  { title: 'revision', value: ({ revision }) => String(revision), align: 'right' },
  { title: 'statements', value: ({ statements }) => String(statements), align: 'right' },
  { title: 'imported', value: ({ importedAt }) => timeText(importedAt) },
  { title: 'priority', value: ({ priority }) => String(priority), align: 'right' },
  { title: 'networks', value: ({ networks }) => networks?.join(' ') ?? 'all' },
  { title: 'description', value: ({ description }) => description },
];
