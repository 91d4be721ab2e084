import { parseAddress } from '../core/address.ts';
import { formatPort, type PortKey, readPortSet } from '../core/endpoint.ts';
import { BadInput } from '../core/errors.ts';

/** Where a host is: its id without the type. */
export interface HostKey {
  readonly addressSpaceId: number;
  readonly address: string;
}

export interface EndpointKey extends HostKey {
  readonly port: PortKey;
}

/** The opaque id of one thing among all types. */
export function encodeGlobalId(type: string, id: string): string {
  return Buffer.from(`${type}:${id}`).toString('base64url');
}

/** The type and id inside a global id; undefined where the text is none. */
export function decodeGlobalId(text: string): { readonly type: string; readonly id: string } | undefined {
  const decoded = Buffer.from(text, 'base64url').toString();
  const match = /^([A-Z][A-Za-z]{0,39}):([\w.:/-]{1,120})$/.exec(decoded);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const [, type, id] = match;
  return encodeGlobalId(type, id) === text ? { type, id } : undefined;
}

/** The number in a global id of this type. Throws BadInput where it is an id of something else or none at all. */
export function readId(type: string, text: string): number {
  const decoded = decodeGlobalId(text);
  const id = decoded?.type === type ? parseNumber(decoded.id) : undefined;
  if (id === undefined) throw new BadInput(`"${text.slice(0, 80)}" is not the id of a ${type}`, 'id');
  return id;
}

/** A number as it stands in ids: decimal, positive, exact. */
export function parseNumber(text: string): number | undefined {
  const value = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : undefined;
  return value !== undefined && Number.isSafeInteger(value) ? value : undefined;
}

/** The id of a host without its type. */
export function formatHostKey({ addressSpaceId, address }: HostKey): string {
  return `${addressSpaceId}/${address}`;
}

/** Reads what `formatHostKey` wrote; undefined where the text is none. */
export function parseHostKey(text: string): HostKey | undefined {
  const [space = '', address = '', ...rest] = text.split('/');
  const addressSpaceId = parseNumber(space);
  if (addressSpaceId === undefined || rest.length > 0 || parseAddress(address) !== address) return undefined;
  return { addressSpaceId, address };
}

/** The id of an endpoint without its type. */
export function formatEndpointKey(key: EndpointKey): string {
  return `${formatHostKey(key)}/${formatPort(key.port)}`;
}

/** Reads what `formatEndpointKey` wrote; undefined where the text is none. */
export function parseEndpointKey(text: string): EndpointKey | undefined {
  const [space = '', address = '', port = '', protocol = ''] = text.split('/');
  const host = parseHostKey(`${space}/${address}`);
  const reading = readPortSet(`${port}/${protocol}`);
  const range = reading.ok ? reading.ports[0] : undefined;
  if (host === undefined || range === undefined || range.first !== range.last) return undefined;
  const key = { ...host, port: range.first };
  return formatEndpointKey(key) === text ? key : undefined;
}
