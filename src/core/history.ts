import type { Address } from './address.ts';
import type { PortKey, PortSet } from './endpoint.ts';
import type { Gap } from './gaps.ts';
import type { Instant } from './observation.ts';
import type { PlacedChange } from './past-state.ts';
import type { DifferenceFact, StateDifference } from './state-difference.ts';
import { comparePositions, type ScanChange } from './timeline.ts';

/** What one scanner saw of a host or endpoint over time. */
export interface ScannerHistory {
  readonly scannerId: number;
  /** The history before this moment is not kept: it was pruned, or belongs to a forgotten host. */
  readonly begins?: Instant;
  /** What happened and still holds, in the order of the timeline. */
  readonly entries: readonly ScanChange[];
  /** Complete scans that looked there. */
  readonly looks: number;
  readonly firstLookAt?: Instant;
  readonly lastLookAt?: Instant;
  /** When nobody looked for longer than expected. */
  readonly gaps: readonly Gap[];
}

/** Entries in the order of the timeline; of a port those of the port and of its host. */
export function timelineOf(entries: readonly PlacedChange[], port: PortKey | undefined): ScanChange[] {
  return [...entries]
    .sort(comparePositions)
    .map(({ change }) => change)
    .filter((change) => port === undefined || change.port === port || change.kind.startsWith('host_'));
}

/** Which part of the network, and whose view, a question about the past is about. */
export interface PastFilter {
  readonly addressSpaceIds?: readonly number[];
  readonly networks?: readonly string[];
  readonly families?: readonly (4 | 6)[];
  readonly scannerIds?: readonly number[];
  readonly scannerGroupIds?: readonly number[];
  readonly ports?: PortSet;
}

/** Which differences between two moments are wanted. */
export interface DifferenceFilter extends PastFilter {
  readonly facts?: readonly DifferenceFact[];
  /** With or without what was only first observed in between; without: both. */
  readonly baseline?: boolean;
}

/** One difference between two moments, and where. */
export interface LocatedDifference extends StateDifference {
  readonly addressSpaceId: number;
  readonly address: Address;
  readonly scannerId: number;
}

/** How many differences there are of each fact. */
export type DifferenceCounts = Readonly<Record<DifferenceFact, number>> & { readonly baseline: number };
