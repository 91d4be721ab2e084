import type { Address } from '../core/address.ts';
import { setOfPorts } from '../core/endpoint.ts';
import type { ChangeRow } from '../core/entry.ts';
import type { Instant } from '../core/observation.ts';
import { type HostState, isPending, openPorts, type ScanId } from '../core/state.ts';
import { limits } from '../limits.ts';
import type { CopyTarget } from './session.ts';
import { copyLine, instantText } from './statement.ts';

/** Whose rows are written. */
export interface RowOwner {
  readonly addressSpaceId: number;
  readonly scannerId: number;
}

/** Where the rows of this file go, in COPY's text format. */
export const hostRowTargets = {
  states: {
    table: 'host_state',
    columns: [
      'address_space_id',
      'address',
      'scanner_id',
      'status',
      'names',
      'open',
      'open_ranges',
      'shut',
      'pending',
      'state',
    ],
  },
  heads: {
    table: 'host_head',
    columns: [
      'address_space_id',
      'scanner_id',
      'profile_id',
      'address',
      'digest',
      'record_digest',
      'up',
      'open_ports',
      'must_fold',
    ],
  },
  runs: {
    table: 'host_run',
    columns: [
      'address_space_id',
      'address',
      'scanner_id',
      'profile_id',
      'scan_id',
      'at',
      'observed_at',
      'reason',
      'content',
    ],
  },
  changes: {
    table: 'change',
    columns: [
      'address_space_id',
      'address',
      'scanner_id',
      'scan_id',
      'kind',
      'ports',
      'baseline',
      'confirmations',
      'facts',
      'at',
      'observed_at',
      'retracts',
      'reason',
      'logged_at',
    ],
  },
} as const satisfies Record<string, CopyTarget>;

/** A state with its text, as `encodeState` writes it. */
export interface EncodedState {
  readonly state: HostState;
  readonly text: string;
}

/** One line of COPY for the settled state of a host. */
export function stateLine(owner: RowOwner, address: Address, { state, text }: EncodedState): string {
  const open = openPorts(state);
  const isWide = open.length > limits.openListMax;
  const shut: number[] = [];
  for (const [port, endpoint] of state.endpoints) if (!endpoint.open) shut.push(port);
  return copyLine([
    owner.addressSpaceId,
    address,
    owner.scannerId,
    state.status,
    textArray(state.names),
    isWide ? '{}' : `{${open.join(',')}}`,
    isWide ? rangesText(open) : null,
    `{${shut.join(',')}}`,
    isPending(state),
    text,
  ]);
}

/** The digests of a host's latest run under one profile. */
export interface Head {
  readonly profileId: number;
  readonly address: Address;
  readonly digest: string;
  readonly recordDigest: string;
  readonly up: boolean;
  readonly openPorts: number;
  readonly mustFold: boolean;
}

/** One line of COPY for a head. */
export function headLine({ addressSpaceId, scannerId }: RowOwner, head: Head): string {
  const { profileId, address, digest, recordDigest, up, openPorts: open, mustFold } = head;
  return copyLine([addressSpaceId, scannerId, profileId, address, digest, recordDigest, up, open, mustFold]);
}

/** One line of COPY for raw content that holds from this scan on. */
export function runLine(
  owner: RowOwner,
  run: {
    address: Address;
    profileId: number;
    scan: ScanId;
    at: Instant;
    observedAt: Instant | undefined;
    reason: string | undefined;
    content: string;
  },
): string {
  return copyLine([
    owner.addressSpaceId,
    run.address,
    owner.scannerId,
    run.profileId,
    run.scan,
    instantText(run.at),
    run.observedAt === undefined ? null : instantText(run.observedAt),
    run.reason ?? null,
    run.content,
  ]);
}

/** One line of COPY for a row of the change log; its sequence is given when it is written. */
export function changeLine(
  owner: RowOwner,
  place: { address: Address; scan: ScanId; loggedAt: Instant },
  row: ChangeRow,
  retraction?: { sequence: number; reason: string },
): string {
  return copyLine([
    owner.addressSpaceId,
    place.address,
    owner.scannerId,
    place.scan,
    row.kind,
    row.ports === null ? null : `{${row.ports.join(',')}}`,
    row.baseline,
    row.confirmations,
    row.facts,
    instantText(row.at),
    row.observedAt === null ? null : instantText(row.observedAt),
    retraction?.sequence ?? null,
    retraction?.reason ?? null,
    instantText(place.loggedAt),
  ]);
}

function textArray(values: readonly string[]): string {
  const quote = (value: string) => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  return `{${values.map(quote).join(',')}}`;
}

/** Port keys as PostgreSQL's multirange. */
function rangesText(ports: readonly number[]): string {
  return `{${setOfPorts(ports)
    .map(({ first, last }) => `[${first},${last + 1})`)
    .join(',')}}`;
}
