import type { Address } from './address.ts';
import type { Thresholds } from './fold.ts';
import type { Scan } from './model.ts';
import type { Instant } from './observation.ts';

/** What a person may do about a scan. */
export type ScanAction = 'release' | 'discard' | 'restore';

/** What a re-fold found: how much of the log it took back and added. */
export interface RefoldCounts {
  readonly hosts: number;
  readonly retractions: number;
  readonly changes: number;
}

/** A scan after an action, and how the log was corrected for it. */
export interface ScanDecision {
  readonly scan: Scan;
  readonly counts: RefoldCounts;
}

/** Other thresholds, and from when on changes are counted. */
export interface PreviewRequest {
  readonly scannerId: number;
  /** What is left out stays. */
  readonly thresholds: Partial<Thresholds>;
  readonly since: Instant;
}

/** What is to be pruned: everything up to a moment (without it, until now), of some scanners, of some addresses. */
export interface PruneRequest {
  readonly before?: Instant;
  readonly addressSpaceIds?: readonly number[];
  readonly scannerIds?: readonly number[];
  readonly scannerGroupIds?: readonly number[];
  /** Networks, ranges or addresses; without it all, and scans that nothing refers to go as well. */
  readonly networks?: readonly string[];
  /** Only count what would go. */
  readonly dryRun: boolean;
}

/** What went, or would go. */
export interface PruneCounts {
  readonly hosts: number;
  /** Rows of the change log; one may hold the entries of several ports. */
  readonly logRows: number;
  /** Stored contents of hosts. */
  readonly runs: number;
  readonly scans: number;
}

/** Which host is forgotten, and by whom. */
export interface ForgetRequest {
  readonly addressSpaceId: number;
  readonly address: Address;
  /** Without it by all scanners of the address space. */
  readonly scannerIds?: readonly number[];
}
