import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { present } from '../graphql/defined.ts';
import { limits } from '../limits.ts';
import {
  type Answer,
  type Api,
  dataOf,
  type ReportToSend,
  type SentReport,
  type Variables,
  withValueAt,
} from './api.ts';
import { Failure, ForeignAnswer, RefusedReport, ServerFault, TemporaryFailure } from './failure.ts';
import { readServerSentEvents } from './server-sent-events.ts';

/** The API of a server, over HTTP. */
export function serverApi(server: string): Api {
  const origin = originOf(server);
  const post: Post = (document, variables, accept, signal) =>
    request(origin, `${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify({ query: document, variables }),
      ...(signal === undefined ? {} : { signal }),
    });
  const query: Api['query'] = async <Data>(document: string, variables = {}) => {
    const response = await post(document, variables, 'application/graphql-response+json, application/json');
    return dataOf(await answerOf<Data>(origin, response));
  };
  return {
    place: process.env.DRPORTSCAN_SERVER ? '' : ` --server ${origin}`,
    query,
    queryWithFile: async <Data>(document: string, variables: Variables, file: FileOfQuery) =>
      dataOf<Data>(await answerOf(origin, await postFile(origin, { document, variables, file }))),
    subscribe: (document, variables, signal) => subscribe(post, origin, { document, variables, signal }),
    send: (report, bytes) => send(origin, report, bytes),
    close: async () => undefined,
  };
}

type Post = (document: string, variables: unknown, accept: string, signal?: AbortSignal) => Promise<Response>;

type FileOfQuery = Parameters<Api['queryWithFile']>[2];

interface PostedFile {
  readonly document: string;
  readonly variables: Variables;
  readonly file: FileOfQuery;
}

/** A request with one file (graphql-multipart-request-spec), packed: servers limit what they hold of it. */
async function postFile(origin: string, { document, variables, file }: PostedFile): Promise<Response> {
  const form = new FormData();
  const operation = { query: document, variables: withValueAt(variables, file.path, null) };
  form.set('operations', JSON.stringify(operation));
  form.set('map', JSON.stringify({ 0: [`variables.${file.path}`] }));
  form.set('0', await packed(file.bytes), 'inventory.gz');
  return request(origin, `${origin}/graphql`, {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json, application/json',
      'graphql-require-preflight': '1',
    },
    body: form,
  });
}

async function packed(bytes: AsyncIterable<Uint8Array>): Promise<Blob> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  await pipeline(bytes, createGzip(), async (source: AsyncIterable<Uint8Array>) => {
    for await (const chunk of source) {
      size += chunk.length;
      if (size > limits.multipartBodyBytesMax) throw new Failure(tooLarge);
      chunks.push(chunk);
    }
  });
  return new Blob(chunks as BlobPart[]);
}

const tooLarge =
  `The file is too large to be sent: packed, ${limits.multipartBodyBytesMax >> 20} MB are the limit. ` +
  'Import it where the database is, with --data or DATABASE_URL, or in parts with --mode patch';

/** `http://host:port` from what people write; `/graphql` at the end does no harm. */
function originOf(server: string): string {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(server) ? server : `http://${server}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new Failure(`"${server}" is not the address of a server; write http://127.0.0.1:8155`);
  }
  return url.origin + url.pathname.replace(/\/(graphql)?\/?$/, '');
}

async function request(origin: string, url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { redirect: 'manual', ...init });
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    const { code = '', message = '' } = ((error as Error).cause ?? {}) as { code?: string; message?: string };
    const reason = (reasons[message] ?? reasons[code] ?? code) || message || String(error);
    throw new TemporaryFailure(
      `The server ${origin} cannot be reached: ${reason}. Start one with \`drportscan serve\`, or name it with --server`,
      { cause: error },
    );
  }
}

/** The text of an answer; the connection may break on the way. */
async function textOf(origin: string, response: Response, what: string): Promise<string> {
  return response.text().catch((error: unknown) => {
    throw new TemporaryFailure(`The connection to ${origin} broke before ${what} came`, { cause: error });
  });
}

const reasons: Readonly<Record<string, string>> = {
  // The Fetch Standard lists ports on which no web server listens.
  'bad port': 'connection refused, no server may have this port',
  ECONNREFUSED: 'connection refused, nobody listens there',
  ENOTFOUND: 'the name is unknown',
  EAI_AGAIN: 'the name cannot be resolved',
  ECONNRESET: 'it closed the connection',
  UND_ERR_SOCKET: 'it closed the connection',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no way to it',
};

/** The JSON of an answer. Something else that answers is told by its status. */
async function answerOf<Data>(origin: string, response: Response): Promise<Answer<Data>> {
  const text = await textOf(origin, response, 'the answer');
  try {
    const answer = JSON.parse(text) as Answer<Data> | null;
    if (isAnswer(answer)) return answer;
  } catch {
    // Told below, with what came instead.
  }
  throw failureOf(response, foreign(origin, response, text));
}

function isAnswer<Data>(value: Answer<Data> | null): value is Answer<Data> {
  if (typeof value !== 'object' || value === null) return false;
  const { data, errors = [] } = value;
  const areErrors = Array.isArray(errors) && errors.every((error) => typeof error?.message === 'string');
  return areErrors && (errors.length > 0 || (typeof data === 'object' && data !== null));
}

interface Subscribing {
  readonly document: string;
  readonly variables: unknown;
  readonly signal: AbortSignal;
}

async function* subscribe<Data>(
  post: Post,
  origin: string,
  { document, variables, signal }: Subscribing,
): AsyncGenerator<Data> {
  const response = await post(document, variables, 'text/event-stream', signal);
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (!isStream || response.body === null) {
    dataOf(await answerOf(origin, response));
    return;
  }
  for await (const { event, data } of readServerSentEvents(response.body)) {
    if (event === 'complete') return;
    if (event === 'next') yield dataOf(JSON.parse(data) as Answer<Data>);
  }
}

/** Sends a report in one request, as fast as the server takes it. */
async function send(
  origin: string,
  report: ReportToSend,
  bytes: AsyncIterable<Uint8Array>,
): Promise<SentReport> {
  const { scanner, format, addresses, ports, observedAt } = report;
  const about = present({ format, ports, observedAt, addresses: addresses?.join(',') });
  const parameters = new URLSearchParams({ scanner: scanner.name, ...about });
  const reading = watched(bytes);
  // Node's fetch sends what an iterable yields; the types, those of browsers, do not know that.
  const streaming: object = { body: reading.bytes, duplex: 'half' };
  const response = await request(origin, `${origin}/scans?${parameters}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    ...streaming,
  }).catch(reading.blame);
  const text = await textOf(origin, response, 'the receipt');
  const { detail, code, scans, repeated, note } = parsed(text) ?? {};
  if (response.ok && scans !== undefined)
    return { scanIds: scans, repeated: repeated === true, note: note ?? undefined };
  if (detail === undefined || code === undefined) throw failureOf(response, foreign(origin, response, text));
  throw failureOf(response, detail, code);
}

/** Bytes of which it is known whether they could be read: fetch tells their errors like those of the connection. */
function watched(bytes: AsyncIterable<Uint8Array>) {
  let failed: { readonly error: unknown } | undefined;
  const observe = async function* () {
    try {
      yield* bytes;
    } catch (error) {
      failed = { error };
      throw error;
    }
  };
  return {
    bytes: observe(),
    blame: (error: unknown): never => {
      throw failed === undefined ? error : failed.error;
    },
  };
}

/**
 * The failure for an answer: one that may pass, one of the server's own, one that is the report's for good, or one of
 * somebody else. Only what has a code is an answer of Dr. Portscan.
 */
function failureOf({ status, headers }: Response, message: string, code?: string): Failure {
  const retryAfterMs = retryAfter(headers.get('retry-after'));
  if (status === 500) return new ServerFault(message, { retryAfterMs });
  if (status > 500 || [408, 425, 429].includes(status))
    return new TemporaryFailure(message, { retryAfterMs });
  if (code === undefined || code === 'REFUSED') return new ForeignAnswer(message);
  return [413, 422].includes(status) ? new RefusedReport(message) : new Failure(message);
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
function retryAfter(text: string | null): number | undefined {
  if (text === null) return undefined;
  const ms = /^\d{1,9}$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

interface PostedScan {
  readonly scans?: readonly string[];
  readonly repeated?: boolean;
  readonly note?: string | null;
  /** Why not (RFC 9457). */
  readonly detail?: string;
  readonly code?: string;
}

function parsed(text: string): PostedScan | undefined {
  try {
    const value = JSON.parse(text) as PostedScan | null;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What came instead of the expected, and what to do. */
function foreign(origin: string, { status, headers }: Response, text: string): string {
  const said = text.trim().slice(0, limits.echoedCharactersMax);
  const answer = `${origin} answers ${status}${said === '' ? '' : `: ${said}`}`;
  const location = headers.get('location');
  if (status >= 300 && status < 400)
    return `${answer}. It sends us on to ${location ?? 'nowhere'}, where nobody is followed: name the server itself with --server`;
  if (status === 413)
    return `${answer}. Something before the server limits the size of requests; raise that limit`;
  if (status >= 500 || [408, 425, 429].includes(status)) return answer;
  return `${answer}. Is this a Dr. Portscan server, and nothing in between? Name it with --server`;
}
