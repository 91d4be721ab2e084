import { type SQL, sql } from 'drizzle-orm';
import { type Address, addressAt } from '../core/address.ts';
import type { AddressSet } from '../core/address-set.ts';
import { allOf, anyOf } from './page.ts';

/** Whether an address column lies inside the set; single addresses by equality, so that an index serves best. */
export function isInside(address: SQL, set: AddressSet | undefined): SQL | undefined {
  if (set === undefined) return undefined;
  const ranges = set.map(({ first, last }) =>
    first === last
      ? sql`${address} = ${inetAt(first)}`
      : sql`(${address} >= ${inetAt(first)} and ${address} <= ${inetAt(last)})`,
  );
  if (ranges.length < 2) return anyOf(ranges);
  const [lowest, highest] = [set.at(0)?.first ?? 0n, set.at(-1)?.last ?? 0n];
  return allOf([sql`${address} >= ${inetAt(lowest)}`, sql`${address} <= ${inetAt(highest)}`, anyOf(ranges)]);
}

/** An address as PostgreSQL's `inet`. */
export function inet(address: Address): SQL {
  return sql`${address}::text::inet`;
}

function inetAt(position: bigint): SQL {
  return inet(addressAt(position));
}
