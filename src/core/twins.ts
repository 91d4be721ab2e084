import type { Address, Family } from './address.ts';
import type { PortKey } from './endpoint.ts';
import type { EndpointVerdict } from './model.ts';

/** A port that is open on one address of a machine and not on the other. */
export interface TwinDifference {
  readonly port: PortKey;
  readonly openOn: Family;
  /** What is known of the other address: not open, or nothing. */
  readonly other: Exclude<EndpointVerdict, 'open'>;
}

/** An IPv4 and an IPv6 address that seem to be one machine. */
export interface TwinPair {
  readonly addressSpaceId: number;
  readonly v4: Address;
  readonly v6: Address;
  /** DNS names that both have; sorted. */
  readonly names: readonly string[];
  readonly macs: readonly string[];
}

/** A pair of twins, and where they differ. */
export interface TwinCheck extends TwinPair {
  readonly differences: readonly TwinDifference[];
  /** Ports that are open on both. */
  readonly openOnBoth: number;
}

/** Compares the verdicts on the ports of two addresses; every port that is open on one of them must have both. */
export function compareTwins(
  pair: TwinPair,
  verdicts: ReadonlyMap<PortKey, { readonly v4: EndpointVerdict; readonly v6: EndpointVerdict }>,
): TwinCheck {
  const differences: TwinDifference[] = [];
  let openOnBoth = 0;
  for (const [port, { v4, v6 }] of [...verdicts].sort(([a], [b]) => a - b)) {
    if (v4 === 'open') {
      if (v6 === 'open') openOnBoth += 1;
      else differences.push({ port, openOn: 4, other: v6 });
    } else if (v6 === 'open') differences.push({ port, openOn: 6, other: v4 });
  }
  return { ...pair, differences, openOnBoth };
}
