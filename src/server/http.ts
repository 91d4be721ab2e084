import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { BadInput } from '../core/errors.ts';
import type { Application } from '../graphql/context.ts';
import { limits } from '../limits.ts';
import { type AccessRules, isLoopback, refusalOf } from './access.ts';
import { HttpError, sendPage, sendProblem, sendText } from './answer.ts';
import { checkGraphqlRequest, createGraphql, createReport, type Graphql } from './graphql.ts';
import { unreadiness } from './health.ts';
import { createLog, type Logger } from './log.ts';
import { startPage } from './page.ts';
import { openSpool } from './spool.ts';
import { createTurnstile } from './turnstile.ts';
import { getUpload, postScan, putPart, type UploadRoutes } from './uploads.ts';
import { createWebSockets, type WebSockets } from './websocket.ts';

export interface ServerOptions {
  /** Address to bind to; 127.0.0.1 unless told. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port?: number;
  /** Bind to an address that others reach, although everybody who reaches it may read and write everything. */
  readonly exposed?: boolean;
  /** Names besides addresses under which clients reach the server. */
  readonly allowedHosts?: readonly string[];
  /** Where parts of uploads are kept; the directory for temporary files unless told. */
  readonly spoolDirectory?: string;
  readonly log?: Logger;
}

export interface RunningServer {
  /** Such as `http://127.0.0.1:8155`. */
  readonly url: string;
  /** Stops gracefully: not ready any more, sockets are told, uploads finish or are refused. */
  close(): Promise<void>;
}

interface Routes extends UploadRoutes {
  readonly graphql: Graphql;
  readonly access: AccessRules;
  readonly stopping: AbortSignal;
  readonly origin: () => string;
  readonly report: (error: unknown) => string;
}

/** Serves the API. Throws BadInput where it would be open to others without the caller saying so. */
export async function startServer(
  application: Application,
  options: ServerOptions = {},
): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 8155, allowedHosts = [], log = createLog() } = options;
  const loopback = isLoopback(host);
  if (!loopback && options.exposed !== true) throw new BadInput(exposureWarning(host), 'host');

  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const spool = await openSpool(
    (upload, paths) => application.scans.uploadFiles(upload, paths),
    options.spoolDirectory,
  );
  const server = createServer({ headersTimeout: limits.uploadIdleMs, requestTimeout: 0 });
  const origin = () => originOf(server, host);
  const graphql = createGraphql({ application, uploads: spool, log, origin, stopping: stopping.signal });
  const sockets = createWebSockets(graphql, log);
  const turnstile = createTurnstile();
  const routes: Routes = {
    application,
    graphql,
    origin,
    spool,
    turnstile,
    report: createReport(log),
    stopping: stopping.signal,
    access: { loopback, hosts: allowedHosts.map((name) => name.toLowerCase()) },
  };
  server.on('request', (request, response) => void answer(routes, request, response));
  server.on('upgrade', (request, socket, head) => upgrade(routes, sockets, { request, socket, head }));
  await listen(server, host, port).catch(async (error: unknown) => {
    await spool.close();
    throw error;
  });
  log.info({ url: origin() }, 'listening');

  let closed: Promise<void> | undefined;
  const close = async () => {
    stopping.abort();
    turnstile.shut();
    sockets.close();
    await Promise.race([turnstile.empty(), pause(limits.shutdownMs)]); // Still listening, to say "not ready".
    const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    await Promise.race([stopped, pause(500)]);
    sockets.terminate();
    server.closeAllConnections();
    await spool.close();
    log.info('stopped');
  };
  return {
    url: origin(),
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

async function answer(routes: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const refusal = refusalOf(request, routes.access);
    if (refusal !== undefined) throw new HttpError(refusal.status, refusal.reason);
    await route(routes, request, response);
  } catch (error) {
    if (!request.complete) response.setHeader('Connection', 'close'); // What is still to come is not read.
    sendProblem(response, error, routes.report);
  }
}

async function route(routes: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (pathname === '/graphql') {
    checkGraphqlRequest(request, response);
    const patience = setTimeout(() => !request.complete && request.destroy(), limits.uploadIdleMs);
    await Promise.resolve(routes.graphql(request, response)).finally(() => clearTimeout(patience));
    return;
  }
  const part = /^\/uploads\/([0-9a-f-]{36})\/parts\/(\d{1,4})$/.exec(pathname);
  if (part?.[1] !== undefined && method === 'PUT') {
    return putPart(routes, request, response, { id: part[1], part: Number(part[2]) });
  }
  const upload = /^\/uploads\/([0-9a-f-]{36})$/.exec(pathname);
  if (upload?.[1] !== undefined && method === 'GET') return getUpload(routes, response, upload[1]);
  if (pathname === '/scans' && (method === 'POST' || method === 'PUT')) {
    return postScan(routes, request, response, searchParams);
  }
  if (method === 'GET') return routeOfPages(routes, response, { pathname, url: urlOf(routes, request) });
  throw new HttpError(404, `There is no ${method} ${pathname.slice(0, 80)}`);
}

/** How whoever asks reaches the server: names and addresses that could be anything else than that are left out. */
function urlOf({ origin }: Routes, { headers: { host = '' } }: IncomingMessage): string {
  return /^[\w.:[\]-]{1,255}$/.test(host) ? `http://${host}` : origin();
}

async function routeOfPages(
  routes: Routes,
  response: ServerResponse,
  { pathname, url }: { readonly pathname: string; readonly url: string },
): Promise<void> {
  if (pathname === '/') return sendPage(response, startPage(url));
  if (pathname === '/livez') return sendText(response, 200, 'ok');
  if (pathname !== '/readyz') throw new HttpError(404, `There is no page ${pathname.slice(0, 80)}`);
  const reason = await unreadiness(routes.application, routes.stopping);
  return sendText(response, reason === undefined ? 200 : 503, reason ?? 'ok');
}

interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

function upgrade(
  { access, stopping }: Routes,
  sockets: WebSockets,
  { request, socket, head }: Upgrade,
): void {
  const refusal = refusalOf(request, access);
  const path = (request.url ?? '').split('?')[0];
  const status = refusal?.status ?? (path !== '/graphql' ? 404 : stopping.aborted ? 503 : undefined);
  if (status === undefined) {
    sockets.upgrade(request, socket, head);
    return;
  }
  socket.on('error', () => undefined);
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function originOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function exposureWarning(host: string): string {
  return (
    `Refusing to listen on ${host}: nobody has to log in yet, so that everybody who reaches this address could ` +
    'read and write everything. Say --expose if that is meant, or put a proxy that asks for a password in front.'
  );
}
