import type { Service } from '../core/observation.ts';
import { textOf } from './nmap-facts.ts';

/** Kinds of masscan's banners that name no service but a part of what it answered (proto-banner1.h). */
const parts: ReadonlySet<string> = new Set([
  'unknown',
  'generic',
  'X509',
  'title',
  'html',
  'http.server',
  'vuln',
  'heartbleed',
  'ticketbleed',
  'safe',
  'scripting',
  'versioning',
]);

/** The service behind a banner of masscan, which found it out by talking to it. */
export function masscanService(kind: string | undefined): Service | undefined {
  if (kind === undefined || parts.has(kind)) return undefined;
  const { name } = textOf('name', kind);
  return name === undefined ? undefined : { name, probed: true };
}
