import { formatAddressSet, readAddressSet } from './address-set.ts';
import { formatPortSet, readPortSet } from './endpoint.ts';
import { BadInput } from './errors.ts';
import type { Thresholds } from './fold.ts';

/** What people say about an address space. */
export interface AddressSpaceInput {
  readonly name: string;
  readonly description?: string;
}

/** What people say about a scanner group. */
export interface ScannerGroupInput {
  readonly name: string;
  readonly addressSpaceId: number;
  readonly description?: string;
  readonly agreementWindowSeconds?: number;
}

/** What people say about a scanner; null takes a default away. */
export interface ScannerInput {
  readonly name: string;
  readonly groupId: number;
  readonly description?: string;
  readonly thresholds?: Partial<Thresholds>;
  readonly defaultAddresses?: readonly string[] | null;
  readonly defaultPorts?: string | null;
  readonly expectEverySeconds?: number | null;
  readonly guardShare?: number;
  readonly bogusPorts?: number;
}

/** Control characters, halves of surrogate pairs, line separators, and marks that turn the direction of a text. */
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** A name without the space around it. Throws BadInput. */
export function readName(text: string, { charactersMax }: { charactersMax: number }): string {
  const name = text.normalize('NFC').trim();
  const length = Array.from(name).length;
  if (length < 1 || length > charactersMax) {
    throw new BadInput(`The name has ${length} characters: give it 1 to ${charactersMax}`, 'name');
  }
  if (unprintable.test(name)) {
    throw new BadInput('The name has a control character: use letters, digits, spaces and signs', 'name');
  }
  return name;
}

/** A text for people, which may have several lines. Throws BadInput. */
export function readDescription(text: string, { charactersMax }: { charactersMax: number }): string {
  if (text.length > charactersMax) {
    const said = `The description has ${text.length} characters: shorten it to ${charactersMax}`;
    throw new BadInput(said, 'description');
  }
  if (unprintable.test(text.replace(/[\n\r\t]/g, ''))) {
    throw new BadInput('The description has a control character: take it out', 'description');
  }
  return text;
}

/** A text that people leave with what they decide: not longer than anybody reads, and fit to be stored. Throws BadInput. */
export function refuseUnfitText(
  text: string | undefined,
  { field, charactersMax }: { field: string; charactersMax: number },
): void {
  if (text === undefined) return;
  if (text.length > charactersMax) {
    throw new BadInput(`"${field}" has ${text.length} characters: shorten it to ${charactersMax}`, field);
  }
  if (/[\0\p{Cs}]/u.test(text)) {
    throw new BadInput(`"${field}" holds a NUL or half of a character: take it out`, field);
  }
}

/** A whole number between two bounds, both included. Throws BadInput. */
export function readWhole(value: number, field: string, bounds: { min: number; max: number }): number {
  const { min, max } = bounds;
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new BadInput(`"${field}" is ${value}: give a whole number from ${min} to ${max}`, field);
}

/** A share of a whole. Throws BadInput. */
export function readShare(value: number, field: string): number {
  if (value >= 0 && value <= 1) return value;
  throw new BadInput(`"${field}" is ${value}: give a number from 0 to 1, such as 0.5 for one half`, field);
}

/** A default scope of addresses in canonical form. Throws BadInput. */
export function readDefaultAddresses(
  texts: readonly string[],
  { rangesMax }: { rangesMax: number },
): string[] {
  const field = 'defaultAddresses';
  const reading = readAddressSet(texts);
  if (!reading.ok) {
    const said = `"${field}" has "${reading.text.slice(0, 80)}": ${reading.reason}`;
    throw new BadInput(`${said}; write 192.0.2.0/24, 192.0.2.1-192.0.2.9 or 2001:db8::/64`, field);
  }
  if (reading.addresses.length === 0) {
    throw new BadInput(`"${field}" is empty: name at least one network, or null for no default`, field);
  }
  if (reading.addresses.length > rangesMax) {
    const said = `"${field}" has ${reading.addresses.length} separate ranges`;
    throw new BadInput(`${said}: join them to at most ${rangesMax}`, field);
  }
  return formatAddressSet(reading.addresses);
}

/** A default scope of ports in canonical form. Throws BadInput. */
export function readDefaultPorts(text: string): string {
  const reading = readPortSet(text);
  if (reading.ok) return formatPortSet(reading.ports);
  throw new BadInput(`"defaultPorts": ${reading.reason}; write 22,80-90/tcp,53/udp`, 'defaultPorts');
}
