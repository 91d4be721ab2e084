import type { Change, ChangeKind, Facts } from './change.ts';
import { type HostContent, verdictOn } from './content.ts';
import { holdsPort, type PortKey, type PortSet } from './endpoint.ts';
import type { Instant, Service } from './observation.ts';
import type { Profile } from './scope.ts';
import { downHost, type EndpointState, type HostState, type ScanId, type Streak } from './state.ts';

/** How many consecutive covering looks must agree before a settled state changes. */
export interface Thresholds {
  readonly openAfterScans: number;
  readonly closedAfterScans: number;
  readonly goneAfterScans: number;
  readonly backAfterScans: number;
  /** A port that opens within so many days after it closed is reopened; later it is opened again. */
  readonly reopenWindowDays: number;
}

export const defaultThresholds: Thresholds = {
  openAfterScans: 1,
  closedAfterScans: 1,
  goneAfterScans: 1,
  backAfterScans: 1,
  reopenWindowDays: 90,
};

/** One scan's look at one host. */
export interface HostLook {
  readonly scan: ScanId;
  readonly at: Instant;
  readonly profile: Profile;
  readonly content: HostContent;
  /** When the host itself was done, where the report says so. */
  readonly observedAt?: Instant;
}

/** What complete looks before this one covered of this host. */
export interface CoveredBefore {
  readonly host: boolean;
  readonly ports: PortSet;
}

export interface Folded {
  readonly state: HostState;
  readonly changes: readonly Change[];
}

/**
 * Takes one look into the settled state of one host of one scanner: the next state, and what changed.
 * The whole history of a host is this function over its looks in the order of their time.
 */
export function fold(
  state: HostState,
  { look, before, thresholds }: { look: HostLook; before: CoveredBefore; thresholds: Thresholds },
): Folded {
  const step: Step = { look, before, thresholds, changes: [] };
  const host = foldStatus(state, step);
  if (isDown(look)) return { state: withoutOpenStreaks(host, look.profile.ports), changes: step.changes };
  if (host.status !== 'up' || look.content.status === 'down') return { state: host, changes: step.changes };
  const named = foldNames(host, state.status === 'up', step);
  return { state: foldPorts(named, step), changes: step.changes };
}

interface Step {
  readonly look: HostLook;
  readonly before: CoveredBefore;
  readonly thresholds: Thresholds;
  readonly changes: Change[];
}

interface Event {
  readonly kind: ChangeKind;
  readonly port?: PortKey;
  readonly before?: Facts;
  readonly after: Facts;
  readonly confirmations?: number;
  readonly baseline?: boolean;
}

function report({ look, changes }: Step, event: Event): void {
  changes.push({
    confirmations: 1,
    baseline: false,
    ...event,
    at: look.at,
    ...(look.observedAt === undefined ? {} : { observedAt: look.observedAt }),
  });
}

/** One more contrary look: either it makes the threshold full, or the streak goes on. */
function count(streak: Streak | undefined, needed: number, at: Instant): { done: boolean; streak: Streak } {
  const next = { count: (streak?.count ?? 0) + 1, since: streak?.since ?? at };
  return { done: next.count >= needed, streak: next };
}

/** Only a complete look that tests hosts can find one down. */
function isDown({ content, profile }: HostLook): boolean {
  return content.status === 'down' && profile.complete && profile.status;
}

function foldStatus(state: HostState, step: Step): HostState {
  const { look, before } = step;
  const known = state.status === 'unseen' && before.host ? downHost : state;
  if (look.content.status === 'up') return foldUp(known, step);
  return isDown(look) ? foldDown(known, step) : known;
}

function foldUp(state: HostState, step: Step): HostState {
  const { look, thresholds } = step;
  const { streak: _, ...rest } = state;
  if (state.status === 'up') return rest;

  const { done, streak } = count(state.streak, thresholds.backAfterScans, look.at);
  if (state.status !== 'unseen' && !done) {
    const isFirst = state.status === 'down' && state.streak === undefined;
    return { ...state, ...(isFirst ? { at: look.at, scan: look.scan } : {}), streak };
  }
  const names = look.content.names ?? state.names;
  const confirmations = state.status === 'unseen' ? 1 : streak.count;
  if (state.firstSeen === undefined) {
    const after: Facts = { state: 'up', ...(look.content.names === undefined ? {} : { names }) };
    report(step, { kind: 'host_new', after, confirmations, baseline: state.status === 'unseen' });
  } else {
    report(step, { kind: 'host_returned', before: { state: 'gone' }, after: { state: 'up' }, confirmations });
  }
  const since = { at: look.at, scan: look.scan };
  return { ...rest, ...since, status: 'up', firstSeen: state.firstSeen ?? since };
}

function foldDown(state: HostState, step: Step): HostState {
  const { look, thresholds } = step;
  const { streak: _, ...rest } = state;
  if (state.firstSeen === undefined) return downHost;
  if (state.status !== 'up') return rest;

  const { done, streak } = count(state.streak, thresholds.goneAfterScans, look.at);
  if (!done) return { ...state, streak };
  report(step, {
    kind: 'host_gone',
    before: { state: 'up' },
    after: { state: 'gone' },
    confirmations: streak.count,
  });
  return { ...rest, status: 'gone', at: look.at, scan: look.scan };
}

/** A look that finds the host down breaks what was about to open in its scope, and says nothing about what is open. */
function withoutOpenStreaks(state: HostState, covered: PortSet): HostState {
  const endpoints = new Map<PortKey, EndpointState>();
  for (const [port, endpoint] of state.endpoints) {
    const { streak, ...rest } = endpoint;
    if (endpoint.open || streak === undefined || !holdsPort(covered, port)) endpoints.set(port, endpoint);
    else if (endpoint.everOpen) endpoints.set(port, rest);
  }
  return { ...state, endpoints };
}

function foldNames(state: HostState, wasUp: boolean, step: Step): HostState {
  const { content, profile } = step.look;
  const { names, mac } = content;
  const host = mac === undefined ? state : { ...state, mac };
  if (names === undefined) return host;
  const isNew = !wasUp && host.firstSeen?.scan === step.look.scan && !host.namesKnown;
  if (isNew) return { ...host, names, namesKnown: true, failedLookups: 0 };
  if (sameNames(names, host.names)) return { ...host, namesKnown: true, failedLookups: 0 };

  if (names.length === 0 && !profile.complete) return host; // A partial scan takes nothing away.
  const failedLookups = names.length === 0 ? host.failedLookups + 1 : 0;
  const needed = step.thresholds.goneAfterScans;
  if (names.length === 0 && failedLookups < needed) return { ...host, failedLookups };
  report(step, {
    kind: 'name_changed',
    ...(host.namesKnown ? { before: { names: host.names } } : {}),
    after: { names },
    confirmations: Math.max(1, failedLookups),
    baseline: !host.namesKnown,
  });
  return { ...host, names, namesKnown: true, failedLookups: 0 };
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}

function foldPorts(state: HostState, step: Step): HostState {
  const { content, profile } = step.look;
  const endpoints = new Map(state.endpoints);
  for (const { first, last } of content.open) {
    for (let port = first; port <= last; port += 1) {
      endpoints.set(port, foldOpen(port, endpoints.get(port), step));
    }
  }
  for (const [port, endpoint] of state.endpoints) {
    if (verdictOn(content, profile, port) !== 'not_open') continue;
    const next = foldNotOpen(port, endpoint, step);
    if (next === undefined) endpoints.delete(port);
    else endpoints.set(port, next);
  }
  return { ...state, endpoints };
}

function foldOpen(port: PortKey, endpoint: EndpointState | undefined, step: Step): EndpointState {
  const { look, before, thresholds } = step;
  const seen = look.content.services.get(port);
  if (endpoint?.open) return foldService(port, endpoint, step);

  const baseline = endpoint === undefined && !holdsPort(before.ports, port);
  const { done, streak } = count(endpoint?.streak, thresholds.openAfterScans, look.at);
  if (!baseline && !done) {
    return endpoint === undefined
      ? { open: false, everOpen: false, at: look.at, scan: look.scan, streak }
      : { ...endpoint, streak };
  }
  const service = knownService(endpoint?.service, seen);
  report(step, {
    kind: wasClosedLately(endpoint, step) ? 'port_reopened' : 'port_opened',
    port,
    ...(baseline ? {} : { before: { state: 'not_open' } }),
    after: { state: 'open', ...(service === undefined ? {} : { service }) },
    confirmations: baseline ? 1 : streak.count,
    baseline,
  });
  return {
    open: true,
    everOpen: true,
    at: look.at,
    scan: look.scan,
    ...(endpoint?.closedAt === undefined ? {} : { closedAt: endpoint.closedAt }),
    ...(service === undefined ? {} : { service }),
  };
}

const dayMs = 86_400_000;

function wasClosedLately(endpoint: EndpointState | undefined, { look, thresholds }: Step): boolean {
  if (endpoint?.closedAt === undefined) return false;
  return look.at - endpoint.closedAt <= thresholds.reopenWindowDays * dayMs;
}

function foldNotOpen(port: PortKey, endpoint: EndpointState, step: Step): EndpointState | undefined {
  const { look, thresholds } = step;
  const { streak: _, ...rest } = endpoint;
  if (!endpoint.open) return endpoint.everOpen ? rest : undefined;

  const { done, streak } = count(endpoint.streak, thresholds.closedAfterScans, look.at);
  if (!done) return { ...endpoint, streak };
  report(step, {
    kind: 'port_closed',
    port,
    before: { state: 'open', ...(endpoint.service === undefined ? {} : { service: endpoint.service }) },
    after: { state: 'not_open' },
    confirmations: streak.count,
  });
  return { ...rest, open: false, at: look.at, scan: look.scan, closedAt: look.at };
}

/** A probed service wins over a name from a table; a name from a table over nothing. */
function knownService(known: Service | undefined, seen: Service | undefined): Service | undefined {
  if (seen === undefined) return known;
  return known?.probed && !foundOut(seen) ? known : seen;
}

/** Whether the scan probed the service and learned something that can be compared. */
function foundOut(service: Service): boolean {
  return service.probed && (service.product !== undefined || service.version !== undefined);
}

function foldService(port: PortKey, endpoint: EndpointState, step: Step): EndpointState {
  const { streak: _, ...settled } = endpoint;
  const seen = step.look.content.services.get(port);
  const known = endpoint.service;
  if (seen === undefined || !foundOut(seen)) return settled;
  if (
    known !== undefined &&
    foundOut(known) &&
    seen.product === known.product &&
    seen.version === known.version
  ) {
    return settled; // What is beside product and version (extra, cpe) is noise between scans.
  }
  const baseline = known === undefined || !foundOut(known);
  report(step, {
    kind: 'service_changed',
    port,
    ...(known === undefined ? {} : { before: { service: known } }),
    after: { service: seen },
    baseline,
  });
  return { ...settled, service: seen };
}
