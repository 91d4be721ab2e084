import type { IncomingMessage, ServerResponse } from 'node:http';
import { readRange } from '../core/address-set.ts';
import { isInCalendar } from '../core/calendar.ts';
import { readPortSet } from '../core/endpoint.ts';
import { BadInput, NotFound } from '../core/errors.ts';
import type { Application, PreparedUpload, ScanUpload } from '../graphql/context.ts';
import { present } from '../graphql/defined.ts';
import { HttpError, sendJson } from './answer.ts';
import { bodyOf } from './body.ts';
import { resultJson, uploadJson } from './receipt-json.ts';
import type { Spool } from './spool.ts';
import type { Turnstile } from './turnstile.ts';

export interface UploadRoutes {
  readonly application: Application;
  readonly spool: Spool;
  readonly turnstile: Turnstile;
}

/** `PUT /uploads/:id/parts/:n`: one part of a large report. Sent again, it replaces the first. */
export async function putPart(
  { application, spool, turnstile }: UploadRoutes,
  request: IncomingMessage,
  response: ServerResponse,
  { id, part }: { readonly id: string; readonly part: number },
): Promise<void> {
  if ((await spool.find(id)) === undefined) throw new NotFound('There is no such upload (any more)');
  const upload = await turnstile.enter(clientOf(request), () => spool.receive(id, part, bodyOf(request)));
  const status = upload.result === undefined ? 202 : upload.result.repeated ? 200 : 201;
  sendJson(response, status, await uploadJson(application, upload));
}

/** `GET /uploads/:id`: which parts are here, and what became of the report. */
export async function getUpload(
  { application, spool }: UploadRoutes,
  response: ServerResponse,
  id: string,
): Promise<void> {
  const upload: PreparedUpload | undefined = await spool.find(id);
  if (upload === undefined) throw new NotFound('There is no such upload (any more)');
  sendJson(response, 200, await uploadJson(application, upload));
}

/** `POST /scans?scanner=name` (or PUT): a whole report in one request, read while it comes. */
export async function postScan(
  { application, turnstile }: UploadRoutes,
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
): Promise<void> {
  if (request.method === 'POST') refuseForms(request);
  const upload = await uploadOf(application, query);
  const result = await turnstile.enter(clientOf(request), () =>
    application.scans.upload(upload, bodyOf(request)),
  );
  sendJson(response, result.repeated ? 200 : 201, await resultJson(application, result));
}

/** What a page of another site could send without asking first. */
function refuseForms({ headers }: IncomingMessage): void {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? 'text/plain';
  const isForm = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'].includes(type);
  if (!isForm || headers['x-drportscan'] !== undefined) return;
  throw new HttpError(415, `Send the report with "Content-Type: application/octet-stream", not "${type}"`);
}

const parameters = ['scanner', 'format', 'addresses', 'ports', 'observedAt'];

async function uploadOf(application: Application, query: URLSearchParams): Promise<ScanUpload> {
  for (const name of query.keys()) {
    if (parameters.includes(name)) continue;
    throw new BadInput(`There is no parameter "${name.slice(0, 80)}", only ${parameters.join(', ')}`, name);
  }
  const name = query.get('scanner');
  if (name === null) throw new BadInput('Say who looked: /scans?scanner=NAME', 'scanner');
  const scanner = await application.scanners.findByName(name);
  if (scanner === undefined) {
    throw new NotFound(`There is no scanner "${name.slice(0, 80)}"; add it with: drportscan scanner add`);
  }
  return {
    scannerId: scanner.id,
    ...present({
      format: query.get('format'),
      addresses: addressesOf(query),
      ports: portsOf(query),
      observedAt: instantOf(query),
    }),
  };
}

function addressesOf(query: URLSearchParams): string[] | undefined {
  const texts = query.getAll('addresses').flatMap((text) => text.split(','));
  for (const text of texts) {
    const range = readRange(text.trim());
    if (typeof range === 'string') throw new BadInput(`"${text.slice(0, 80)}": ${range}`, 'addresses');
  }
  return texts.length === 0 ? undefined : texts.map((text) => text.trim());
}

function portsOf(query: URLSearchParams): string | undefined {
  const text = query.get('ports');
  if (text === null) return undefined;
  const reading = readPortSet(text);
  if (!reading.ok) throw new BadInput(reading.reason, 'ports');
  return text;
}

function instantOf(query: URLSearchParams): number | undefined {
  const text = query.get('observedAt');
  if (text === null) return undefined;
  const instant = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(instant)) throw new BadInput('"observedAt" looks like 2026-11-23T10:15:00Z', 'observedAt');
  if (!isInCalendar(text.slice(0, 10)))
    throw new BadInput(`The calendar has no ${text.slice(0, 10)}`, 'observedAt');
  return instant;
}

function clientOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? '';
}
