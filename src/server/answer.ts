import type { ServerResponse } from 'node:http';
import { BadInput, CallerError, NotFound, ReportRejected } from '../core/errors.ts';

/** A refusal that has a status of its own. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    headers: Readonly<Record<string, string>> = {},
    options: ErrorOptions = {},
  ) {
    super(message, options);
    this.status = status;
    this.headers = headers;
  }
}

const safe = { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' };

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  send(response, status, { 'Content-Type': 'application/json; charset=utf-8' }, `${JSON.stringify(body)}\n`);
}

/** Answers with a text. */
export function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, { 'Content-Type': 'text/plain; charset=utf-8' }, `${text}\n`);
}

/** Answers with a page that may neither run scripts nor load anything nor be framed. */
export function sendPage(response: ServerResponse, html: string): void {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
  send(
    response,
    200,
    { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy },
    html,
  );
}

/** Answers with what went wrong (RFC 9457); `report` gets what is our fault and returns its id in the log. */
export function sendProblem(
  response: ServerResponse,
  error: unknown,
  report: (error: unknown) => string,
): void {
  const { status, headers, ...problem } = problemOf(error, report);
  if (response.headersSent) return void response.destroy();
  const body = `${JSON.stringify({ type: 'about:blank', status, ...problem })}\n`;
  send(response, status, { 'Content-Type': 'application/problem+json', ...headers }, body);
}

interface Problem {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** For programs. */
  readonly code: string;
  /** For people: the place, the reason and the remedy. */
  readonly detail: string;
  readonly field?: string;
}

function problemOf(error: unknown, report: (error: unknown) => string): Problem {
  if (error instanceof HttpError) {
    return { status: error.status, headers: error.headers, code: 'REFUSED', detail: error.message };
  }
  if (error instanceof ReportRejected) {
    return { status: error.code === 'TOO_LARGE' ? 413 : 422, code: error.code, detail: error.message };
  }
  if (error instanceof NotFound) return { status: 404, code: 'NOT_FOUND', detail: error.message };
  if (error instanceof BadInput) {
    const { field, message } = error;
    return { status: 400, code: 'BAD_INPUT', detail: message, ...(field === undefined ? {} : { field }) };
  }
  if (error instanceof CallerError) return { status: 409, code: 'CONFLICT', detail: error.message };
  const id = report(error);
  return {
    status: 500,
    code: 'INTERNAL',
    detail: `Unexpected error. The log of the server has it under the id ${id}.`,
  };
}

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): void {
  response.writeHead(status, { ...safe, ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
