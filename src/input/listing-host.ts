import { addressAt, familyOf } from '../core/address.ts';
import { type AddressSet, countAddresses } from '../core/address-set.ts';
import type { PortKey } from '../core/endpoint.ts';
import type { HostObservation, PortObservation } from '../core/observation.ts';
import { limits } from '../limits.ts';
import { type ReadHints, ReportRefused } from './agent.ts';
import { sortedPorts } from './merge.ts';

/** One listener of a host's own listing. */
export interface Listener {
  /** A canonical address, or the families of a listener on all addresses. */
  readonly on: string | readonly (4 | 6)[];
  readonly port: PortKey;
  /** The program that listens, where the listing names it. */
  readonly program: string | undefined;
}

/**
 * The addresses of the host whose listing is read. Throws ReportRefused SCOPE_NEEDED where nobody says them, or
 * where they are too many for one host.
 */
export function ownAddresses(tool: string, { addresses }: ReadHints): readonly string[] {
  if (addresses === undefined || addresses.length === 0)
    throw needed(`${tool} does not write whose listeners these are`);
  if (countAddresses(addresses) > BigInt(limits.hostAddressesMax))
    throw needed(`the addresses that go with the listing are those of a network, not of one host`);
  return addressesOf(addresses);
}

function needed(why: string): ReportRefused {
  return new ReportRefused(
    'SCOPE_NEEDED',
    `To read a listing, name the addresses of the host itself, as in --addresses 192.0.2.7,2001:db8::7: ${why}.`,
  );
}

function addressesOf(set: AddressSet): string[] {
  const found: string[] = [];
  for (const { first, last } of set) {
    for (let at = first; at <= last; at += 1n) found.push(addressAt(at));
  }
  return found;
}

/**
 * One observation for each address of the host: it is up, and open is what listens there. Listeners on other
 * addresses (loopback, container bridges) are reached from nowhere else.
 */
export function hostsOfListing(
  addresses: readonly string[],
  listeners: readonly Listener[],
): HostObservation[] {
  return addresses.map((address) => {
    const family = familyOf(address);
    const own = listeners.filter(({ on }) => (typeof on === 'string' ? on === address : on.includes(family)));
    return {
      address,
      status: 'up',
      names: [],
      ports: sortedPorts(own.map(portOf)),
      collapsed: [],
      timedOut: false,
    };
  });
}

function portOf({ port, program }: Listener): PortObservation {
  return {
    port,
    state: 'open',
    ...(program === undefined ? {} : { service: { product: program, probed: false } }),
  };
}
