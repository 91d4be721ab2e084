import { type Family, lastPosition, positionOf } from './address.ts';
import { type AddressSet, readAddressSet } from './address-set.ts';
import { BadInput } from './errors.ts';
import { intersect } from './intervals.ts';

/** The addresses that a filter means; undefined where it says nothing about addresses. Throws BadInput. */
export function addressesOfFilter(filter: {
  readonly networks?: readonly string[];
  readonly families?: readonly Family[];
}): AddressSet | undefined {
  const { networks, families } = filter;
  const ofFamilies = families && ([4, 6] as const).filter((family) => families.includes(family)).map(rangeOf);
  if (networks === undefined) return ofFamilies;
  const reading = readAddressSet(networks);
  if (!reading.ok) {
    const said = `"${reading.text.slice(0, 80)}": ${reading.reason}`;
    throw new BadInput(`${said}; write 192.0.2.0/24, 192.0.2.1-192.0.2.9 or 2001:db8::1`, 'networks');
  }
  return ofFamilies === undefined ? reading.addresses : intersect(reading.addresses, ofFamilies);
}

function rangeOf(family: Family): { first: bigint; last: bigint } {
  return { first: positionOf(family === 4 ? '0.0.0.0' : '::'), last: lastPosition[family] };
}
