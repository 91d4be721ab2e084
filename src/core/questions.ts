import type { Address } from './address.ts';
import type { DifferenceCounts, LineFilter } from './difference-lines.ts';
import type { PortKey, PortSet } from './endpoint.ts';
import type { Period, Prefix } from './fleet.ts';
import type { DifferenceFilter, PastFilter } from './history.ts';
import type { Inconsistency } from './inconsistency.ts';
import type { HostFilter } from './model.ts';
import type { Instant } from './observation.ts';
import type { ScanId } from './state.ts';
import type { VantageFilter } from './vantage.ts';

/** A host, or one of its endpoints. */
export interface HistoryPlace {
  readonly addressSpaceId: number;
  readonly address: Address;
  readonly port?: PortKey;
}

/** How many addresses had one of the ports open, by what. */
export interface FleetQuestion extends Omit<PastFilter, 'ports'> {
  readonly ports: PortSet;
  readonly from: Instant;
  readonly to: Instant;
  readonly period: Period;
  /** Counted by networks of this size; without it all together. */
  readonly prefix?: Prefix;
}

/** Two moments, and what of their differences is wanted. */
export interface StateComparison extends DifferenceFilter {
  readonly from: Instant;
  readonly to: Instant;
}

/** Two scans, and what of their differences is wanted. */
export interface ScanComparison extends LineFilter {
  readonly before: ScanId;
  readonly after: ScanId;
  readonly networks?: readonly string[];
  readonly families?: readonly (4 | 6)[];
}

/** What two scans differ in, in numbers. */
export interface ScanComparisonCounts extends Readonly<DifferenceCounts> {
  /** Whether anything differs, apart from what cannot be compared. */
  readonly different: boolean;
  /** Whether anything can be compared: scans that looked at different things are neither equal nor different. */
  readonly comparable: boolean;
  /** Addresses that both looked at. */
  readonly commonAddresses: bigint;
}

/** Which inconsistencies are wanted. */
export interface InconsistencyFilter {
  readonly addressSpaceIds?: readonly number[];
  readonly scannerGroupIds?: readonly number[];
  readonly networks?: readonly string[];
  readonly families?: readonly (4 | 6)[];
  readonly ports?: PortSet;
}

/** An inconsistency, and where. */
export interface LocatedInconsistency extends Inconsistency {
  readonly groupId: number;
  readonly addressSpaceId: number;
  readonly address: Address;
}

/** Which part of the matrix is wanted: endpoints that are open as seen from anywhere, by the groups as columns. */
export interface VantageQuestion
  extends VantageFilter,
    Pick<HostFilter, 'addressSpaceIds' | 'networks' | 'families' | 'name'> {
  /** The columns; without it all groups. */
  readonly scannerGroupIds?: readonly number[];
  readonly ports?: PortSet;
}

/** Which twins are compared, and by whose views. */
export interface TwinFilter {
  readonly addressSpaceIds?: readonly number[];
  readonly scannerGroupIds?: readonly number[];
  /** Pairs of which one address lies inside. */
  readonly networks?: readonly string[];
  readonly ports?: PortSet;
  /** Also pairs without any difference. */
  readonly includeEqual?: boolean;
}
