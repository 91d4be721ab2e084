import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { changeKinds } from '../core/change.ts';
import { encodeGlobalId } from '../graphql/global-id.ts';
import { type Api, readPages, readPagesBackward } from './api.ts';
import { readNumber, readWords } from './argument-values.ts';
import {
  type ChangeNode,
  type ChangeRow,
  changeColumns,
  changeFields,
  changeLine,
  changeRow,
  isForgotten,
} from './change-row.ts';
import { explain, Failure } from './failure.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import {
  addAsOfOption,
  addNetworkOptions,
  addOutputOptions,
  addPortOptions,
  addSourceOptions,
  addTimeOptions,
  enumValues,
  filter,
  type NetworkOptions,
  networkFilter,
  type OutputOptions,
  type PortOptions,
  portFilter,
  printerFor,
  type SourceOptions,
  sourceFilter,
  type TimeOptions,
  timeFilter,
} from './row-options.ts';
import type { RowPrinter } from './row-printer.ts';
import { outputSurface, print, tell } from './terminal.ts';

interface ChangeOptions
  extends PlaceOptions,
    OutputOptions,
    SourceOptions,
    NetworkOptions,
    PortOptions,
    TimeOptions {
  readonly follow?: boolean;
  readonly kind?: readonly string[];
  readonly scan?: number;
  readonly baseline?: boolean;
  readonly retractions?: boolean;
  readonly collapsed?: boolean;
  readonly asOf?: string;
}

/** Adds `changes`: what happened, as the change log has it, and what happens from now on. */
export function addChanges(program: Command): void {
  const command = program
    .command('changes')
    .description('list entries of the change log, the oldest first')
    .option(
      '-f, --follow',
      'stay and print what is added; first the last 10 entries, or those of --limit or --since',
    )
    .addOption(filter('--kind <words>', `one of ${changeKinds.join(', ')}`).argParser(readWords(changeKinds)))
    .addOption(
      filter('--scan <number>', 'decided by this scan').argParser(readNumber(1, Number.MAX_SAFE_INTEGER)),
    )
    .addOption(filter('--baseline', 'only what a scanner observed for the first time'))
    .addOption(filter('--no-baseline', 'only what happened since'))
    .addOption(filter('--retractions', 'only entries that take others back'))
    .addOption(filter('--no-retractions', 'only the others'))
    .addOption(filter('--collapsed', 'only what is told as part of one finding, such as a tarpit'))
    .addOption(filter('--no-collapsed', 'only the others, as without either'));
  addAsOfOption(addTimeOptions(addPortOptions(addNetworkOptions(addSourceOptions(command)))));
  addPlaceOptions(addOutputOptions(command, 'the last so many entries')).action((options: ChangeOptions) =>
    withApi(options, 'existing', (api) => (options.follow ? follow(api, options) : list(api, options))),
  );
}

async function list(api: Api, options: ChangeOptions): Promise<void> {
  if (options.scan !== undefined) await refuseUnknownScan(api, options.scan);
  const printer = changePrinter(options);
  const counted = new Map<string, number>();
  for await (const rows of storedRows(api, options)) {
    for (const row of rows) {
      const key = summaryKey(row);
      counted.set(key, (counted.get(key) ?? 0) + 1);
    }
    await print(printer.rows(rows));
  }
  await print(printer.end());
  if (options.output !== 'table') return;
  tell(summary(counted));
  if (options.collapsed !== true && options.limit === undefined) await tellLeftOut(api, options);
}

/** Entries that are told as part of one finding are not listed one by one. */
async function tellLeftOut(api: Api, options: ChangeOptions): Promise<void> {
  const { changes } = await api.query<{ changes: { totalCount: number } }>(counting, {
    filter: filterOf({ ...options, collapsed: true }),
  });
  const sentence = leftOutSentence(changes.totalCount);
  if (sentence !== undefined) tell(sentence);
}

/** What is said of so many entries that are not listed; nothing of none. */
export function leftOutSentence(count: number): string | undefined {
  if (count === 0) return undefined;
  if (count === 1) return '1 entry is told as part of a finding and left out: --collapsed lists it.';
  const entries = `${count.toLocaleString('en')} entries`;
  return `${entries} are told as part of findings and left out: --collapsed lists them.`;
}

async function refuseUnknownScan(api: Api, scan: number): Promise<void> {
  const { node } = await api.query<{ node: object | null }>('query ($id: ID!) { node(id: $id) { id } }', {
    id: encodeGlobalId('Scan', String(scan)),
  });
  if (node === null) throw new Failure(`There is no scan ${scan}: "drportscan scans" lists those there are`);
}

const counting = /* GraphQL */ `
  query ($filter: ChangeFilter) { changes(filter: $filter, first: 1) { totalCount } }
`;

function summaryKey(row: ChangeRow): string {
  if (row.retracts !== null) return 'taken_back';
  return isForgotten(row) ? 'host_forgotten' : row.kind;
}

function summary(counted: ReadonlyMap<string, number>): string {
  if (counted.size === 0) return 'No changes.';
  const parts = [...changeKinds, 'host_forgotten', 'taken_back'].flatMap((kind) => {
    const count = counted.get(kind);
    return count === undefined ? [] : [`${count} ${kind.replaceAll('_', ' ')}`];
  });
  return `Changes: ${parts.join(', ')}.`;
}

/** Lines with symbols and words for people; rows for programs. */
function changePrinter(options: ChangeOptions): RowPrinter<ChangeRow> {
  if (options.output !== 'table') return printerFor(options, changeColumns);
  const surface = outputSurface();
  return { rows: (rows) => rows.map((row) => changeLine(row, surface)).join(''), end: () => '' };
}

/** Entries of the log, the oldest first. The API has the newest first. */
async function* storedRows(api: Api, options: ChangeOptions): AsyncGenerator<readonly ChangeRow[]> {
  const reading = { document, field: 'changes', filter: filterOf(options), limit: options.limit };
  if (options.limit === undefined) {
    for await (const nodes of readPagesBackward<ChangeNode>(api, reading)) yield nodes.map(changeRow);
    return;
  }
  const rows: ChangeRow[] = [];
  for await (const nodes of readPages<ChangeNode>(api, reading)) rows.push(...nodes.map(changeRow));
  yield rows.reverse();
}

function filterOf(options: ChangeOptions) {
  return {
    ...sourceFilter(options),
    ...networkFilter(options),
    ...portFilter(options),
    ...timeFilter(options),
    kinds: enumValues(options.kind),
    scans: options.scan === undefined ? undefined : [encodeGlobalId('Scan', String(options.scan))],
    baseline: options.baseline,
    retractions: options.retractions,
    collapsed: options.collapsed ?? false,
    asOf: options.asOf,
  };
}

const document = /* GraphQL */ `
  query ($filter: ChangeFilter, $first: Int, $after: String, $last: Int, $before: String) {
    changes(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
      nodes { ${changeFields} }
      pageInfo { hasNextPage endCursor hasPreviousPage startCursor }
    }
  }
`;

const subscription = /* GraphQL */ `
  subscription ($filter: ChangeFilter, $after: String) {
    changes(filter: $filter, after: $after) {
      ... on ChangeEvent { change { ${changeFields} } }
      ... on SlowConsumer { cursor }
      ... on Error { message }
    }
  }
`;

interface Event {
  readonly change?: ChangeNode;
  readonly cursor?: string;
  readonly message?: string;
}

/** Before the first entry of every log. */
const beginning = '0.0';
const linesBefore = 10;

async function follow(api: Api, options: ChangeOptions): Promise<void> {
  if (options.output === 'json')
    throw new Failure('--follow never ends, and a JSON array must; use -o jsonl');
  if (options.asOf !== undefined)
    throw new Failure('--follow tells what comes, --as-of what was: leave one of them out');
  const printer = changePrinter(options);
  const limit = options.limit ?? (options.since === undefined ? linesBefore : undefined);
  let after = beginning;
  for await (const rows of storedRows(api, limit === undefined ? options : { ...options, limit })) {
    after = rows.at(-1)?.cursor ?? after;
    await print(printer.rows(rows));
  }
  await print(printer.end());
  for (;;) after = await followUntilBroken({ api, options, printer, after });
}

interface Following {
  readonly api: Api;
  readonly options: ChangeOptions;
  readonly printer: RowPrinter<ChangeRow>;
  readonly after: string;
}

/** Prints live entries until the connection ends, and says behind which cursor to go on. */
async function followUntilBroken({ api, options, printer, after }: Following): Promise<string> {
  const { signal } = new AbortController();
  let cursor = after;
  try {
    const variables = { filter: filterOf(options), after };
    for await (const { changes: event } of api.subscribe<{ changes: Event }>(
      subscription,
      variables,
      signal,
    )) {
      if (event.change !== undefined) {
        cursor = event.change.cursor;
        await print(printer.rows([changeRow(event.change)]));
      } else if (event.cursor === undefined) {
        throw new Failure(event.message ?? 'The server ended the subscription without a reason');
      }
    }
  } catch (error) {
    if (error instanceof Failure && error.cause === undefined) throw error;
    tell(`${explain(error).sentence} Trying again; nothing is lost.`);
  }
  await pause(reconnectMs);
  return cursor;
}

const reconnectMs = 1000;
