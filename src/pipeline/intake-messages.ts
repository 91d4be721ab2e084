import type { ChangeKind } from '../core/change.ts';
import type { Thresholds } from '../core/fold.ts';
import type { ScanEffect } from '../core/guard.ts';
import type { LogRow } from '../core/live-entries.ts';
import type { ReceiptProblem, TimeOrigin } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import type { AbsentMeaning, Profile, ScopeOrigin } from '../core/scope.ts';
import type { ScanId } from '../core/state.ts';
import type { Base } from '../core/timeline.ts';
import type { CopyText } from '../store/session.ts';

/** What is taken for granted while a report is read; what turns out otherwise is read again. */
export interface Assumptions {
  /** The report ends as a complete one. */
  readonly complete: boolean;
  /** Its place on the timeline, and why there. */
  readonly at: Instant;
  readonly timeOrigin: TimeOrigin;
  /** One address may be spoken of by several records: gather them all before use. */
  readonly gather: boolean;
  /** The scanner seems to have gone blind: observations are kept, but nothing is concluded from them. */
  readonly hold: boolean;
  readonly heldReason?: string;
  /** Records whose bytes are known need not be read: their host's end time does not matter. */
  readonly skipKnown: boolean;
}

/** One report to take in: everything that its reader must know, as plain data. */
export interface IntakeRequest {
  /** Unpacked files; several are the parts of one scan. */
  readonly paths: readonly string[];
  readonly format?: string;
  /** Which run of a file that holds several; from 0. */
  readonly run: number;
  readonly assumptions: Assumptions;
  /** The gzip around the report broke off: the scan is partial, whatever it says of its end. */
  readonly truncated: boolean;
  /** The scope that goes with the upload, and the scanner's default. */
  readonly upload: ScopeTexts;
  readonly scannerDefault: ScopeTexts;
  readonly owner: { readonly addressSpaceId: number; readonly scannerId: number };
  readonly scan: ScanId;
  /** Digest of the report, where it decides the place on the timeline; else it is computed while reading. */
  readonly digest?: string;
  readonly thresholds: Thresholds;
  /** Given with the upload: wins over what the report says. */
  readonly observedAt?: Instant;
  readonly receivedAt: Instant;
  /** The scan is not the newest of its scanner: histories are folded again. */
  readonly late: boolean;
}

/** As in `readAddressSet` and `readPortSet`. */
export interface ScopeTexts {
  readonly addresses?: readonly string[];
  readonly ports?: string;
}

/** The intake asks the store through these; in a worker they are messages. */
export interface IntakeStore {
  begin(beginning: Beginning): Promise<Plan>;
  /** Encoded states by address; an address without one is missing. Only for scans that are the newest. */
  states(addresses: readonly string[]): Promise<readonly StateRow[]>;
  /** Heads and states of these addresses, packed as in Plan.known. */
  known(profileId: number, addresses: readonly string[]): Promise<string>;
  histories(addresses: readonly string[]): Promise<readonly HistoryRow[]>;
  write(rows: RowBatch): Promise<void>;
}

/** What the store must know before the first host. */
export interface Beginning {
  readonly looks: readonly BeginningLook[];
  /** The report is large: send all heads beforehand, so that known records need not be read. */
  readonly prefetch: boolean;
}

export interface BeginningLook {
  readonly profile: Profile;
  /** The profile for hosts that the tool gave up on. */
  readonly partial: Profile;
  /** First and last address of each range; undefined where the listed hosts are the scope. */
  readonly ranges?: readonly (readonly [first: string, last: string])[];
}

export interface Plan {
  /** In the order of Beginning.looks. */
  readonly looks: readonly {
    readonly profileId: number;
    readonly partialId: number;
    /** One line for each known host, as `packKnown` writes it; empty without ranges and prefetch. */
    readonly known: string;
  }[];
  /** What complete applied scans before this one covered. */
  readonly coverage: readonly CoverageRow[];
  /** The scanner's whole timeline; only for late scans. */
  readonly timeline?: Timeline;
}

export interface CoverageRow {
  readonly ranges: string;
  readonly ports: string;
  readonly status: boolean;
}

export interface StateRow {
  readonly address: string;
  readonly state: string;
}

/** A scanner's looks, with the profiles and address sets that they refer to. */
export interface Timeline {
  readonly looks: readonly {
    readonly scan: ScanId;
    readonly at: Instant;
    readonly digest: string;
    readonly applied: boolean;
    readonly profile: number;
    readonly addressSet: number;
  }[];
  readonly profiles: readonly ProfileRow[];
  readonly addressSets: readonly { readonly id: number; readonly ranges: string }[];
}

export interface ProfileRow {
  readonly id: number;
  readonly ports: string;
  readonly names: boolean;
  readonly status: boolean;
  readonly complete: boolean;
  readonly absent: AbsentMeaning;
}

/** Everything stored about one host of one scanner. */
export interface HistoryRow {
  readonly address: string;
  readonly runs: readonly StoredRun[];
  readonly entries: readonly StoredEntry[];
  /** Where the history begins, if its older part was cut off. */
  readonly base?: Base;
}

export interface StoredRun {
  readonly profile: number;
  readonly scan: ScanId;
  readonly at: Instant;
  readonly digest: string;
  readonly observedAt: Instant | null;
  readonly content: string;
}

/** A row of the change log, as it is stored. */
export type StoredEntry = LogRow;

/** Rows in COPY's text format, for hosts whose old rows are taken away first. */
export interface RowBatch {
  /** Hosts whose content or state is written, in any order, also several times. */
  readonly touched: readonly string[];
  /** Hosts whose state is written anew. */
  readonly replacedStates: readonly string[];
  /** Hosts and profiles whose head is written anew. */
  readonly replacedHeads: readonly { readonly profileId: number; readonly addresses: readonly string[] }[];
  /** Hosts that changed: what other profiles said last may no longer be settled. */
  readonly unsettled: readonly string[];
  readonly states: CopyText;
  readonly heads: CopyText;
  readonly runs: CopyText;
  readonly changes: CopyText;
}

/** What became of the report. */
export interface IntakeSummary {
  readonly format: string;
  readonly tool: string;
  readonly toolVersion?: string;
  readonly args?: string;
  readonly startedAt?: Instant;
  readonly endedAt?: Instant;
  readonly complete: boolean;
  readonly partialReason?: string;
  readonly bytes: number;
  /** Of each file, hexadecimal. */
  readonly sha256s: readonly string[];
  /** The file holds another run behind this one. */
  readonly more: boolean;
  readonly addressOrigin: ScopeOrigin;
  readonly portOrigin: ScopeOrigin;
  readonly scopePorts: string;
  /** What the scan covers: the addresses looked at under each profile. */
  readonly looks: readonly { readonly profileId: number; readonly addresses: readonly string[] }[];
  readonly hostsListed: number;
  readonly hostsUp: number;
  readonly endpointsOpen: number;
  readonly hostsUnchanged: number;
  readonly changes: Partial<Record<ChangeKind, number>>;
  readonly baselineChanges: number;
  /** Entries that say that a port opened, and not for the first look at it. */
  readonly newlyOpened: number;
  readonly retractions: number;
  /** What the scan itself would bring about, for the guard. */
  readonly effect: ScanEffect;
  readonly problems: readonly ReceiptProblem[];
  readonly problemCount: number;
  readonly warnings: readonly string[];
}

export type IntakeResult =
  | { readonly kind: 'done'; readonly summary: IntakeSummary }
  /** An assumption was wrong: everything written must be undone, and the report read again with these. */
  | { readonly kind: 'again'; readonly assumptions: Assumptions };
