import {
  type Address,
  addressAt,
  type Family,
  familyOf,
  lastPosition,
  positionOf,
  readAddress,
} from './address.ts';
import { bigintLine, contains, type Intervals, intersect, normalise, subtract } from './intervals.ts';

/** A set of addresses of both families, as intervals on the line of `positionOf`. */
export type AddressSet = Intervals<bigint>;

/** Either a set of addresses, or the text that could not be read and why. */
export type AddressSetReading =
  | { readonly ok: true; readonly addresses: AddressSet }
  | { readonly ok: false; readonly text: string; readonly reason: string };

/** Whether the set holds the address. */
export function holdsAddress(set: AddressSet, address: Address): boolean {
  return contains(set, positionOf(address));
}

/** The set of exactly these addresses. */
export function setOfAddresses(addresses: Iterable<Address>): AddressSet {
  const intervals = [];
  for (const address of addresses) {
    const position = positionOf(address);
    intervals.push({ first: position, last: position });
  }
  return normalise(bigintLine, intervals);
}

/** Addresses in both sets. */
export function intersectAddresses(a: AddressSet, b: AddressSet): AddressSet {
  return intersect(a, b);
}

/** Addresses in the first set and not in the second. */
export function subtractAddresses(a: AddressSet, b: AddressSet): AddressSet {
  return subtract(bigintLine, a, b);
}

/** How many addresses the set holds. */
export function countAddresses(set: AddressSet): bigint {
  return set.reduce((sum, { first, last }) => sum + last - first + 1n, 0n);
}

/**
 * Reads addresses (`10.0.0.1`), networks (`10.0.0.0/24`, host bits allowed and ignored) and ranges
 * (`10.0.0.1-10.0.0.9`, `2001:db8::1-2001:db8::f`).
 */
export function readAddressSet(texts: Iterable<string>): AddressSetReading {
  const intervals = [];
  for (const text of texts) {
    const range = readRange(text.trim());
    if (typeof range === 'string') return { ok: false, text, reason: range };
    intervals.push(range);
  }
  return { ok: true, addresses: normalise(bigintLine, intervals) };
}

/** The set as networks where they fit exactly in one, else as `first-last` ranges; sorted. */
export function formatAddressSet(set: AddressSet): string[] {
  return set.map(({ first, last }) => {
    if (first === last) return addressAt(first);
    const bits = prefixBits(first, last);
    return bits === undefined ? `${addressAt(first)}-${addressAt(last)}` : `${addressAt(first)}/${bits}`;
  });
}

/** The first and last place of a network, or the reason why the text is none. */
export function readRange(text: string): { first: bigint; last: bigint } | string {
  const slash = text.indexOf('/');
  if (slash >= 0) return readNetwork(text.slice(0, slash), text.slice(slash + 1));
  const dash = text.indexOf('-');
  const first = readAddress((dash < 0 ? text : text.slice(0, dash)).trim());
  const last = dash < 0 ? first : readAddress(text.slice(dash + 1).trim());
  if (!first.ok) return first.reason;
  if (!last.ok) return last.reason;
  if (familyOf(first.address) !== familyOf(last.address)) return 'a range must stay in one family';
  const range = { first: positionOf(first.address), last: positionOf(last.address) };
  return range.first <= range.last ? range : 'the range ends before it begins';
}

function readNetwork(addressText: string, bitsText: string): { first: bigint; last: bigint } | string {
  const reading = readAddress(addressText);
  if (!reading.ok) return reading.reason;
  const family: Family = familyOf(reading.address);
  const width = family === 4 ? 32 : 128;
  if (!/^(0|[1-9]\d{0,2})$/.test(bitsText) || Number(bitsText) > width) {
    return `the prefix length must be a number from 0 to ${width}`;
  }
  const size = 1n << BigInt(width - Number(bitsText));
  const zero = lastPosition[family] - (1n << BigInt(width)) + 1n;
  const offset = positionOf(reading.address) - zero;
  const first = zero + (offset / size) * size;
  return { first, last: first + size - 1n };
}

/** The prefix length of the network that is exactly this range, or undefined. */
function prefixBits(first: bigint, last: bigint): number | undefined {
  const family: Family = first <= lastPosition[4] ? 4 : 6;
  const width = family === 4 ? 32 : 128;
  const size = last - first + 1n;
  const zero = lastPosition[family] - (1n << BigInt(width)) + 1n;
  if ((size & (size - 1n)) !== 0n || (first - zero) % size !== 0n) return undefined;
  return width - (size.toString(2).length - 1);
}
