import type { PortKey } from './endpoint.ts';
import type { Expectation, HostTarget } from './expectation.ts';
import type { Service } from './observation.ts';
import { isOtherService } from './service-match.ts';
import type { PortExpectation, Statement } from './target.ts';

/** The ways in which what is observed can deviate from what is declared. */
export const driftKinds = [
  'port_missing',
  'port_unexpected',
  'port_forbidden',
  'host_missing',
  'host_unexpected',
  'host_forbidden',
  'service_mismatch',
] as const;

export type DriftKind = (typeof driftKinds)[number];

/** On which side something is wrong: it should be there and is not, or the other way round. */
export type DriftSide = 'missing' | 'excess';

/** Why it cannot be said whether something deviates. */
export const unknownReasons = [
  'never_scanned',
  'stale',
  'port_not_in_scope',
  'scan_partial',
  'inconclusive',
  'host_gone',
  'scanners_disagree',
] as const;

export type UnverifiableReason = (typeof unknownReasons)[number];

/** What a view says of one endpoint or host. */
export type Sight =
  | { readonly verdict: 'not_open' }
  /** `isContested`: another scanner of the view says that it is not; `isDisputed`: and looked at about the same time. */
  | {
      readonly verdict: 'open';
      readonly isContested?: boolean;
      readonly isDisputed?: boolean;
      /** What those who see it open know of the service behind it. */
      readonly services?: readonly Service[];
    }
  | { readonly verdict: 'unknown'; readonly reason: UnverifiableReason };

/** What a view says of one host, as far as its evidence is fresh. */
export interface HostSight {
  readonly host: 'up' | 'not_up' | UnverifiableReason;
  /** Ports that are open. */
  readonly open: readonly PortKey[];
  port(key: PortKey): Sight;
}

/** A deviation of one host or endpoint; its identity within a host and view is (port, side). */
export interface Deviation {
  readonly kind: DriftKind;
  readonly side: DriftSide;
  /** Undefined where it is about the host. */
  readonly port?: PortKey;
  /** The statement that decides; undefined for what nobody declared. */
  readonly statement?: Statement;
}

/** A cell of which nothing can be said: an open drift item on it stays open, and is marked. */
export interface Unverifiable {
  readonly port?: PortKey;
  readonly side: DriftSide;
  readonly reason: UnverifiableReason;
}

/** Everything that can be said of one host as seen from one view. */
export interface Assessment {
  readonly deviations: readonly Deviation[];
  readonly unverifiable: readonly Unverifiable[];
  /** Declared cells that are as they should be: the statement that decides each. */
  readonly compliant: readonly Statement[];
  /** A required port of which the scanners of the view say different things. */
  readonly contested: boolean;
}

/**
 * Holds what a view sees of a host against what is declared. Three-valued: where nobody looked, nothing is
 * missing and nothing is fine, it is unknown. `known` are ports with drift items, which must be judged again.
 */
export function assessHost(target: HostTarget, sight: HostSight, known: readonly PortKey[]): Assessment {
  const result: Findings = { deviations: [], unverifiable: [], compliant: [], contested: false };
  assessStatus(target, sight, result);
  const ports = new Set([...portsToAssess(target, sight.open), ...known]);
  const cell = { target, sight, result, known: new Set(known) };
  for (const port of [...ports].sort((a, b) => a - b)) assessPort(port, cell);
  return result;
}

interface Findings {
  readonly deviations: Deviation[];
  readonly unverifiable: Unverifiable[];
  readonly compliant: Statement[];
  contested: boolean;
}

function assessStatus(target: HostTarget, { host: status }: HostSight, result: Findings): void {
  const expected = target.host;
  const isUnwanted = expected === undefined && !target.isDeclared && target.undeclaredHosts === 'drift';
  if (status !== 'up' && status !== 'not_up') {
    if (expected?.value === 'present') result.unverifiable.push({ side: 'missing', reason: status });
    if (expected?.value === 'absent' || isUnwanted)
      result.unverifiable.push({ side: 'excess', reason: status });
    return;
  }
  if (expected === undefined) {
    if (status === 'up' && isUnwanted) result.deviations.push({ kind: 'host_unexpected', side: 'excess' });
    return;
  }
  const statement = expected.winner;
  if (expected.value === 'present' && status === 'not_up') {
    result.deviations.push({ kind: 'host_missing', side: 'missing', statement });
  } else if (expected.value === 'absent' && status === 'up') {
    result.deviations.push({ kind: 'host_forbidden', side: 'excess', statement });
  } else result.compliant.push(statement);
}

/**
 * The ports of a host about which something can be said: those that must be open, those that must not, and open ones.
 * Of a host that answers on every port only the first are told one by one.
 */
export function portsToAssess(target: HostTarget, open: readonly PortKey[]): PortKey[] {
  return [...declaredPorts(target), ...open.slice(0, assessedPortsMax)];
}

/** A machine with more open ports is no machine but something in front of one. */
export const assessedPortsMax = 1000;

/**
 * Every port that must or must not be open, so that one learns where nobody looked. Ranges of required ports are
 * short: an import refuses others. Of a wide range that is forbidden only the open ports are told.
 */
function declaredPorts(target: HostTarget): PortKey[] {
  const ports: PortKey[] = [];
  for (const { subject } of target.portStatements) {
    const { expect, first, last } = subject;
    if (expect === 'allowed' || (expect === 'forbidden' && last - first >= forbiddenPortsMax)) continue;
    for (let port = first; port <= last; port += 1) ports.push(port);
  }
  return ports;
}

/** A wider range of forbidden ports is not told port by port where nobody looked. */
export const forbiddenPortsMax = 100;

function assessPort(
  port: PortKey,
  {
    target,
    sight,
    result,
    known,
  }: { target: HostTarget; sight: HostSight; result: Findings; known: ReadonlySet<PortKey> },
): void {
  const expected = target.port(port);
  const expect = expected?.value ?? (target.undeclaredPorts === 'drift' ? 'undeclared' : 'allowed');
  const service = serviceToFind(expected, target);
  // What is allowed is fine whether it is open or not, unless it matters what is behind it.
  if (expect === 'allowed' && (service === undefined || !isTold(port, { sight, known }))) {
    if (expected !== undefined) result.compliant.push(expected.winner);
    return;
  }
  const seen = sight.port(port);
  const side = expect === 'required' ? 'missing' : 'excess';
  if (seen.verdict === 'unknown') {
    result.unverifiable.push({ port, side, reason: seen.reason });
    return;
  }
  const isContested = expect === 'required' && seen.verdict === 'open' && seen.isContested === true;
  if (isContested) result.contested = true;
  if (isContested && seen.isDisputed) {
    result.unverifiable.push({ port, side, reason: 'scanners_disagree' });
    return;
  }
  const kind = deviationOf(seen, { expect, service });
  if (kind === undefined) {
    if (expected !== undefined) result.compliant.push(expected.winner);
    return;
  }
  result.deviations.push({
    kind,
    side,
    port,
    ...(expected === undefined ? {} : { statement: expected.winner }),
  });
}

/** The service that must be behind a port, where it is open; undefined where that does not matter. */
function serviceToFind(
  expected: Expectation<PortExpectation> | undefined,
  { policy }: HostTarget,
): string | undefined {
  if (policy?.assessServices !== true || expected === undefined || expected.value === 'forbidden')
    return undefined;
  const { subject } = expected.winner;
  return subject.kind === 'port' ? subject.service : undefined;
}

/** Whether something is to be said of a port that may be open: it was looked at, or something was said before. */
function isTold(port: PortKey, { sight, known }: { sight: HostSight; known: ReadonlySet<PortKey> }): boolean {
  return known.has(port) || sight.port(port).verdict !== 'unknown';
}

function deviationOf(
  seen: Exclude<Sight, { verdict: 'unknown' }>,
  { expect, service }: { expect: PortExpectation | 'undeclared'; service: string | undefined },
): DriftKind | undefined {
  if (seen.verdict === 'not_open') return expect === 'required' ? 'port_missing' : undefined;
  if (expect === 'forbidden') return 'port_forbidden';
  if (expect === 'undeclared') return 'port_unexpected';
  const isOther = service !== undefined && isOtherService(service, seen.services ?? []);
  return isOther ? 'service_mismatch' : undefined;
}
