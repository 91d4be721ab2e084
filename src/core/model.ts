import type { Address } from './address.ts';
import type { Change, ChangeKind } from './change.ts';
import type { PortKey, PortSet } from './endpoint.ts';
import type { Thresholds } from './fold.ts';
import type { Instant, NotOpenUnknown, RawState, Service } from './observation.ts';
import type { Finding } from './scan-event.ts';
import type { ScopeOrigin } from './scope.ts';
import type { ScanId, Since } from './state.ts';

/** A naming domain for addresses. */
export interface AddressSpace {
  readonly id: number;
  readonly name: string;
  readonly description: string;
}

/** A view: scanners that should see the same. */
export interface ScannerGroup {
  readonly id: number;
  readonly addressSpaceId: number;
  readonly name: string;
  readonly description: string;
  readonly agreementWindowSeconds: number;
}

/** A data source at one vantage point. */
export interface Scanner {
  readonly id: number;
  readonly groupId: number;
  readonly addressSpaceId: number;
  readonly name: string;
  readonly description: string;
  readonly thresholds: Thresholds;
  /** Default scope for reports that state none. */
  readonly defaultAddresses?: readonly string[];
  readonly defaultPorts?: string;
  readonly expectEverySeconds?: number;
  readonly guardShare: number;
  readonly bogusPorts: number;
  readonly createdAt: Instant;
  readonly retiredAt?: Instant;
}

/** Only applied scans count for states and changes. */
export type ScanStatus = 'applied' | 'held' | 'discarded';

/** Where the observation time of a scan comes from, best first. */
export type TimeOrigin = 'upload' | 'scan_end' | 'last_host' | 'scan_start' | 'receipt';

/** A place in a report that could not be read, and why. */
export interface ReceiptProblem {
  readonly offset: number;
  readonly line?: number;
  readonly address?: string;
  readonly reason: string;
}

/** What became of one uploaded report. The same report again is answered with the same receipt. */
export interface Receipt {
  readonly format: string;
  readonly tool: string;
  readonly toolVersion?: string;
  readonly args?: string;
  /** Bytes of the uncompressed report. */
  readonly bytes: number;
  readonly startedAt?: Instant;
  readonly endedAt?: Instant;
  readonly timeOrigin: TimeOrigin;
  /** What is told as one finding each instead of port by port. */
  readonly findings?: readonly Finding[];
  /** How far in the future the scan says it ended: the clock of its scanner is fast. */
  readonly clockSkewMs?: number;
  /** Why the scan was held by the guard against blind scanners; also after it was released or discarded. */
  readonly heldReason?: string;
  /** Why the scan is partial; undefined where it is complete. */
  readonly partialReason?: string;
  readonly addressOrigin: ScopeOrigin;
  readonly portOrigin: ScopeOrigin;
  /** Covered addresses as networks and ranges; cut after `receiptRangesMax`. */
  readonly scopeAddresses: readonly string[];
  /** Covered ports, as in `22,80/tcp,53/udp`; empty where no port may be closed. */
  readonly scopePorts: string;
  readonly hostsListed: number;
  readonly hostsUp: number;
  /** Open endpoints in the report. */
  readonly endpointsOpen: number;
  /** Entries by kind, baseline entries included; only kinds that occur. */
  readonly changes: Readonly<Partial<Record<ChangeKind, number>>>;
  readonly baselineChanges: number;
  /** Entries taken back because this scan came late. */
  readonly retractions: number;
  /** Listed hosts whose facts are those of the last look. */
  readonly hostsUnchanged: number;
  readonly problems: readonly ReceiptProblem[];
  /** All problems, also those beyond the listed ones. */
  readonly problemCount: number;
  readonly warnings: readonly string[];
  /** From the first byte read to the end of the transaction. */
  readonly durationMs: number;
}

/** One scan as it is stored. */
export interface Scan {
  readonly id: ScanId;
  readonly addressSpaceId: number;
  readonly scannerId: number;
  readonly digest: string;
  readonly status: ScanStatus;
  /** Observation time: its place on the scanner's timeline. */
  readonly at: Instant;
  readonly receivedAt: Instant;
  readonly complete: boolean;
  readonly receipt: Receipt;
}

/** A contradiction that is being counted. */
export interface Pending {
  readonly count: number;
  readonly needed: number;
  readonly since: Instant;
}

/** What one scanner says of one host. */
export interface HostView {
  readonly scannerId: number;
  readonly status: 'down' | 'up' | 'gone';
  readonly since: Since;
  readonly firstSeen?: Since;
  readonly names: readonly string[];
  readonly mac?: string;
  readonly pending?: Pending;
  /** End of the last complete scan that covered the host. */
  readonly lastVerifiedAt?: Instant;
}

/** What identifies a host. */
export interface HostPlace {
  readonly addressSpaceId: number;
  readonly address: Address;
}

/** What identifies an endpoint. */
export interface EndpointPlace extends HostPlace {
  readonly port: PortKey;
}

/** A host, or one of its endpoints. */
export interface ChangePlace extends HostPlace {
  readonly port?: PortKey;
}

/** One address of one address space, as its scanners see it. */
export interface Host extends HostPlace {
  /** One for each scanner that knows the host, by scanner id. */
  readonly views: readonly HostView[];
  /** The past moment of which it tells; undefined for the present. */
  readonly asOf?: Instant;
}

/** The three answers: open, not open, or nobody knows (any more). */
export type EndpointVerdict = 'open' | 'not_open' | 'unknown';

/** Why a verdict is unknown. */
export type UnknownReason =
  | 'never_scanned'
  | 'port_not_in_scope'
  | 'host_gone'
  | 'inconclusive'
  | 'scan_partial';

/** What one scanner says of one endpoint. */
export interface EndpointView {
  readonly scannerId: number;
  readonly verdict: EndpointVerdict;
  readonly unknownReason?: UnknownReason;
  /** Since when the settled verdict holds; undefined where it was never open (then: since it is covered). */
  readonly since?: Since;
  /** When it was last reported closed. */
  readonly closedAt?: Instant;
  readonly service?: Service;
  readonly pending?: Pending;
  /** End of the last complete scan that covered the endpoint; undefined where none did. */
  readonly lastVerifiedAt?: Instant;
}

/** (address space, address, port), as the scanners that know the host see it. */
export interface EndpointRecord extends EndpointPlace {
  /** Open if any view is; not open if none is and one is not open; else unknown. */
  readonly verdict: EndpointVerdict;
  readonly views: readonly EndpointView[];
  /** The past moment of which it tells; undefined for the present. */
  readonly asOf?: Instant;
}

/** What the tool said word for word in a scanner's latest look at an endpoint. */
export interface RawLook {
  readonly scannerId: number;
  readonly scanId: ScanId;
  readonly at: Instant;
  readonly state: RawState | NotOpenUnknown;
}

/** One entry of the change log. */
export interface LoggedChange extends Change {
  /** Place in the log: `<sequence>.<n>`; entries of one row of the log differ in `n`. Stable for ever. */
  readonly id: string;
  readonly sequence: number;
  readonly addressSpaceId: number;
  readonly address: Address;
  readonly scannerId: number;
  readonly scanId: ScanId;
  readonly loggedAt: Instant;
  /** The entry that this one takes back: then everything else repeats what is no longer held to be true. */
  readonly retracts?: string;
  /** Why it is taken back; or, for a host that a person forgot, why it is gone. */
  readonly reason?: RetractionReason;
  /** Told as part of one finding of its scan: not to be announced by itself. */
  readonly collapsed: boolean;
  /** This entry was taken back by a later one. */
  readonly retracted: boolean;
}

export type RetractionReason =
  | 'late_scan'
  | 'scan_released'
  | 'scan_discarded'
  | 'scan_restored'
  | 'thresholds_changed'
  | 'host_forgotten';

/** What happened to a scan. */
export interface ScanEvent {
  readonly sequence: number;
  readonly kind:
    | 'scan_applied'
    | 'scan_held'
    | 'scan_released'
    | 'scan_discarded'
    | 'scan_restored'
    | 'bogus_responders'
    | 'clock_skewed';
  readonly at: Instant;
  readonly scan: Scan;
}

/** What happened to a scanner without any scan. */
export interface ScannerEvent {
  readonly sequence: number;
  readonly kind: 'scanner_overdue';
  readonly at: Instant;
  readonly scannerId: number;
  readonly addressSpaceId: number;
  /** When its scan was due. */
  readonly dueAt: Instant;
}

/** All fields are optional and joined by "and"; values of one list by "or". */
export interface HostFilter {
  readonly addressSpaceIds?: readonly number[];
  /** Networks, ranges or addresses, as in `readAddressSet`. */
  readonly networks?: readonly string[];
  readonly families?: readonly (4 | 6)[];
  readonly statuses?: readonly HostView['status'][];
  /** Part of a DNS name, case-insensitive; `%` and `_` mean themselves. */
  readonly name?: string;
  /** Hosts with at least one of these ports settled open. */
  readonly openPorts?: PortSet;
  readonly scannerIds?: readonly number[];
  readonly scannerGroupIds?: readonly number[];
  /** Hosts whose status looks contradict, not enough of them yet; of endpoints, their verdict. */
  readonly pending?: boolean;
}

export interface EndpointFilter extends Omit<HostFilter, 'openPorts' | 'statuses'> {
  readonly ports?: PortSet;
  readonly verdicts?: readonly EndpointVerdict[];
  /** Part of a service's name, product or version, case-insensitive. */
  readonly service?: string;
}

export interface ChangeFilter {
  readonly addressSpaceIds?: readonly number[];
  readonly networks?: readonly string[];
  readonly families?: readonly (4 | 6)[];
  readonly kinds?: readonly ChangeKind[];
  readonly ports?: PortSet;
  readonly scannerIds?: readonly number[];
  readonly scannerGroupIds?: readonly number[];
  readonly scanIds?: readonly ScanId[];
  readonly baseline?: boolean;
  /** Only entries that are told as part of one finding, or only the others. */
  readonly collapsed?: boolean;
  /** Observation time, both ends included. */
  readonly from?: Instant;
  readonly to?: Instant;
  /** Without: entries and retractions. */
  readonly retractions?: boolean;
  /** Only entries that make up the state as of this moment: observed up to then, and never taken back. */
  readonly asOf?: Instant;
}

export interface ScanFilter {
  readonly addressSpaceIds?: readonly number[];
  readonly scannerIds?: readonly number[];
  readonly scannerGroupIds?: readonly number[];
  readonly statuses?: readonly ScanStatus[];
  readonly complete?: boolean;
  readonly from?: Instant;
  readonly to?: Instant;
}

/** Which part of an ordered list is wanted; cursors are opaque to callers. */
export interface PageRequest {
  readonly limit: number;
  readonly after?: string;
  readonly before?: string;
  /** Take the last items of the list instead of the first. */
  readonly backward: boolean;
}

export interface Page<T> {
  readonly items: readonly { readonly cursor: string; readonly node: T }[];
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
}

/** A page, and how many items the whole list has. */
export interface CountedPage<T> extends Page<T> {
  readonly total: number;
}
