import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import { createYoga } from 'graphql-yoga';
import type { Application, Uploads } from '../graphql/context.ts';
import { maskError } from '../graphql/errors.ts';
import { createLoaders, type GraphqlContext } from '../graphql/loaders.ts';
import { schema } from '../graphql/schema.ts';
import { limits } from '../limits.ts';
import { HttpError } from './answer.ts';
import { createDocumentCache, limitsPlugin } from './limits-plugin.ts';
import type { Logger } from './log.ts';

export interface GraphqlOptions {
  readonly application: Application;
  readonly uploads: Uploads;
  readonly log: Logger;
  readonly origin: () => string;
  readonly stopping: AbortSignal;
}

/** Writes down what is our fault, and returns the id under which the log has it. */
export function createReport(log: Logger): (error: unknown) => string {
  return (error) => {
    const id = randomUUID();
    log.error({ id, err: error }, 'unexpected error');
    return id;
  };
}

/** GraphQL over HTTP and server-sent events; WebSockets run their operations through it as well. */
export function createGraphql({ application, uploads, log, origin, stopping }: GraphqlOptions) {
  const report = createReport(log);
  return createYoga({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    cors: false,
    batching: false,
    logging: false,
    maxRequestBodySize: limits.multipartBodyBytesMax,
    graphiql: { title: 'Dr. Portscan', subscriptionsProtocol: 'WS', defaultQuery },
    renderGraphiQL,
    parserAndValidationCache: { documentCache: createDocumentCache(limits.documentCacheBytesMax) },
    maskedErrors: { maskError: (error) => maskError(error, report) },
    plugins: [limitsPlugin],
    context: (): GraphqlContext => ({
      application,
      uploads,
      loaders: createLoaders(application),
      origin: origin(),
      stopping,
    }),
  });
}

export type Graphql = ReturnType<typeof createGraphql>;

const defaultQuery = `# What changed last?
{
  changes(first: 20) {
    nodes { kind address port protocol at scanner { name } }
  }
}
`;

/** Headers that a foreign page cannot send without asking first. */
const preflightHeaders = ['graphql-require-preflight', 'apollo-require-preflight', 'x-graphql-yoga-csrf'];

/** Throws for requests that a form of a foreign page could send, and for bodies that are too large. */
export function checkGraphqlRequest(request: IncomingMessage, response: ServerResponse): void {
  // Only GraphiQL needs any of this; answers in JSON ignore it.
  response.setHeader(
    'Content-Security-Policy',
    "default-src 'self' data: blob: 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  );
  response.setHeader('X-Content-Type-Options', 'nosniff');
  if (request.method !== 'POST') return;

  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'multipart/form-data') {
    if (preflightHeaders.some((name) => request.headers[name] !== undefined)) return;
    throw new HttpError(415, `A multipart request needs the header "${preflightHeaders[0]}: 1"`);
  }
  if (type !== 'application/json') throw new HttpError(415, 'The Content-Type must be application/json');
  const length = request.headers['content-length'];
  if (length === undefined) throw new HttpError(411, 'A JSON request needs a Content-Length');
  if (Number(length) > limits.jsonBodyBytesMax) {
    throw new HttpError(413, `A JSON request may have ${limits.jsonBodyBytesMax} bytes`);
  }
}
