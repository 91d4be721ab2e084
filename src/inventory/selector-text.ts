import { type Address, positionOf, readAddress } from '../core/address.ts';
import { readAddressSet } from '../core/address-set.ts';
import type { Selector } from '../core/target.ts';
import { limits } from '../limits.ts';
import type { ImportOptions } from './importer.ts';
import { unreadable } from './inventory-events.ts';

/**
 * A selector in its one form: `*`, `group:name`, a canonical network or address. Throws Unstated for anything else,
 * and for a network with bits beyond its prefix: one cannot know whether the host or the network is meant.
 */
export function readSelector(text: string | undefined): string {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '') return unreadable('it does not say whom it is about');
  if (trimmed === '*') return trimmed;
  const group = /^group:\s*(.+)$/.exec(trimmed)?.[1];
  if (group !== undefined) {
    return group.length <= limits.nameCharactersMax && !group.includes('\0')
      ? `group:${group}`
      : unreadable('the name of its group cannot be used');
  }
  return trimmed.includes('/') ? readNetwork(trimmed) : readHost(trimmed);
}

/** A canonical address. Throws Unstated for anything else. */
export function readHost(text: string): Address {
  const reading = readAddress(text.trim());
  return reading.ok
    ? reading.address
    : unreadable(`the address "${echoed(text)}" is refused: ${reading.reason}`);
}

/** The address of `192.0.2.10/24`, or of `192.0.2.10`: the mask says in which network it is, not whom it means. */
export function stripMask(text: string): Address {
  const [address = '', mask, rest] = text.trim().split('/');
  const host = readHost(address);
  if (rest !== undefined || (mask !== undefined && prefixOf(mask, host) === undefined))
    return unreadable(`"${echoed(text)}" is not an address with a mask`);
  return host;
}

const localNetworks: readonly (readonly [string, string])[] = [
  ['0.0.0.0/8', 'stands for all addresses of a machine'],
  ['::/128', 'stands for all addresses of a machine'],
  ['127.0.0.0/8', 'is a loopback address'],
  ['::1/128', 'is a loopback address'],
  ['169.254.0.0/16', 'is a link-local address'],
  ['fe80::/10', 'is a link-local address'],
  ['224.0.0.0/4', 'is a multicast address'],
  ['ff00::/8', 'is a multicast address'],
];

const locals = localNetworks.flatMap(([network, what]) => {
  const reading = readAddressSet([network]);
  return (reading.ok ? reading.addresses : []).map(({ first, last }) => ({ first, last, what }));
});

/** What makes an address mean another machine to everybody, or none; undefined for all others. */
export function localMeaning(address: Address): string | undefined {
  const position = positionOf(address);
  return locals.find(({ first, last }) => first <= position && position <= last)?.what;
}

/** Whether a statement is about nothing but such addresses. */
export function isLocal(selector: Selector): boolean {
  if (selector.kind === 'host') return localMeaning(selector.address) !== undefined;
  if (selector.kind !== 'cidr') return false;
  return locals.some(({ first, last }) => first <= selector.first && selector.last <= last);
}

/** Throws Unstated where an inventory names an address that means another machine to everybody. */
export function refuseLocal(address: string, { localAddresses }: ImportOptions): void {
  if (localAddresses === 'accept' || !/^[\d:a-f.]+$/.test(address)) return;
  const what = localMeaning(address);
  if (what !== undefined) unreadable(`${address} ${what}: it says nothing to others`);
}

function readNetwork(text: string): string {
  const slash = text.indexOf('/');
  const first = readHost(text.slice(0, slash));
  const prefix = prefixOf(text.slice(slash + 1), first);
  if (prefix === undefined || first.includes(':') !== text.includes(':'))
    return unreadable(`"${echoed(text)}" is not a network`);
  const bits = first.includes(':') ? 128 : 32;
  const base = positionOf(first.includes(':') ? '::' : '0.0.0.0');
  if ((positionOf(first) - base) % (1n << BigInt(bits - prefix)) === 0n) return `${first}/${prefix}`;
  return unreadable(
    `"${echoed(text)}" has bits beyond its prefix: write the network, or ${first} for the host alone`,
  );
}

function prefixOf(text: string, address: Address): number | undefined {
  const isNumber = /^(0|[1-9]\d{0,2})$/.test(text) && Number(text) <= (address.includes(':') ? 128 : 32);
  return isNumber ? Number(text) : undefined;
}

function echoed(text: string): string {
  return text.trim().slice(0, limits.echoedCharactersMax);
}
