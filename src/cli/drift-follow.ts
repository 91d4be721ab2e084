import { setTimeout as pause } from 'node:timers/promises';
import type { Api } from './api.ts';
import type { DriftFormat } from './drift-formats.ts';
import { type DriftFilterOptions, sharedFilter } from './drift-options.ts';
import { causeWords, type DriftNode, driftFields, driftRow, kindWords, symbolOf } from './drift-row.ts';
import { explain, Failure } from './failure.ts';
import { type RowPrinter, rowPrinter } from './row-printer.ts';
import { placeText, timeText, word } from './row-values.ts';
import type { Column } from './table.ts';
import { outputSurface, print, type Surface, tell } from './terminal.ts';
import { terminalText } from './terminal-text.ts';

interface FollowOptions extends DriftFilterOptions {
  readonly output: DriftFormat;
  readonly csvRaw?: boolean;
  readonly limit?: number;
  readonly asOf?: string;
}

/** An entry of the drift log, as the API has it. */
interface EventNode {
  readonly cursor: string;
  readonly kind: string;
  readonly at: string;
  readonly cause: string;
  readonly addressSpace: { readonly name: string };
  readonly item: DriftNode | null;
  readonly source: { readonly name: string } | null;
  readonly revision: number | null;
  readonly counts: { readonly opened: number; readonly resolved: number } | null;
}

type EventRow = ReturnType<typeof eventRow>;

function eventRow({ cursor, kind, at, cause, addressSpace, item, source, revision, counts }: EventNode) {
  return {
    cursor,
    at,
    event: word(kind),
    cause: word(cause),
    space: addressSpace.name,
    item: item === null ? null : driftRow(item),
    source: source?.name ?? null,
    revision,
    counts,
  };
}

const eventFields = `
  cursor kind at cause addressSpace { name } source { name } revision counts { opened resolved }
  item { ${driftFields} }
`;

const subscription = /* GraphQL */ `
  subscription ($filter: DriftEventFilter, $after: String) {
    drift(filter: $filter, after: $after) {
      ... on DriftEvent { event: kind ${eventFields} }
      ... on SlowConsumer { resumeAfter: cursor }
      ... on Error { message }
    }
  }
`;

const latest = /* GraphQL */ `
  query ($filter: DriftEventFilter, $first: Int!) {
    driftEvents(filter: $filter, first: $first) { nodes { ${eventFields} } }
    newest: driftEvents(first: 1) { nodes { cursor } }
  }
`;

interface Latest {
  readonly driftEvents: { readonly nodes: readonly EventNode[] };
  readonly newest: { readonly nodes: readonly { readonly cursor: string }[] };
}

const eventsBefore = 10;
const eventsBeforeMax = 100;

/** Prints the last events of the drift log, and then what is added, for ever. */
export async function followDrift(api: Api, options: FollowOptions): Promise<void> {
  const printer = eventPrinter(options);
  const first = Math.min(options.limit ?? eventsBefore, eventsBeforeMax);
  const { driftEvents, newest } = await api.query<Latest>(latest, { filter: filterOf(options), first });
  const before = driftEvents.nodes.toReversed();
  await print(printer.rows(before.map(eventRow)));
  // Behind everything that the answer could have shown: the last event that was shown may be long ago.
  let after = later(before.at(-1)?.cursor, newest.nodes[0]?.cursor);
  for (;;) after = await followUntilBroken({ api, options, printer, after });
}

function later(a: string | undefined, b: string | undefined): string {
  return String(Math.max(Number(a ?? 0), Number(b ?? 0)));
}

function filterOf(options: FollowOptions) {
  if (options.openedAfter !== undefined || options.openedBefore !== undefined || options.state !== undefined)
    throw new Failure('--follow tells of events; leave --state, --opened-after and --opened-before out');
  if (options.asOf !== undefined) throw new Failure('--follow tells of what happens now; leave --as-of out');
  return sharedFilter(options);
}

interface Following {
  readonly api: Api;
  readonly options: FollowOptions;
  readonly printer: RowPrinter<EventRow>;
  readonly after: string;
}

interface Event {
  readonly event?: string;
  readonly resumeAfter?: string;
  readonly message?: string;
}

/** Prints live events until the connection ends, and says behind which cursor to go on. */
async function followUntilBroken({ api, options, printer, after }: Following): Promise<string> {
  const { signal } = new AbortController();
  let cursor = after;
  try {
    const variables = { filter: filterOf(options), after };
    for await (const { drift } of api.subscribe<{ drift: Event & EventNode }>(
      subscription,
      variables,
      signal,
    )) {
      if (drift.event !== undefined) {
        cursor = drift.cursor;
        await print(printer.rows([eventRow(drift)]));
      } else if (drift.resumeAfter === undefined) {
        throw new Failure(drift.message ?? 'The server ended the subscription without a reason');
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

/** Lines for people, rows for programs. */
function eventPrinter({ output, csvRaw = false }: FollowOptions): RowPrinter<EventRow> {
  const surface = outputSurface();
  if (output === 'table')
    return { rows: (rows) => rows.map((row) => eventLine(row, surface)).join(''), end: () => '' };
  if (output === 'jsonl' || output === 'csv')
    return rowPrinter({ format: output, columns: eventColumns, csvRaw, surface });
  throw new Failure(`--follow never ends, and ${output} must; use -o jsonl`);
}

function eventLine(row: EventRow, { colours }: Surface): string {
  const { item, at, event, cause } = row;
  const what = `${timeText(at)} ${event.replaceAll('_', ' ')}`;
  if (item === null) {
    const { opened = 0, resolved = 0 } = row.counts ?? {};
    const by = row.source === null ? '' : ` ${row.source} revision ${row.revision ?? '?'}`;
    return `${colours.yellow('!')} ${terminalText(`${what}${by}: ${opened} opened, ${resolved} resolved`)}\n`;
  }
  const sign = event === 'resolved' ? colours.green('=') : paint(symbolOf(item), colours);
  // What people say of an item has no cause beside them.
  const why = saidByPeople.has(event) ? '' : `, because of ${causeWords(cause)}`;
  const said = `${what}: ${placeText(item)} ${kindWords[item.kind]} from ${item.view}${why}`;
  return `${sign} ${terminalText(said)}\n`;
}

const saidByPeople: ReadonlySet<string> = new Set(['acknowledged', 'waived']);

function paint(symbol: string, colours: Surface['colours']): string {
  if (symbol === '+') return colours.red(symbol);
  return symbol === '-' ? colours.yellow(symbol) : symbol;
}

const eventColumns: readonly Column<EventRow>[] = [
  { title: 'cursor', value: ({ cursor }) => cursor },
  { title: 'at', value: ({ at }) => at },
  { title: 'event', value: ({ event }) => event },
  { title: 'cause', value: ({ cause }) => cause },
  { title: 'space', value: ({ space }) => space },
  { title: 'view', value: ({ item }) => item?.view ?? '' },
  { title: 'address', value: ({ item }) => item?.address ?? '' },
  { title: 'port', value: ({ item }) => String(item?.port ?? '') },
  { title: 'protocol', value: ({ item }) => item?.protocol ?? '' },
  { title: 'kind', value: ({ item }) => item?.kind ?? '' },
  { title: 'item', value: ({ item }) => String(item?.id ?? '') },
  { title: 'source', value: ({ source }) => source ?? '' },
  { title: 'revision', value: ({ revision }) => String(revision ?? '') },
  { title: 'opened', value: ({ counts }) => String(counts?.opened ?? '') },
  { title: 'resolved', value: ({ counts }) => String(counts?.resolved ?? '') },
];
