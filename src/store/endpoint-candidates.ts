import { holdsPort, type PortKey, type PortSet } from '../core/endpoint.ts';
import type { EndpointFilter, EndpointVerdict, HostPlace } from '../core/model.ts';
import type { Service } from '../core/observation.ts';
import { decodeState, type EndpointState, type HostState } from '../core/state.ts';
import type { StoredHost } from './host-walk.ts';

/** A host with decoded states, as far as the ports of a filter go. */
export interface DecodedHost extends HostPlace {
  readonly states: ReadonlyMap<number, HostState>;
}

/** The host with its endpoints, or with those of the ports only. */
export function decodeHost({ states, ...place }: StoredHost, only: PortSet | undefined): DecodedHost {
  return {
    ...place,
    states: new Map(states.map(({ scannerId, state }) => [scannerId, stateWith(state, only)])),
  };
}

/** The state with its endpoints, or with those of the ports only. */
export function stateWith(state: string | HostState, only: PortSet | undefined): HostState {
  if (typeof state === 'string') return decodeState(state, only);
  if (only === undefined) return state;
  return { ...state, endpoints: new Map([...state.endpoints].filter(([port]) => holdsPort(only, port))) };
}

/** The ports that asked scanners keep, ascending. */
export function keptPorts({ states }: DecodedHost, asked: ReadonlySet<number>): PortKey[] {
  const keeping = [...states].filter(([id, { endpoints }]) => asked.has(id) && endpoints.size > 0);
  const [first, second] = keeping;
  if (second === undefined) return first === undefined ? [] : [...first[1].endpoints.keys()];
  const ports = new Set<PortKey>();
  for (const [, { endpoints }] of keeping) for (const port of endpoints.keys()) ports.add(port);
  return [...ports].sort((a, b) => a - b);
}

/** What the states alone say on an endpoint and a filter: it fits, it does not, or the looks must be asked. */
export type Fitness = 'fits' | 'fails' | 'unclear';

/** Compares one endpoint of a host, as the asked scanners keep it, with the filter's service, pending mark and verdicts. */
export function fitnessOf(
  port: PortKey,
  { states }: DecodedHost,
  { filter, asked }: { filter: EndpointFilter; asked: ReadonlySet<number> },
): Fitness {
  const kept: { readonly host: HostState; readonly endpoint: EndpointState }[] = [];
  for (const [id, host] of states) {
    const endpoint = asked.has(id) ? host.endpoints.get(port) : undefined;
    if (endpoint !== undefined) kept.push({ host, endpoint });
  }
  const { service, pending, verdicts } = filter;
  if (service !== undefined && !kept.some(({ endpoint }) => mentions(endpoint.service, service)))
    return 'fails';
  if (pending !== undefined && kept.some(isPending) !== pending) return 'fails';
  if (verdicts === undefined) return 'fits';
  const isOpen = kept.some(({ host, endpoint }) => host.status === 'up' && endpoint.open);
  if (isOpen) return verdicts.includes('open') ? 'fits' : 'fails';
  return fitnessOfShut(verdicts, {
    isSurelyNotOpen: kept.some(({ host }) => host.status === 'up'),
    isSurelyUnknown: [...states].every(([id, { status }]) => !asked.has(id) || status === 'gone'),
  });
}

function fitnessOfShut(
  verdicts: readonly EndpointVerdict[],
  { isSurelyNotOpen, isSurelyUnknown }: { isSurelyNotOpen: boolean; isSurelyUnknown: boolean },
): Fitness {
  const [notOpen, unknown] = [verdicts.includes('not_open'), verdicts.includes('unknown')];
  if (notOpen === unknown) return notOpen ? 'fits' : 'fails';
  if (isSurelyNotOpen) return notOpen ? 'fits' : 'fails';
  if (isSurelyUnknown) return unknown ? 'fits' : 'fails';
  return 'unclear';
}

function isPending({ host, endpoint }: { host: HostState; endpoint: EndpointState }): boolean {
  return host.status === 'up' && endpoint.streak !== undefined;
}

function mentions(service: Service | undefined, part: string): boolean {
  const { name, product, version } = service ?? {};
  const wanted = part.toLowerCase();
  return [name, product, version].some((text) => text?.toLowerCase().includes(wanted));
}
