import type { HostSight, Sight, UnverifiableReason } from './drift.ts';
import { holdsPort, type PortKey } from './endpoint.ts';
import type { Instant, Service } from './observation.ts';
import { comparePositions } from './timeline.ts';
import { type EndpointAnswer, type Evidence, type LatestLook, verdictAt } from './views.ts';

/** How evidence is taken by those who hold it against a target. */
export interface SightTerms {
  /** Older evidence is stale; undefined where evidence does not age. */
  readonly freshSince: Instant | undefined;
  /** Scanners of one view that looked no further apart than this must agree. */
  readonly windowMs: number;
}

/** What the scanners of one view say together of a host: what is open to any of them is open. */
export function sightOf(evidence: readonly Evidence[], terms: SightTerms): HostSight {
  return {
    host: hostStatus(evidence, terms),
    open: openPortsOf(evidence),
    port: (key) => portSight(key, evidence, terms),
  };
}

/** When the earliest of the fresh evidence gets stale; undefined where it does not age. */
export function staleAt(
  evidence: readonly Evidence[],
  staleAfterMs: number,
  now: Instant,
): Instant | undefined {
  let earliest: Instant | undefined;
  for (const at of timesOf(evidence)) {
    const end = at + staleAfterMs + 1;
    if (end > now && end < (earliest ?? Number.POSITIVE_INFINITY)) earliest = end;
  }
  return earliest;
}

function* timesOf(evidence: readonly Evidence[]): Generator<Instant> {
  for (const { looks, state } of evidence) {
    for (const { at } of looks) yield at;
    if (state === undefined) continue;
    yield state.at;
    for (const { at } of state.endpoints.values()) yield at;
  }
}

function openPortsOf(evidence: readonly Evidence[]): PortKey[] {
  const open = new Set<PortKey>();
  for (const { state } of evidence) {
    if (state?.status !== 'up') continue;
    for (const [port, endpoint] of state.endpoints) if (endpoint.open) open.add(port);
  }
  return [...open].sort((a, b) => a - b);
}

interface Said {
  readonly is: 'yes' | 'no';
  readonly at: Instant;
}

/** Up if any scanner says so; not up if one looked and none says up. */
function hostStatus(evidence: readonly Evidence[], terms: SightTerms): HostSight['host'] {
  const said = evidence.map(hostSaid);
  const fresh = said.filter((one): one is Said => typeof one === 'object' && isFresh(one.at, terms));
  if (fresh.some(({ is }) => is === 'yes')) return 'up';
  if (fresh.length > 0) return 'not_up';
  if (said.some((one) => typeof one === 'object')) return 'stale';
  return worst(said.filter((one) => typeof one === 'string')) ?? 'never_scanned';
}

function hostSaid({ state, looks }: Evidence): Said | UnverifiableReason {
  const conclusive = looks.filter(
    ({ profile }) => profile.complete && profile.status && (state !== undefined || profile.absent === 'down'),
  );
  const at = latestOf(conclusive);
  if (state !== undefined && state.status !== 'unseen') {
    return { is: state.status === 'up' ? 'yes' : 'no', at: Math.max(state.at, at ?? 0) };
  }
  if (at !== undefined) return { is: 'no', at };
  return looks.length === 0 ? 'never_scanned' : 'scan_partial';
}

/**
 * Open if any scanner says so. Where another looked at about the same time and says it is not, a required port
 * cannot be called fine.
 */
function portSight(port: PortKey, evidence: readonly Evidence[], terms: SightTerms): Sight {
  const views = evidence.map((one) => portSaid(port, one));
  const fresh = views.filter(({ verdict, at }) => verdict !== 'unknown' && isFresh(at, terms));
  const open = fresh.filter(({ verdict }) => verdict === 'open');
  const shut = fresh.filter(({ verdict }) => verdict === 'not_open');
  if (open.length > 0) {
    const services = open.flatMap(({ service }) => (service === undefined ? [] : [service]));
    const seen =
      services.length === 0 ? ({ verdict: 'open' } as const) : { verdict: 'open' as const, services };
    if (shut.length === 0) return seen;
    const isDisputed = open.some((a) => shut.some((b) => Math.abs(a.at - b.at) <= terms.windowMs));
    return { ...seen, isContested: true, isDisputed };
  }
  if (shut.length > 0) return { verdict: 'not_open' };
  if (views.some(({ verdict }) => verdict !== 'unknown')) return { verdict: 'unknown', reason: 'stale' };
  const reasons = views.flatMap(({ unknownReason }) => (unknownReason === undefined ? [] : [unknownReason]));
  return { verdict: 'unknown', reason: worst(reasons) ?? 'never_scanned' };
}

interface PortSaid {
  readonly verdict: EndpointAnswer['verdict'];
  readonly unknownReason: EndpointAnswer['unknownReason'];
  readonly at: Instant;
  readonly service: Service | undefined;
}

/** What is open was seen so when it opened, even where no complete scan covers it. */
function portSaid(port: PortKey, evidence: Evidence): PortSaid {
  const { verdict, unknownReason } = verdictAt(port, evidence);
  const kept = verdict === 'open' ? evidence.state?.endpoints.get(port) : undefined;
  let at = kept?.at ?? 0;
  for (const { profile, at: lookedAt } of evidence.looks) {
    if (lookedAt > at && profile.complete && holdsPort(profile.ports, port)) at = lookedAt;
  }
  return { verdict, unknownReason, at, service: kept?.service };
}

function latestOf(looks: readonly LatestLook[]): Instant | undefined {
  const latest = looks.reduce<LatestLook | undefined>(
    (best, look) => (best === undefined || comparePositions(look, best) > 0 ? look : best),
    undefined,
  );
  return latest?.at;
}

function isFresh(at: Instant, { freshSince }: SightTerms): boolean {
  return freshSince === undefined || at >= freshSince;
}

/** Of several reasons the one that says most. */
const byWeight: readonly UnverifiableReason[] = [
  'inconclusive',
  'stale',
  'scan_partial',
  'host_gone',
  'port_not_in_scope',
  'never_scanned',
];

function worst(reasons: readonly UnverifiableReason[]): UnverifiableReason | undefined {
  return byWeight.find((reason) => reasons.includes(reason));
}
