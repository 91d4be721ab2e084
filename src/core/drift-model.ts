import type { Address } from './address.ts';
import type { DriftKind, DriftSide, UnverifiableReason } from './drift.ts';
import type { PortKey, PortSet } from './endpoint.ts';
import type { Instant } from './observation.ts';
import type { ScanId } from './state.ts';

/** What made a drift item open or resolve. */
export const driftCauses = [
  'observation',
  'target_change',
  'policy_change',
  'expiry',
  'host_retired',
] as const;
export type DriftCause = (typeof driftCauses)[number];

/** One deviation of what is from what should be: (address space, view, address, port, side), through all its episodes. */
export interface DriftItem {
  readonly id: number;
  readonly addressSpaceId: number;
  /** The view. */
  readonly scannerGroupId: number;
  readonly address: Address;
  /** Undefined where it is about the host. */
  readonly port?: PortKey;
  readonly side: DriftSide;
  readonly kind: DriftKind;
  readonly state: 'open' | 'resolved';
  /** How often it has opened. */
  readonly episode: number;
  readonly firstOpenedAt: Instant;
  readonly openedAt: Instant;
  readonly openedBy: DriftCause;
  readonly resolvedAt?: Instant;
  readonly resolvedBy?: DriftCause;
  /** The scan that opened or resolved it last, where one did. */
  readonly scanId?: ScanId;
  /** The statement that decides; undefined for what nobody declared. */
  readonly statementId?: number;
  readonly owner?: string;
  readonly ticket?: string;
  readonly acknowledged?: { readonly at: Instant; readonly by: string; readonly note: string };
  /** The waiver that ends last of those that hold for it. */
  readonly waiverId?: number;
  /** Its evidence went: it stays open, and nothing proves it. */
  readonly unverifiable?: { readonly reason: UnverifiableReason; readonly since: Instant };
  /** It opened and resolved again and again in a short time. */
  readonly flapping: boolean;
  /** The past moment of which it tells; undefined for the present. */
  readonly asOf?: Instant;
}

/** Which drift items are wanted; open ones unless `states` says otherwise. */
export interface DriftFilter {
  readonly addressSpaceIds?: readonly number[];
  readonly scannerGroupIds?: readonly number[];
  readonly networks?: readonly string[];
  readonly families?: readonly (4 | 6)[];
  readonly ports?: PortSet;
  readonly kinds?: readonly DriftKind[];
  readonly sides?: readonly DriftSide[];
  readonly states?: readonly DriftItem['state'][];
  /** An empty one is nobody. */
  readonly owners?: readonly string[];
  /** What opened it. */
  readonly causes?: readonly DriftCause[];
  readonly openedAfter?: Instant;
  readonly openedBefore?: Instant;
  readonly acknowledged?: boolean;
  readonly waived?: boolean;
  readonly unverifiable?: boolean;
  readonly flapping?: boolean;
}

export const driftGroupings = ['subnet', 'owner', 'kind', 'view', 'group'] as const;
export type DriftGrouping = (typeof driftGroupings)[number];

/** Open drift items of one network, owner, kind, view or host group. */
export interface DriftSummaryRow {
  /** A network such as `192.0.2.0/24`, an owner (empty for none), a kind, a scanner group's or host group's name. */
  readonly key: string;
  readonly open: number;
  readonly missing: number;
  readonly excess: number;
  /** Of the open ones. */
  readonly acknowledged: number;
  readonly waived: number;
  readonly unverifiable: number;
  /** Hosts with an open item. */
  readonly hosts: number;
}

/** How many declared cells of a view, network or owner could be verified. */
export interface CoverageRow {
  readonly key: string;
  readonly declared: number;
  readonly verified: number;
  readonly stale: number;
  readonly neverScanned: number;
  readonly inconclusive: number;
}

export const coverageGroupings = ['view', 'subnet', 'owner'] as const;
export type CoverageGrouping = (typeof coverageGroupings)[number];

/** A declared host or endpoint of which nobody can say whether it is as it should be. */
export interface UnscannedTarget {
  readonly addressSpaceId: number;
  readonly scannerGroupId: number;
  readonly address: Address;
  readonly port?: PortKey;
  readonly reason: UnverifiableReason;
  readonly owner?: string;
  readonly statementId?: number;
}

/** How one host stands as seen from one view. */
export interface Compliance {
  readonly addressSpaceId: number;
  readonly scannerGroupId: number;
  readonly address: Address;
  readonly verdict: 'compliant' | 'drift' | 'unknown' | 'undeclared';
  /** Declared cells that are as they should be. */
  readonly compliant: number;
  readonly items: readonly DriftItem[];
  readonly unknown: readonly UnscannedTarget[];
}

/** Drift that somebody accepts until a date, for a reason. It is still assessed, and counted apart. */
export interface Waiver {
  readonly id: number;
  readonly addressSpaceId: number;
  readonly scannerGroupId?: number;
  /** Network or address. */
  readonly network: string;
  readonly ports?: string;
  readonly kind?: DriftKind;
  readonly reason: string;
  readonly owner: string;
  readonly ticket?: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly revokedAt?: Instant;
}

/** What people say about a waiver: one item, or everything in a network that fits. */
export interface WaiverInput {
  readonly itemId?: number;
  readonly addressSpaceId?: number;
  readonly scannerGroupId?: number;
  readonly network?: string;
  readonly ports?: string;
  readonly kind?: DriftKind;
  readonly reason: string;
  readonly owner: string;
  readonly ticket?: string;
  readonly expiresAt: Instant;
}

export const driftEventKinds = [
  'opened',
  'reopened',
  'resolved',
  'changed',
  'acknowledged',
  'waived',
  'waiver_expired',
  'became_unverifiable',
  'verifiable_again',
  'flapping',
  'imported',
] as const;
export type DriftEventKind = (typeof driftEventKinds)[number];

/** One entry of the drift log. */
export interface DriftEvent {
  readonly sequence: number;
  readonly kind: DriftEventKind;
  readonly at: Instant;
  readonly cause: DriftCause;
  readonly addressSpaceId: number;
  /** The item as it was then; undefined for an import as a whole. */
  readonly item?: DriftItem;
  readonly scanId?: ScanId;
  /** Of an import, and of what it made open or resolve. */
  readonly sourceId?: number;
  readonly revision?: number;
  /** Of an import as a whole: how many items it opened and resolved. */
  readonly counts?: { readonly opened: number; readonly resolved: number };
}

/** Which drift events are wanted; those without an item pass every filter but `kinds`, `causes` and the address space. */
export interface DriftEventFilter
  extends Omit<DriftFilter, 'kinds' | 'causes' | 'states' | 'openedAfter' | 'openedBefore'> {
  readonly events?: readonly DriftEventKind[];
  readonly kinds?: readonly DriftKind[];
  readonly causes?: readonly DriftCause[];
}

/** What a full recomputation found that the stored drift does not say, or says otherwise. */
export interface DriftVerification {
  readonly assessed: number;
  readonly open: number;
  readonly differences: readonly {
    readonly scannerGroupId: number;
    readonly address: Address;
    readonly port?: PortKey;
    readonly side: DriftSide;
    readonly stored: string;
    readonly computed: string;
  }[];
}

/** Which drift is verified or looked at. */
export interface DriftPlace {
  readonly addressSpaceId: number;
  readonly scannerGroupIds?: readonly number[];
  readonly networks?: readonly string[];
  /** Only what these declare that it is theirs; an empty one is nobody. */
  readonly owners?: readonly string[];
  /** Only what is declared of these ports. */
  readonly ports?: PortSet;
}
