import { Failure, ServerFault } from './failure.ts';

/** Values of the variables of a document. */
export type Variables = Readonly<Record<string, unknown>>;

/** A report that is to be taken in, and what it does not say itself. */
export interface ReportToSend {
  readonly scanner: { readonly id: string; readonly name: string };
  readonly format?: string;
  readonly addresses?: readonly string[];
  readonly ports?: string;
  readonly observedAt?: string;
}

/** What became of a report. */
export interface SentReport {
  /** Global ids of its scans: one for each run in the report. */
  readonly scanIds: readonly string[];
  readonly repeated: boolean;
  /** What whoever sent it again should know. */
  readonly note?: string | undefined;
}

/**
 * The GraphQL API, of a server or on a database of our own: every command speaks it, so that it says the same
 * whoever answers.
 */
export interface Api {
  /** What a command line needs to work on the same data, such as ` --server http://…`; empty where nothing. */
  readonly place: string;
  query<Data>(document: string, variables?: Variables): Promise<Data>;
  /** The same with a file, which is the variable at this path, such as `input.inventory.file`. */
  queryWithFile<Data>(
    document: string,
    variables: Variables,
    file: { readonly path: string; readonly bytes: AsyncIterable<Uint8Array> },
  ): Promise<Data>;
  /** Every event of a subscription, until the signal or the end of the connection. */
  subscribe<Data>(document: string, variables: Variables, signal: AbortSignal): AsyncIterable<Data>;
  send(report: ReportToSend, bytes: AsyncIterable<Uint8Array>): Promise<SentReport>;
  close(): Promise<void>;
}

/** One answer as GraphQL over HTTP has it. */
export interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly {
    readonly message: string;
    /** It is not the caller's doing where it says `unexpected`. */
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

/** The data of an answer. Throws Failure with what the API says. */
export function dataOf<Data>({ data, errors = [] }: Answer<Data>): Data {
  if (errors.length > 0) {
    const Reason = errors.some(({ extensions }) => extensions?.unexpected === true) ? ServerFault : Failure;
    throw new Reason([...new Set(errors.map(({ message }) => message))].join(' '));
  }
  if (data === null || data === undefined)
    throw new Failure('The answer has no data; is this a Dr. Portscan server?');
  return data;
}

/** The result of a mutation: its payload, or one of the named errors of the schema. */
export type Outcome<Payload> = Payload | { readonly message: string };

/** The payload of a mutation. Throws Failure with what the caller can correct. */
export function payloadOf<Payload extends object>(outcome: Outcome<Payload>): Payload {
  if ('message' in outcome) throw new Failure(outcome.message);
  return outcome;
}

/** One page of a connection. */
export interface PageOf<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly endCursor: string | null;
    readonly hasPreviousPage?: boolean;
    readonly startCursor?: string | null;
  };
}

/** What a document with `$filter`, `$first`, `$after` reads; backwards with `$last` and `$before` as well. */
export interface Reading {
  readonly document: string;
  /** The field of the query that holds the connection. */
  readonly field: string;
  readonly filter?: Variables;
  /** Other variables of the document. */
  readonly variables?: Variables;
  /** Items in all; every one unless told. */
  readonly limit?: number | undefined;
}

const pageSize = 100;

/** The items of a connection from the front, page after page. */
export async function* readPages<Node>(api: Api, reading: Reading): AsyncGenerator<readonly Node[]> {
  let left = reading.limit ?? Number.POSITIVE_INFINITY;
  let after: string | null = null;
  while (left > 0) {
    const first = Math.min(pageSize, left);
    const page: PageOf<Node> = await readPage(api, reading, { first, after });
    yield page.nodes;
    if (!page.pageInfo.hasNextPage) return;
    after = page.pageInfo.endCursor;
    left -= page.nodes.length;
  }
}

/** The items of a connection from its end, page after page; each page is in reverse too. */
export async function* readPagesBackward<Node>(api: Api, reading: Reading): AsyncGenerator<readonly Node[]> {
  let before: string | null | undefined;
  for (;;) {
    const page: PageOf<Node> = await readPage(api, reading, { last: pageSize, before });
    yield page.nodes.toReversed();
    if (page.pageInfo.hasPreviousPage !== true) return;
    before = page.pageInfo.startCursor;
  }
}

async function readPage<Node>(api: Api, reading: Reading, place: Variables): Promise<PageOf<Node>> {
  const data = await api.query<Record<string, PageOf<Node>>>(reading.document, {
    ...(reading.filter === undefined ? {} : { filter: reading.filter }),
    ...reading.variables,
    ...place,
  });
  const page = data[reading.field];
  if (page === undefined)
    throw new Failure('The answer is not what was asked for; is this a Dr. Portscan server?');
  return page;
}

/** The variables with another value at a path, such as `input.inventory.file`. */
export function withValueAt(variables: Variables, path: string, value: unknown): Variables {
  const [name = '', ...rest] = path.split('.');
  if (rest.length === 0) return { ...variables, [name]: value };
  const inner = (variables[name] ?? {}) as Variables;
  return { ...variables, [name]: withValueAt(inner, rest.join('.'), value) };
}
