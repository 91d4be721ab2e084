import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** Why a request is refused before anything looks at it. */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
}

export interface AccessRules {
  /** The server is bound to loopback: names that point elsewhere are an attack. */
  readonly loopback: boolean;
  /** Names under which the server is reached besides. */
  readonly hosts: readonly string[];
}

/** Whether an address to bind to is reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * Refuses what a browser sends on behalf of a foreign page: by a name that was rebound to our address, or from
 * another origin. Programs send none of these headers.
 */
export function refusalOf(request: IncomingMessage, rules: AccessRules): Refusal | undefined {
  const { host, origin } = request.headers;
  if (!isOurName(nameOf(host ?? ''), rules)) {
    return { status: 421, reason: 'The Host header is not a name of this server. See --allow-host' };
  }
  if (origin !== undefined && !isSameOrigin(origin, host)) {
    return { status: 403, reason: 'Requests of other origins are refused' };
  }
  const site = request.headers['sec-fetch-site'];
  const foreign = site === 'cross-site' || site === 'same-site';
  if (foreign && !(request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate')) {
    return { status: 403, reason: 'Requests of other sites are refused' };
  }
  return undefined;
}

function isOurName(name: string, { loopback, hosts }: AccessRules): boolean {
  if (name === 'localhost' || isLoopback(name) || hosts.includes(name)) return true;
  return !loopback && (isIP(name) !== 0 || name === hostname().toLowerCase());
}

/** The name in a Host header: without port and brackets. */
function nameOf(host: string): string {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host);
  return (match?.[1] ?? match?.[2] ?? '').toLowerCase();
}

function isSameOrigin(origin: string, host: string | undefined): boolean {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.host === host?.toLowerCase();
}
