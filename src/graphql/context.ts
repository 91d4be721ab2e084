import type { Address } from '../core/address.ts';
import type {
  ForgetRequest,
  PreviewRequest,
  PruneCounts,
  PruneRequest,
  ScanAction,
  ScanDecision,
} from '../core/decisions.ts';
import type { DifferenceLine } from '../core/difference-lines.ts';
import type {
  Compliance,
  CoverageGrouping,
  CoverageRow,
  DriftEvent,
  DriftEventFilter,
  DriftFilter,
  DriftGrouping,
  DriftItem,
  DriftPlace,
  DriftSummaryRow,
  DriftVerification,
  UnscannedTarget,
  Waiver,
  WaiverInput,
} from '../core/drift-model.ts';
import type { PortKey } from '../core/endpoint.ts';
import type { FleetCount } from '../core/fleet.ts';
import type { DifferenceCounts, LocatedDifference, ScannerHistory } from '../core/history.ts';
import type {
  AddressSpace,
  ChangeFilter,
  ChangePlace,
  CountedPage,
  EndpointFilter,
  EndpointPlace,
  EndpointRecord,
  Host,
  HostFilter,
  HostPlace,
  LoggedChange,
  Page,
  PageRequest,
  RawLook,
  Scan,
  ScanEvent,
  ScanFilter,
  Scanner,
  ScannerEvent,
  ScannerGroup,
} from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import type {
  FleetQuestion,
  HistoryPlace,
  InconsistencyFilter,
  LocatedInconsistency,
  ScanComparison,
  ScanComparisonCounts,
  StateComparison,
  TwinFilter,
  VantageQuestion,
} from '../core/questions.ts';
import type { ScannerHealth } from '../core/scan-event.ts';
import type { AddressSpaceInput, ScannerGroupInput, ScannerInput } from '../core/settings.ts';
import type { ScanId } from '../core/state.ts';
import type {
  ExpectationExplained,
  GroupMember,
  ImportPlan,
  ImportRequest,
  ImportResult,
  RevisionComparison,
  StatementFilter,
  StoredStatement,
  TargetConflict,
  TargetPolicy,
  TargetPolicyInput,
  TargetRevision,
  TargetSource,
  TargetSourceInput,
} from '../core/target-model.ts';
import type { ThresholdPreview } from '../core/threshold-preview.ts';
import type { TwinCheck } from '../core/twins.ts';
import type { VantageRow } from '../core/vantage.ts';

/** Reading and paging one noun. Filters and cursors that cannot be read throw BadInput. */
export interface Listing<T, Filter> {
  page(filter: Filter, page: PageRequest): Promise<Page<T>>;
  count(filter: Filter): Promise<number>;
}

/** The same as of any past moment. */
export interface PastListing<T, Filter> extends Listing<T, Filter> {
  page(filter: Filter, page: PageRequest, asOf?: Instant): Promise<Page<T>>;
  count(filter: Filter, asOf?: Instant): Promise<number>;
}

/** What the person or program that calls the API may do with the store. The server fills it in. */
export interface Application {
  readonly addressSpaces: Nouns<AddressSpace, AddressSpaceInput>;
  readonly scannerGroups: Nouns<ScannerGroup, ScannerGroupInput>;
  readonly scanners: Nouns<Scanner, ScannerInput>;

  readonly hosts: PastListing<Host, HostFilter> & {
    /** In the order of the places; undefined where no scanner knows one. */
    findMany(places: readonly HostPlace[], asOf?: Instant): Promise<readonly (Host | undefined)[]>;
  };
  readonly endpoints: PastListing<EndpointRecord, EndpointFilter> & {
    /** Answers for every endpoint, also one that nobody ever saw: then every scanner says why it does not know. */
    findMany(places: readonly EndpointPlace[], asOf?: Instant): Promise<readonly EndpointRecord[]>;
    /** The same page of the endpoints of each host. */
    pagesOfHosts(
      hosts: readonly HostPlace[],
      page: PageRequest,
      asOf?: Instant,
    ): Promise<readonly CountedPage<EndpointRecord>[]>;
    rawLooks(places: readonly EndpointPlace[], asOf?: Instant): Promise<readonly (readonly RawLook[])[]>;
  };
  readonly scans: Listing<Scan, ScanFilter> & {
    find(id: ScanId): Promise<Scan | undefined>;
    /** Those of the scans that exist, in any order; at most a page of ids. */
    findMany(ids: readonly ScanId[]): Promise<readonly Scan[]>;
    /** As with changes; the cursor of an event is its `sequence` in decimal. */
    follow(
      filter: ScanFilter,
      after: string | undefined,
      signal: AbortSignal,
    ): AsyncIterable<ScanEvent | ScannerEvent>;
    /** Takes in one report, as bytes. The same report again answers with `repeated`. */
    upload(upload: ScanUpload, report: AsyncIterable<Uint8Array>): Promise<UploadResult>;
    /** The same with files, which stay as they are until the answer; several are the parts of one scan. */
    uploadFiles(upload: ScanUpload, paths: readonly string[]): Promise<UploadResult>;
  };
  readonly changes: Listing<LoggedChange, ChangeFilter> & {
    /** In the order of the ids; undefined where there is none. */
    findMany(ids: readonly string[]): Promise<readonly (LoggedChange | undefined)[]>;
    /** The same page of the entries about each of the places, which are all hosts or all endpoints. */
    pagesAt(
      places: readonly ChangePlace[],
      page: PageRequest,
      asOf?: Instant,
    ): Promise<readonly Page<LoggedChange>[]>;
    countAt(places: readonly ChangePlace[], asOf?: Instant): Promise<readonly number[]>;
    /**
     * Entries behind the cursor, then live ones. Without a cursor only live ones. The cursor of an entry is its
     * `id`; `page` hands out the same cursors, so that a reader can go over from pages to following.
     * Throws BadInput, CursorExpired, SlowConsumer.
     */
    follow(filter: ChangeFilter, after: string | undefined, signal: AbortSignal): AsyncIterable<LoggedChange>;
  };

  readonly history: {
    /** What each scanner saw of hosts, or of their endpoints, over time; in the order of the places. */
    of(places: readonly HistoryPlace[]): Promise<readonly (readonly ScannerHistory[])[]>;
    /** How many addresses had a port open, by period and network. Throws BadInput. */
    fleet(question: FleetQuestion): Promise<readonly FleetCount[]>;
  };
  /** What differs between two moments. */
  readonly differences: Listing<LocatedDifference, StateComparison> & {
    counts(comparison: StateComparison): Promise<DifferenceCounts>;
  };
  /** What differs between two scans. Throws BadInput, NotFound. */
  readonly scanDifferences: Listing<DifferenceLine, ScanComparison> & {
    counts(comparison: ScanComparison): Promise<ScanComparisonCounts>;
  };
  readonly inconsistencies: Listing<LocatedInconsistency, InconsistencyFilter>;
  readonly vantage: PastListing<VantageRow, VantageQuestion>;
  readonly twins: Listing<TwinCheck, TwinFilter>;
  readonly decisions: Decisions;
  readonly targets: Targets;
  readonly drift: Drift;
}

/** What should be: who declares it, and what. */
export interface Targets {
  readonly sources: Nouns<TargetSource, TargetSourceInput>;
  readonly statements: Listing<StoredStatement, StatementFilter> & {
    find(id: number): Promise<StoredStatement | undefined>;
  };
  readonly policies: {
    all(addressSpaceId?: number): Promise<readonly TargetPolicy[]>;
    /** One for each selector and view: the same again replaces it. Throws NotFound, BadInput. */
    set(input: TargetPolicyInput): Promise<TargetPolicy>;
    remove(id: number): Promise<TargetPolicy>;
  };
  /** Newest first. */
  readonly revisions: Listing<TargetRevision, { readonly sourceId: number }>;
  /** Throws NotFound, BadInput. */
  compareRevisions(sourceId: number, from: number, to: number): Promise<RevisionComparison>;
  /** What contradicts one another among what stands now. */
  conflicts(addressSpaceId: number): Promise<readonly TargetConflict[]>;
  /** Throws NotFound, BadInput. */
  explain(question: ExpectationQuestion): Promise<ExpectationExplained>;
  /** Host groups as the sources declare them. */
  hostGroups(addressSpaceId: number): Promise<readonly { readonly name: string; readonly members: number }[]>;
  /** The members of host groups that a source declares, by group and address. */
  members(sourceId: number): Promise<readonly GroupMember[]>;
  countMembers(sourceId: number): Promise<number>;
  /** Says what an import would do, and keeps it for `apply`. Throws TargetRefused, NotFound, BadInput. */
  plan(request: ImportRequest, inventory: AsyncIterable<Uint8Array>): Promise<ImportPlan>;
  /** Does what a plan says, or nothing. Throws TargetRefused. */
  apply(hash: string, decision: PlanDecision): Promise<ImportResult>;
  /** Both at once. Throws TargetRefused, NotFound, BadInput. */
  importInventory(
    request: ImportRequest & { readonly dryRun: boolean },
    inventory: AsyncIterable<Uint8Array>,
  ): Promise<ImportResult>;
}

export interface ExpectationQuestion {
  readonly addressSpaceId: number;
  readonly address: Address;
  /** Without it about the host itself. */
  readonly port?: PortKey;
  readonly scannerGroupId: number;
  /** Without it now. */
  readonly at?: Instant;
}

/** What goes with the application of a plan. */
export type PlanDecision = Pick<ImportRequest, 'override' | 'actor' | 'reason' | 'idempotencyKey'>;

/** What deviates from what should be, and what nobody can say. */
export interface Drift {
  /** `asOf` tells of the items that were open at a past moment. Ordered by view, address, port, side. */
  readonly items: PastListing<DriftItem, DriftFilter> & {
    find(id: number): Promise<DriftItem | undefined>;
  };
  /** `host group` counts a host in each of its groups. */
  summary(filter: DriftFilter, groupBy: DriftGrouping, asOf?: Instant): Promise<readonly DriftSummaryRow[]>;
  coverage(place: DriftPlace, groupBy: CoverageGrouping): Promise<readonly CoverageRow[]>;
  readonly unscanned: Listing<UnscannedTarget, DriftPlace>;
  /** One for each view of the address space with scanners. */
  complianceOf(addressSpaceId: number, address: Address): Promise<readonly Compliance[]>;
  /** Throws NotFound, BadInput. */
  acknowledge(
    ids: readonly number[],
    by: { readonly actor: string; readonly note: string },
  ): Promise<readonly DriftItem[]>;
  readonly waivers: {
    all(addressSpaceId?: number): Promise<readonly Waiver[]>;
    find(id: number): Promise<Waiver | undefined>;
    /** Throws BadInput, NotFound. */
    create(input: WaiverInput): Promise<Waiver>;
    /** Throws BadInput, NotFound: another end takes effect at once. */
    extend(id: number, expiresAt: Instant): Promise<Waiver>;
    revoke(id: number): Promise<Waiver>;
  };
  /** Writes statements to a source that declare what is: excess becomes allowed, missing ports too, missing hosts optional. */
  acceptIntoTarget(
    ids: readonly number[],
    to: {
      readonly sourceId: number;
      readonly actor: string;
      readonly reason: string;
      readonly validUntil?: Instant;
    },
  ): Promise<ImportResult>;
  /** As with changes; the cursor of an event is its `sequence` in decimal. */
  follow(filter: DriftEventFilter, after: string | undefined, signal: AbortSignal): AsyncIterable<DriftEvent>;
  /** Newest first, paged by the same cursors. */
  readonly events: Listing<DriftEvent, DriftEventFilter>;
  /** Computes everything anew and compares. */
  verify(place: DriftPlace): Promise<DriftVerification>;
}

/** What people decide about the evidence. */
export interface Decisions {
  /** Lets a scan count, or no longer count. Throws NotFound, BadInput. */
  decideScan(id: ScanId, action: ScanAction): Promise<ScanDecision>;
  /** What other thresholds would have reported. Throws NotFound, BadInput. */
  previewThresholds(request: PreviewRequest): Promise<ThresholdPreview>;
  /** Takes history away, or only counts what would go. Throws BadInput. */
  prune(request: PruneRequest): Promise<PruneCounts>;
  /** Begins a new life for an address; gives how many scanners knew it. Throws NotFound. */
  forgetHost(request: ForgetRequest): Promise<number>;
  /** How scanners are, in their order. */
  healthOf(scanners: readonly Scanner[]): Promise<readonly ScannerHealth[]>;
  /** Takes a scanner out of service. Throws NotFound. */
  retireScanner(id: number): Promise<Scanner>;
}

/** Large uploads over HTTP PUT; the server keeps their parts until the report is whole. */
export interface Uploads {
  create(upload: ScanUpload, parts: number): Promise<PreparedUpload>;
  find(id: string): Promise<PreparedUpload | undefined>;
}

/** A small table: all of it fits in memory, and people edit it. */
export interface Nouns<T, Input> {
  all(): Promise<readonly T[]>;
  find(id: number): Promise<T | undefined>;
  findByName(name: string): Promise<T | undefined>;
  /** Throws NameTaken, NotFound (a referenced thing), BadInput. */
  create(input: Input): Promise<T>;
  update(id: number, input: Partial<Input>): Promise<T>;
  /** Throws NotFound, InUse. */
  remove(id: number): Promise<T>;
}

/** What goes with a report. Everything but the scanner may be left to the report itself. */
export interface ScanUpload {
  readonly scannerId: number;
  /** Name of an input agent; without it the format is detected. */
  readonly format?: string;
  /** Covered addresses, as in `readAddressSet`. */
  readonly addresses?: readonly string[];
  /** Covered ports, as in `readPortSet`. */
  readonly ports?: string;
  readonly observedAt?: Instant;
}

export interface UploadResult {
  /** The scan; of a report with several runs (`--append-output`) the last one. */
  readonly scan: Scan;
  /** The same report was taken in before; this is its first receipt. */
  readonly repeated: boolean;
  /** The scans of all runs, in the order of the report. */
  readonly scans: readonly Scan[];
  /** What whoever sent it again should know. */
  readonly note?: string;
}

export interface PreparedUpload extends ScanUpload {
  readonly id: string;
  readonly parts: number;
  readonly received: readonly { readonly part: number; readonly bytes: number }[];
  readonly result?: UploadResult;
  /** Why the upload failed, once it did. */
  readonly failure?: string;
  readonly expiresAt: Instant;
}
