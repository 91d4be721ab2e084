import type { Change } from './change.ts';
import type { PortKey } from './endpoint.ts';
import type { Service } from './observation.ts';
import type { HostState } from './state.ts';

/** What the change log says of one host for one scanner: the facts that it tells, and no more. */
export interface LoggedFacts {
  readonly status: 'never_up' | 'up' | 'gone';
  readonly names: readonly string[];
  /** Every endpoint that was ever open. */
  readonly endpoints: ReadonlyMap<PortKey, LoggedEndpoint>;
}

/** What the change log says of one endpoint. */
export interface LoggedEndpoint {
  readonly open: boolean;
  /** The service as it was when the endpoint was last open. */
  readonly service?: Service;
}

/** What an empty log says. */
export const nothingLogged: LoggedFacts = { status: 'never_up', names: [], endpoints: new Map() };

/** Plays the entries of one host and scanner that still hold, in the order of the timeline. */
export function replay(changes: Iterable<Change>, from: LoggedFacts = nothingLogged): LoggedFacts {
  let facts = from;
  for (const change of changes) facts = applyChange(facts, change);
  return facts;
}

/** The facts after one entry. */
export function applyChange(facts: LoggedFacts, { kind, port, after }: Change): LoggedFacts {
  switch (kind) {
    case 'host_new':
      return { ...facts, status: 'up', names: after.names ?? [] };
    case 'host_gone':
      return { ...facts, status: 'gone' };
    case 'host_returned':
      return { ...facts, status: 'up' };
    case 'name_changed':
      return { ...facts, names: after.names ?? [] };
    case 'port_opened':
    case 'port_reopened':
    case 'service_changed':
      return withEndpoint(facts, port, { open: true, ...serviceOf(after) });
    case 'port_closed':
      return withEndpoint(facts, port, { ...facts.endpoints.get(port ?? 0), open: false });
  }
}

/** The same facts of a settled state: what is pending, and since when anything holds, is not among them. */
export function loggedFactsOf(state: HostState): LoggedFacts {
  const endpoints = new Map<PortKey, LoggedEndpoint>();
  for (const [port, endpoint] of state.endpoints) {
    if (endpoint.everOpen) endpoints.set(port, { open: endpoint.open, ...serviceOf(endpoint) });
  }
  const status = state.status === 'up' || state.status === 'gone' ? state.status : 'never_up';
  return { status, names: state.names, endpoints };
}

function withEndpoint(facts: LoggedFacts, port: PortKey | undefined, endpoint: LoggedEndpoint): LoggedFacts {
  if (port === undefined) return facts;
  return { ...facts, endpoints: new Map(facts.endpoints).set(port, endpoint) };
}

function serviceOf({ service }: { readonly service?: Service }): { readonly service?: Service } {
  return service === undefined ? {} : { service };
}
