import { decodeGlobalId } from '../graphql/global-id.ts';

/** A time as tables show it: `2026-11-23 10:15:00Z`, or a dash. */
export function timeText(iso: string | null | undefined): string {
  return iso ? iso.replace('T', ' ').replace(/\.\d+Z$/, 'Z') : '-';
}

/** An enum value of the API in the spelling of core, logs and files. */
export function word(value: string): string {
  return value.toLowerCase();
}

/** The number inside of a global id; people count scans. */
export function numberOf(globalId: string): number {
  return Number(decodeGlobalId(globalId)?.id);
}

/** What a tool said of a service. */
export interface ServiceFields {
  readonly name: string | null;
  readonly product: string | null;
  readonly version: string | null;
  readonly extra: string | null;
  readonly tunnel: string | null;
  readonly cpe: readonly string[];
  readonly probed: boolean;
}

/** The fields of a service in a document. */
export const serviceFields = 'service { name product version extra tunnel cpe probed }';

/** A service on a few words: `ssl/http nginx 1.22.1`. */
export function serviceText(service: ServiceFields | null | undefined): string {
  if (!service) return '';
  const { name, tunnel, product, version } = service;
  const kind = [tunnel, name].filter(Boolean).join('/');
  return [kind, product, version].filter(Boolean).join(' ');
}

/** An address and a port as people write them: `10.0.0.1:443/tcp`, `[2001:db8::1]:443/tcp`. */
export function endpointText({ address, port, protocol }: EndpointName): string {
  if (port === null) return address;
  const host = address.includes(':') ? `[${address}]` : address;
  return `${host}:${port}/${protocol}`;
}

/** The same with its address space, where that is not the default. */
export function placeText(row: EndpointName & { readonly space: string }): string {
  return endpointText(row) + (row.space === 'default' ? '' : ` (${row.space})`);
}

interface EndpointName {
  readonly address: string;
  readonly port: number | null;
  readonly protocol: string | null;
}

/** Who looked, as the API has it. */
export interface SourceFields {
  readonly name: string;
  readonly group: { readonly name: string };
}

/** The fields of a scanner in a document. */
export const sourceFields = 'scanner { name group { name } }';

/** Contradicting looks that are being counted. */
export interface PendingFields {
  readonly count: number;
  readonly needed: number;
  readonly since: string;
}

/** The fields of a pending change in a document. */
export const pendingFields = 'pending { count needed since }';

/** The times that are there, joined to the earliest or the latest; null where there is none. */
export function extreme(
  which: 'first' | 'last',
  times: readonly (string | null | undefined)[],
): string | null {
  const known = times.filter((time): time is string => typeof time === 'string').sort();
  return known.at(which === 'first' ? 0 : -1) ?? null;
}
