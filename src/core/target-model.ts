import type { PortSet } from './endpoint.ts';
import type { WinningRule } from './expectation.ts';
import type { Instant } from './observation.ts';
import type { Selector, Statement, Subject, Undeclared } from './target.ts';

/** A CMDB or person that declares what should be in one address space. */
export interface TargetSource {
  readonly id: number;
  readonly addressSpaceId: number;
  readonly name: string;
  readonly description: string;
  /** Among statements of equal rank the higher wins; the default, 0, is the lowest. */
  readonly priority: number;
  /** Networks that it may speak of; undefined for the whole address space. */
  readonly networks?: readonly string[];
  /** A snapshot that takes away more than this share of its statements is refused. */
  readonly deleteShare: number;
  /** Counts imports that changed something; 0 before the first. */
  readonly revision: number;
  /** The source's own number or time of its last state. */
  readonly externalRevision?: string;
  readonly createdAt: Instant;
  /** When the last import was applied, also one that changed nothing. */
  readonly importedAt?: Instant;
}

/** What people say about a target source; null takes a limit away. */
export interface TargetSourceInput {
  readonly name: string;
  readonly addressSpaceId: number;
  readonly description?: string;
  readonly priority?: number;
  readonly networks?: readonly string[] | null;
  readonly deleteShare?: number;
}

/** One address in one host group, as a source declares it. */
export interface GroupMember {
  readonly group: string;
  readonly address: string;
}

/** Where a statement comes from. */
export type StatementOrigin = 'import' | 'manual' | 'baseline';

/** A statement as it is stored: with its name, and the revisions of its source in which it stands. */
export interface StoredStatement extends Statement {
  /** The source's own name for it, or what it says about whom. */
  readonly externalId: string;
  readonly addressSpaceId: number;
  readonly origin: StatementOrigin;
  readonly sinceRevision: number;
  readonly since: Instant;
  /** The first revision without it; undefined for what stands. */
  readonly untilRevision?: number;
  readonly until?: Instant;
}

/** Which statements are wanted; what stands now unless `revision` (of a source) or `asOf` says otherwise. */
export interface StatementFilter {
  readonly addressSpaceIds?: readonly number[];
  readonly sourceIds?: readonly number[];
  /** Statements whose host or network overlaps one of these; `*` and groups are left out. */
  readonly networks?: readonly string[];
  readonly scannerGroupIds?: readonly number[];
  readonly owners?: readonly string[];
  readonly expects?: readonly Subject['expect'][];
  readonly ports?: PortSet;
  readonly externalId?: string;
  readonly revision?: number;
  readonly asOf?: Instant;
}

/** One import that changed something. */
export interface TargetRevision {
  readonly sourceId: number;
  readonly number: number;
  readonly mode: ImportMode;
  readonly at: Instant;
  readonly actor?: string;
  readonly reason?: string;
  readonly externalRevision?: string;
  readonly counts: ImportCounts;
}

/** What undeclared ports and hosts are, and how old evidence may be, for a selector and view. */
export interface TargetPolicy {
  readonly id: number;
  readonly addressSpaceId: number;
  readonly selector: Selector;
  /** Scanner group; undefined for any. */
  readonly view?: number;
  readonly undeclaredPorts: Undeclared;
  readonly undeclaredHosts: Undeclared;
  readonly assessServices: boolean;
  /** As in `Policy`: undefined as a wider policy says, else it does not age; `neverStale` whatever a wider one says. */
  readonly staleAfterSeconds?: number;
}

/** What people say about a policy; `selector` as in `readSelector`: address, network, `group:name`, `*`. */
export interface TargetPolicyInput {
  readonly addressSpaceId: number;
  readonly selector: string;
  readonly scannerGroupId?: number | null;
  readonly undeclaredPorts?: Undeclared;
  readonly undeclaredHosts?: Undeclared;
  readonly assessServices?: boolean;
  readonly staleAfterSeconds?: number | null;
}

/** How an import is meant: instead of what the source declared, in addition to it, or as what is allowed for now. */
export const importModes = ['snapshot', 'patch', 'baseline'] as const;
export type ImportMode = (typeof importModes)[number];

/** One import of an inventory. */
export interface ImportRequest {
  readonly sourceId: number;
  readonly mode: ImportMode;
  /** Name of an importer; without it the format is detected. */
  readonly format?: string;
  /** Name of a shipped mapping profile, or the JSON of one's own. */
  readonly profile?: string;
  readonly defaultExpect?: 'required' | 'allowed' | 'forbidden';
  /** Name of the scanner group of statements that name none. */
  readonly defaultView?: string;
  /** Whom statements are about in formats that name nobody. */
  readonly defaultSelector?: string;
  readonly portsVariable?: string;
  /** Statements of a baseline hold until then. */
  readonly reviewBy?: Instant;
  /** Of a snapshot: only what the source declares in these networks is replaced; without it everything. */
  readonly networks?: readonly string[];
  /** The source's revision that the caller knows; a snapshot that is applied must name it. */
  readonly expectedRevision?: number;
  /** The same key with the same content is answered again and applied once. */
  readonly idempotencyKey?: string;
  /** The brakes that are let go, and why. */
  readonly override?: { readonly brakes: readonly BrakeKind[]; readonly reason: string };
  readonly actor?: string;
  readonly reason?: string;
}

export interface ImportCounts {
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  readonly unchanged: number;
  /** Rows that cannot be read or used. */
  readonly rejected: number;
  /** Records that say nothing on purpose. */
  readonly skipped: number;
}

/** What an import does to one statement. */
export interface ImportItem {
  readonly action: 'create' | 'update' | 'delete';
  readonly externalId: string;
  readonly before?: StatementFacts;
  readonly after?: StatementFacts;
}

/** What a statement says, in words. */
export interface StatementFacts {
  readonly selector: string;
  /** Name of a scanner group; undefined for any. */
  readonly view?: string;
  /** As in `443/tcp`; undefined where it is about the host. */
  readonly ports?: string;
  readonly expect: Subject['expect'];
  readonly service?: string;
  readonly owner?: string;
  readonly ticket?: string;
  readonly description?: string;
  readonly validFrom?: Instant;
  readonly validUntil?: Instant;
  readonly locked: boolean;
}

/** A row of an inventory that was not used, and why. */
export interface RejectedRow {
  readonly line?: number;
  readonly record?: number;
  readonly name?: string;
  readonly reason: string;
}

export const brakeKinds = [
  'empty_snapshot',
  'deletes',
  'wide_allowed',
  'resolves_forbidden',
  'truncated',
  'older_revision',
] as const;
export type BrakeKind = (typeof brakeKinds)[number];

/** Why an import is not applied unless somebody says so. */
export interface Brake {
  readonly kind: BrakeKind;
  readonly observed: string;
  readonly limit: string;
  /** What is wrong, and how to let the brake go. */
  readonly message: string;
}

/** Two statements of equal rank that contradict one another: the stricter one wins. */
export interface TargetConflict {
  readonly winner: StoredStatement;
  readonly loser: StoredStatement;
}

/** What an import would do to drift. */
export interface DriftImpact {
  readonly wouldOpen: number;
  readonly wouldResolve: number;
  /** Of those that would resolve, open ports that are forbidden now. */
  readonly wouldHideForbidden: number;
  /** Hosts that were assessed for it, each once for each view. */
  readonly assessed: number;
}

/** Everything that an import would do. Applied only as it stands. */
export interface ImportPlan {
  /** Names the plan, and is what `apply` wants to see again. */
  readonly hash: string;
  readonly sourceId: number;
  readonly mode: ImportMode;
  readonly format: string;
  /** The source's revision on which it is based. */
  readonly baseRevision: number;
  readonly networks?: readonly string[];
  readonly counts: ImportCounts;
  /** Cut after `importItemsMax`; the counts are whole. */
  readonly items: readonly ImportItem[];
  readonly rejected: readonly RejectedRow[];
  readonly skipped: readonly RejectedRow[];
  readonly conflicts: readonly TargetConflict[];
  readonly brakes: readonly Brake[];
  readonly impact: DriftImpact;
  readonly warnings: readonly string[];
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
}

/** What became of an import. */
export interface ImportResult {
  readonly plan: ImportPlan;
  /** `planned` of a dry run; `no_changes` makes no revision; `repeated` was applied before under the same key. */
  readonly outcome: 'planned' | 'applied' | 'no_changes' | 'repeated';
  /** The revision that it made. */
  readonly revision?: TargetRevision;
  /** Numbers of drift items that were accepted, and are open all the same: another statement overrules the new one. */
  readonly stillOpenIds?: readonly number[];
}

/** What is expected of one endpoint or host, who wins, who loses, and by which rule. */
export interface ExpectationExplained {
  readonly expect: Subject['expect'] | 'undeclared';
  /** What undeclared means there. */
  readonly undeclared: Undeclared;
  readonly winner?: StoredStatement;
  readonly losers: readonly StoredStatement[];
  readonly conflicts: readonly StoredStatement[];
  readonly rule?: WinningRule;
  readonly policy?: TargetPolicy;
}

/** What differs between two revisions of a source. */
export interface RevisionComparison {
  readonly counts: Pick<ImportCounts, 'created' | 'updated' | 'deleted'>;
  readonly items: readonly ImportItem[];
}
