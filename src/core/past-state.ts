import type { PortKey } from './endpoint.ts';
import { type EndpointState, type HostState, unseenHost } from './state.ts';
import { comparePositions, type Position, type ScanChange } from './timeline.ts';

/** An entry that still holds, and its place on the scanner's timeline. */
export interface PlacedChange extends Position {
  readonly change: ScanChange;
}

/**
 * The settled state that entries of one host and scanner add up to: those of the scans up to a moment give the
 * state as of then, because folding goes one scan at a time. What was pending then, the log does not tell.
 */
export function stateFromLog(entries: readonly PlacedChange[], from: HostState = unseenHost): HostState {
  const endpoints = new Map(from.endpoints);
  let host: Omit<HostState, 'endpoints'> = from;
  for (const { change } of [...entries].sort(comparePositions)) {
    if (change.port === undefined) host = applyToHost(host, change);
    else endpoints.set(change.port, applyToPort(endpoints.get(change.port), change));
  }
  return { ...host, endpoints: sorted(endpoints) };
}

function applyToHost(host: Omit<HostState, 'endpoints'>, change: ScanChange): Omit<HostState, 'endpoints'> {
  const since = { at: change.at, scan: change.scan };
  const { names } = change.after;
  const named = names === undefined ? {} : { names };
  switch (change.kind) {
    case 'host_new':
      return { ...host, ...since, status: 'up', firstSeen: since, ...named };
    case 'host_returned':
      return { ...host, ...since, status: 'up' };
    case 'host_gone':
      return { ...host, ...since, status: 'gone' };
    default:
      return { ...host, ...named };
  }
}

function applyToPort(endpoint: EndpointState | undefined, change: ScanChange): EndpointState {
  const since = { at: change.at, scan: change.scan };
  const { service = endpoint?.service } = change.after;
  const served = service === undefined ? {} : { service };
  switch (change.kind) {
    case 'port_opened':
    case 'port_reopened':
      return { ...endpoint, ...since, open: true, everOpen: true, ...served };
    case 'port_closed':
      return { everOpen: true, ...endpoint, ...since, open: false, closedAt: change.at, ...served };
    default:
      return { open: true, everOpen: true, ...since, ...endpoint, ...served };
  }
}

function sorted(endpoints: ReadonlyMap<PortKey, EndpointState>): Map<PortKey, EndpointState> {
  return new Map([...endpoints].sort(([a], [b]) => a - b));
}

/** What of a state the log tells: not the contradictions that were being counted, nor look-ups that found no name. */
export function withoutPending({ streak: _, mac: __, ...state }: HostState): HostState {
  const endpoints = new Map<PortKey, EndpointState>();
  for (const [port, { streak: ___, ...endpoint }] of state.endpoints) {
    if (endpoint.everOpen) endpoints.set(port, endpoint);
  }
  return { ...state, namesKnown: false, failedLookups: 0, endpoints };
}
