import { type Command, Option } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { type Api, readPages } from './api.ts';
import { readNumber } from './argument-values.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import { addOutputOptions, type OutputOptions, printerFor, printPages } from './row-options.ts';
import { jsonOf } from './row-printer.ts';
import { timeText, word } from './row-values.ts';
import { getNamed } from './scanner-lookup.ts';
import type { Column } from './table.ts';
import { type ItemNode, itemFields, itemsText } from './target-plan-text.ts';
import { outputSurface, print, tell } from './terminal.ts';

interface HistoryOptions extends PlaceOptions, OutputOptions {
  readonly source: string;
}

interface CompareOptions extends PlaceOptions {
  readonly source: string;
  readonly json?: boolean;
}

/** Adds `target history` and `target compare`: what a source said before. */
export function addTargetHistory(target: Command): void {
  const history = target
    .command('history')
    .description('list the revisions of a source, the newest first')
    .requiredOption('--source <name>', 'the target source');
  addPlaceOptions(addOutputOptions(history, 'so many at most')).action((options: HistoryOptions) =>
    withApi(options, 'existing', (api) => list(api, options)),
  );
  const number = readNumber(0, 2 ** 31 - 1);
  const compare = target
    .command('compare')
    .description('say what differs between two revisions of a source')
    .argument('<from>', 'the number of the first revision; 0 is before the first', number)
    .argument('<to>', 'the number of the second revision', number)
    .addOption(new Option('--source <name>', 'the target source').makeOptionMandatory())
    .option('--json', 'print the answer as JSON on one line');
  addPlaceOptions(compare).action((from: number, to: number, options: CompareOptions) =>
    withApi(options, 'existing', (api) => compareRevisions(api, { from, to }, options)),
  );
}

async function list(api: Api, options: HistoryOptions): Promise<void> {
  await getNamed(api, 'targetSource', options.source);
  const count = await printPages(rows(api, options), printerFor(options, columns));
  if (count === 0 && options.output === 'table') tell('No revisions: nothing was imported yet.');
}

interface RevisionNode {
  readonly number: number;
  readonly mode: string;
  readonly at: string;
  readonly actor: string | null;
  readonly reason: string | null;
  readonly externalRevision: string | null;
  readonly counts: Counts;
}

interface Counts {
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
}

type RevisionRow = ReturnType<typeof rowOf>;

function rowOf({ mode, counts, ...rest }: RevisionNode) {
  return { ...rest, mode: word(mode), ...counts };
}

async function* rows(api: Api, { source, limit }: HistoryOptions): AsyncGenerator<readonly RevisionRow[]> {
  const reading = {
    document: listing,
    field: 'targetRevisions',
    variables: { source: { name: source } },
    limit,
  };
  for await (const nodes of readPages<RevisionNode>(api, reading)) yield nodes.map(rowOf);
}

const countFields = 'counts { created updated deleted }';

const listing = /* GraphQL */ `
  query ($source: TargetSourceSelector!, $first: Int, $after: String) {
    targetRevisions(source: $source, first: $first, after: $after) {
      nodes { number mode at actor reason externalRevision ${countFields} }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

const columns: readonly Column<RevisionRow>[] = [
  { title: 'revision', value: ({ number }) => String(number), align: 'right' },
  { title: 'at', whole: true, value: ({ at }) => timeText(at) },
  { title: 'mode', value: ({ mode }) => mode },
  { title: 'created', value: ({ created }) => String(created), align: 'right' },
  { title: 'changed', value: ({ updated }) => String(updated), align: 'right' },
  { title: 'deleted', value: ({ deleted }) => String(deleted), align: 'right' },
  { title: 'by', value: ({ actor }) => actor ?? '' },
  { title: 'their revision', value: ({ externalRevision }) => externalRevision ?? '' },
  { title: 'reason', value: ({ reason }) => reason ?? '' },
];

interface Comparison {
  readonly counts: Counts;
  readonly items: readonly ItemNode[];
}

async function compareRevisions(
  api: Api,
  { from, to }: { readonly from: number; readonly to: number },
  { source, json }: CompareOptions,
): Promise<void> {
  await getNamed(api, 'targetSource', source);
  const variables = { source: { name: source }, from, to };
  const { comparison } = await api.query<{ comparison: Comparison }>(comparing, variables);
  if (json === true) return print(`${jsonOf(comparison)}\n`);
  const { counts, items } = comparison;
  const all = counts.created + counts.updated + counts.deleted;
  const more = all > items.length ? `  … and ${all - items.length} more\n` : '';
  const last =
    all === 0
      ? `No differences between revisions ${from} and ${to}.`
      : `Differences: ${counts.created} created, ${counts.updated} changed, ${counts.deleted} deleted.`;
  await print(`${itemsText(items, outputSurface())}${more}${all === 0 ? '' : '\n'}${last}\n`);
}

const comparing = /* GraphQL */ `
  query ($source: TargetSourceSelector!, $from: Int!, $to: Int!) {
    comparison: compareRevisions(source: $source, from: $from, to: $to) {
      ${countFields}
      items(first: 1000) { ${itemFields} }
    }
  }
`;
