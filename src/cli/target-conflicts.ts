import type { Command } from 'commander';
import type { PlaceOptions } from '../config.ts';
import type { Api } from './api.ts';
import { endpointPlace } from './drift-row.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import { addOutputOptions, type OutputOptions, printerFor, printPages } from './row-options.ts';
import { word } from './row-values.ts';
import type { Column } from './table.ts';
import { tell } from './terminal.ts';

interface ConflictOptions extends PlaceOptions, OutputOptions {
  readonly space?: string;
}

/** Adds `target conflicts`: statements of equal rank that contradict one another. */
export function addTargetConflicts(target: Command): void {
  const command = target
    .command('conflicts')
    .description('list statements of equal rank that contradict one another; the stricter one wins')
    .option('--space <name>', 'in this address space (else "default")');
  addPlaceOptions(addOutputOptions(command, 'so many at most')).action((options: ConflictOptions) =>
    withApi(options, 'existing', (api) => list(api, options)),
  );
}

async function list(api: Api, options: ConflictOptions): Promise<void> {
  const count = await printPages(rows(api, options), printerFor(options, columns));
  if (count === 0 && options.output === 'table') tell('No conflicts.');
}

interface Side {
  readonly externalId: string;
  readonly selector: string;
  readonly ports: string | null;
  readonly expect: string;
  readonly owner: string | null;
  readonly view: { readonly name: string } | null;
  readonly source: { readonly name: string };
}

interface ConflictNode {
  readonly winner: Side;
  readonly loser: Side;
}

type Row = ReturnType<typeof rowOf>;

function rowOf({ winner, loser }: ConflictNode) {
  return { winner: sideOf(winner), loser: sideOf(loser) };
}

function sideOf({ view, source, expect, ...rest }: Side) {
  return { ...rest, view: view?.name ?? null, source: source.name, expect: word(expect) };
}

const pageSize = 100;

async function* rows(api: Api, { space, limit }: ConflictOptions): AsyncGenerator<readonly Row[]> {
  const addressSpace = space === undefined ? undefined : { name: space };
  for (let offset = 0; offset < (limit ?? Number.POSITIVE_INFINITY); offset += pageSize) {
    const first = Math.min(pageSize, (limit ?? Number.POSITIVE_INFINITY) - offset);
    const { targetConflicts: found } = await api.query<{ targetConflicts: readonly ConflictNode[] }>(
      document,
      { addressSpace, first, offset },
    );
    yield found.map(rowOf);
    if (found.length < first) return;
  }
}

const sideFields = 'externalId selector ports expect owner view { name } source { name }';

const document = /* GraphQL */ `
  query ($addressSpace: AddressSpaceSelector, $first: Int!, $offset: Int!) {
    targetConflicts(addressSpace: $addressSpace, first: $first, offset: $offset) {
      winner { ${sideFields} } loser { ${sideFields} }
    }
  }
`;

const columns: readonly Column<Row>[] = [
  { title: 'where', whole: true, value: ({ winner }) => endpointPlace(winner.selector, winner.ports) },
  { title: 'from', value: ({ winner }) => winner.view ?? 'any' },
  { title: 'wins', value: ({ winner }) => sideText(winner) },
  { title: 'over', value: ({ loser }) => sideText(loser) },
];

function sideText({ expect, source, externalId, owner }: Row['winner']): string {
  return `${expect} by ${source} "${externalId}"${owner === null ? '' : ` (${owner})`}`;
}
