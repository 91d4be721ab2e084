import type { Address } from '../core/address.ts';
import type { AddressSet } from '../core/address-set.ts';
import type { PortSet } from '../core/endpoint.ts';
import type { HostObservation, Instant } from '../core/observation.ts';
import type { AbsentMeaning } from '../core/scope.ts';

/** A place in a report and what is wrong there. The rest of the report is read on. */
export interface Problem {
  /** Bytes from the beginning of the uncompressed report. */
  readonly offset: number;
  /** Line of a line format, from 1. */
  readonly line?: number;
  /** The host concerned, where it is known. */
  readonly address?: string;
  readonly reason: string;
}

/** How warnings end that ask for a scope: they are not repeated to whoever gave it. */
export const scopeWanted = 'must come with the upload or from the scanner.';

/** What a report says about itself before its hosts. */
export interface RunHeader {
  readonly tool: string;
  readonly version?: string;
  readonly args?: string;
  readonly startedAt?: Instant;
  /** Conclusive ports as the report states them; undefined where it states none. */
  readonly ports?: PortSet;
  /** Target addresses as the report states them; undefined where they cannot be read (`-iL`, host names). */
  readonly addresses?: AddressSet;
  /** Whether the tool looked up DNS names. */
  readonly names: boolean;
  /** Whether the tool tests hosts for being up. */
  readonly status: boolean;
  /** What it means that a covered address is not listed, if the scan is complete. */
  readonly absent: AbsentMeaning;
  /** What a person should know about how the header was read; no escapes needed, no secrets inside. */
  readonly warnings: readonly string[];
}

/**
 * What a report says about its end. `complete` and `reason` are settled when they are first looked at, after
 * the records of the run: a run of which a record or a port could not be read is partial, because what it
 * says is open might be what was lost.
 */
export interface RunEnd {
  readonly endedAt?: Instant;
  readonly complete: boolean;
  /** Why the run counts as partial; only where `complete` is false. */
  readonly reason?: string;
}

/**
 * What an agent reads, in the order of the file: one `run`, then hosts, then one `end`, for each run in the file.
 * A `record` is a host record whose bytes, less their volatile parts, have this digest (32 hexadecimal
 * digits); it is only read where the digest is not known already. The digest of a record that held a problem
 * must not be remembered.
 */
export type ReportEvent =
  | { readonly kind: 'run'; readonly run: RunHeader }
  | { readonly kind: 'host'; readonly host: HostObservation }
  | {
      readonly kind: 'record';
      readonly digest: string;
      readonly read: () => readonly RecordEvent[];
      /** The only IP address of a regular record, without reading it; undefined where only reading tells. */
      readonly address: () => Address | undefined;
    }
  | { readonly kind: 'problem'; readonly problem: Problem }
  | { readonly kind: 'end'; readonly end: RunEnd };

/** What one record holds: normally one host. A host with several addresses is one host per address. */
export type RecordEvent = Extract<ReportEvent, { kind: 'host' | 'problem' }>;

/**
 * Reads one report from chunks of any size. `write` returns what became complete with these bytes; the
 * caller reads each `record` before it writes on. `end` must be called once, after the last bytes.
 * A reader never throws for what the file holds, except ReportRefused for a file that must not be read at all.
 */
export interface ReportReader {
  write(bytes: Uint8Array): readonly ReportEvent[];
  end(): readonly ReportEvent[];
}

/** The file as a whole is refused: not a report, unsafe, or beyond a limit. Nothing of it may be used. */
export class ReportRefused extends Error {
  override readonly name = 'ReportRefused';
  readonly code: RefusalCode;
  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Why a file as a whole is refused. */
export type RefusalCode =
  | 'NOT_A_REPORT'
  | 'EMPTY'
  | 'UNSAFE_XML'
  | 'TOO_LARGE'
  | 'UNSUPPORTED_ENCODING'
  | 'SCOPE_NEEDED'
  | 'CORRUPT';

/** What goes with a report. Some tools leave out what was the same for all of their records. */
export interface ReadHints {
  readonly ports?: PortSet | undefined;
  readonly addresses?: AddressSet | undefined;
}

/** One format of one tool. */
export interface InputAgent {
  /** `<tool>-<format>`, as in `--format`. */
  readonly name: string;
  /** For people: "nmap XML (-oX)". */
  readonly title: string;
  /** Several records of one file may speak of one host (masscan); they must be gathered before use. */
  readonly scattered: boolean;
  /** Whether a report that begins with these bytes (uncompressed, at most 64 kB) is of this format. */
  recognises(head: Uint8Array): boolean;
  open(hints?: ReadHints): ReportReader;
}
