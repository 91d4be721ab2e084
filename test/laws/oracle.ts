import type { Address } from '../../src/core/address.ts';
import type { ChangeKind, Facts } from '../../src/core/change.ts';
import type { PortKey } from '../../src/core/endpoint.ts';
import type { Thresholds } from '../../src/core/fold.ts';
import type { RawState, Service } from '../../src/core/observation.ts';
import { type HostPlan, inOrder, instantOf, ports, type ScanPlan } from './world.ts';

/**
 * A second reading of the specification, as plain as possible: every fact is decided by looking back over all
 * scans, again for every scan. It knows nothing of states that are carried on, of profiles or of content.
 */
export function oracle(scans: readonly ScanPlan[], address: Address, thresholds: Thresholds): Answer {
  const sights = inOrder(scans).flatMap((scan) => sightOf(scan, address) ?? []);
  const host = decideHost(sights, thresholds);
  const endpoints = new Map(
    ports.map((port) => [port, decidePort(port, { sights, up: host.up, thresholds })]),
  );
  const names = decideNames(sights, { host, thresholds });
  return { host, names, endpoints };
}

export interface Answer {
  readonly host: HostAnswer;
  readonly names: NamesAnswer;
  readonly endpoints: ReadonlyMap<PortKey, PortAnswer>;
}

/** A change as the specification words it. `scan` is the digest of the scan that decided it. */
export interface Expected {
  readonly kind: ChangeKind;
  readonly port?: PortKey;
  readonly scan: string;
  readonly baseline: boolean;
  readonly confirmations: number;
  readonly before?: Facts;
  readonly after: Facts;
}

interface HostAnswer {
  readonly status: 'never_up' | 'up' | 'gone';
  /** After each sight. */
  readonly up: readonly boolean[];
  readonly pending: number;
  readonly changes: readonly Expected[];
}

interface NamesAnswer {
  readonly names: readonly string[];
  readonly changes: readonly Expected[];
}

interface PortAnswer {
  readonly status: 'never_open' | 'open' | 'closed';
  readonly pending: number;
  readonly service?: Service;
  readonly changes: readonly Expected[];
}

/** What one scan says of one address, less everything outside its scope. */
interface Sight {
  readonly scan: ScanPlan;
  readonly status: 'up' | 'down' | 'says_nothing';
  /** The host itself was covered for good: the scan is whole, and tests hosts. */
  readonly coversHost: boolean;
  readonly complete: boolean;
  /** Ports about which the scan may also say that they are not open. */
  readonly covered: ReadonlySet<PortKey>;
  readonly verdicts: ReadonlyMap<PortKey, 'open' | 'not_open' | 'inconclusive'>;
  readonly names: readonly string[] | undefined;
  readonly services: ReadonlyMap<PortKey, Service>;
}

function sightOf(scan: ScanPlan, address: Address): Sight | undefined {
  const host = scan.hosts.find((candidate) => candidate.address === address);
  if (scan.addresses !== undefined && !scan.addresses.includes(address)) return undefined;
  if (host !== undefined) return listed(scan, host);
  if (!scan.complete || scan.addresses === undefined || scan.absent === 'unknown') return undefined;
  const covered = new Set(scan.ports ?? []);
  const isQuiet = scan.absent === 'nothing_open';
  return {
    scan,
    status: scan.absent === 'down' && scan.status ? 'down' : 'says_nothing',
    coversHost: scan.status,
    complete: true,
    covered,
    verdicts: new Map(isQuiet ? [...covered].map((port) => [port, 'not_open']) : []),
    names: undefined,
    services: new Map(),
  };
}

function listed(scan: ScanPlan, host: HostPlan): Sight {
  const complete = scan.complete && !host.timedOut;
  const covered = new Set(complete ? (scan.ports ?? []) : []);
  const inScope = [...host.states].filter(([port]) => scan.ports?.includes(port) ?? true);
  const verdicts = new Map<PortKey, 'open' | 'not_open' | 'inconclusive'>();
  for (const port of covered) verdicts.set(port, verdictOf(host.rest));
  for (const [port, state] of inScope) {
    if (state === 'open' || covered.has(port)) verdicts.set(port, verdictOf(state));
  }
  const others = (scan.ports ?? []).filter((port) => !host.states.has(port)).map(() => host.rest);
  const answers = [...inScope.map(([, state]) => state), ...others].some(isAnswer);
  const isUp = host.status === 'up' || (host.status === 'unknown' && scan.status && answers);
  const isDown = host.status === 'down' && complete && scan.status;
  return {
    scan,
    status: isUp ? 'up' : isDown ? 'down' : 'says_nothing',
    coversHost: complete && scan.status,
    complete,
    covered,
    verdicts: host.status === 'down' ? new Map() : verdicts,
    names: scan.names && host.status !== 'down' ? host.names : undefined,
    services: host.services,
  };
}

function isAnswer(state: RawState | 'not open'): boolean {
  return state === 'open' || state === 'closed' || state === 'unfiltered';
}

function verdictOf(state: RawState | 'not open'): 'open' | 'not_open' | 'inconclusive' {
  if (state === 'open') return 'open';
  return state === 'open|filtered' ? 'inconclusive' : 'not_open';
}

type Vote = 'for' | 'against' | 'nothing';

/** How many votes at and before a place are against, without one for between them; not beyond the last turn. */
function countAgainst(votes: readonly Vote[], at: number, since: number): number {
  let count = 0;
  for (let i = at; i > since; i -= 1) {
    if (votes[i] === 'for') return count;
    if (votes[i] === 'against') count += 1;
  }
  return count;
}

function decideHost(sights: readonly Sight[], thresholds: Thresholds): HostAnswer {
  const changes: Expected[] = [];
  const up: boolean[] = [];
  let status: HostAnswer['status'] = 'never_up';
  let turn = -1;
  let pending = 0;
  for (const [i, sight] of sights.entries()) {
    const isUp: boolean = status === 'up';
    const votes = sights.map(
      ({ status: seen }): Vote =>
        seen === 'says_nothing' ? 'nothing' : (seen === 'up') === isUp ? 'for' : 'against',
    );
    const isFirst = status === 'never_up' && !sights.slice(0, i).some(({ coversHost }) => coversHost);
    pending = countAgainst(votes, i, turn);
    const needed = isFirst ? 1 : isUp ? thresholds.goneAfterScans : thresholds.backAfterScans;
    // A look at a host that nobody covered before, and that finds it down, is no contradiction.
    if (votes[i] === 'against' && pending >= needed) {
      const own = { scan: sight.scan.digest, confirmations: isFirst ? 1 : pending };
      changes.push(hostChange(status, { ...own, isFirst, names: sight.names }));
      status = isUp ? 'gone' : 'up';
      turn = i;
      pending = 0;
    }
    up.push(status === 'up');
  }
  return { status, up, pending, changes };
}

function hostChange(
  status: HostAnswer['status'],
  {
    isFirst,
    names,
    ...own
  }: { scan: string; confirmations: number; isFirst: boolean; names: readonly string[] | undefined },
): Expected {
  if (status === 'up') {
    return { kind: 'host_gone', ...own, baseline: false, before: { state: 'up' }, after: { state: 'gone' } };
  }
  if (status === 'gone') {
    return {
      kind: 'host_returned',
      ...own,
      baseline: false,
      before: { state: 'gone' },
      after: { state: 'up' },
    };
  }
  return { kind: 'host_new', ...own, baseline: isFirst, after: { state: 'up', ...(names && { names }) } };
}

function decidePort(
  port: PortKey,
  { sights, up, thresholds }: { sights: readonly Sight[]; up: readonly boolean[]; thresholds: Thresholds },
): PortAnswer {
  const changes: Expected[] = [];
  let known: KnownPort = { port, status: 'never_open', service: undefined, closedAt: undefined };
  let turn = -1;
  let pending = 0;
  for (const [i, sight] of sights.entries()) {
    const isOpen: boolean = known.status === 'open';
    const votes = sights.map((other, j) => voteOn(port, { sight: other, isUp: up[j] === true, isOpen }));
    const isFirst =
      known.status === 'never_open' && !sights.slice(0, i).some(({ covered }) => covered.has(port));
    pending = countAgainst(votes, i, turn);
    if (votes[i] === 'for' && isOpen && tells(sight.services.get(port))) {
      changes.push(...serviceChange(known, sight));
      known = { ...known, service: newestService(known, sight) };
    }
    const needed = isFirst ? 1 : isOpen ? thresholds.closedAfterScans : thresholds.openAfterScans;
    if (votes[i] !== 'against' || pending < needed) continue;
    if (isOpen) {
      changes.push(closing(known, sight, pending));
      known = { ...known, status: 'closed', closedAt: instantOf(sight.scan) };
    } else {
      const service = serviceAtOpening(known, sight);
      const isAgain = isLately(known, sight, thresholds.reopenWindowDays);
      changes.push(opening({ ...known, service }, sight, { isFirst, isAgain, pending }));
      known = { ...known, status: 'open', service };
    }
    turn = i;
    pending = 0;
  }
  const { status, service } = known;
  return { status, pending, ...(service && { service }), changes };
}

interface KnownPort {
  readonly port: PortKey;
  readonly status: PortAnswer['status'];
  readonly service: Service | undefined;
  readonly closedAt: number | undefined;
}

/** Whether the scan probed the service and found out what can be compared. */
function tells(service: Service | undefined): boolean {
  return service?.probed === true && (service.product !== undefined || service.version !== undefined);
}

function isSameService({ service }: KnownPort, seen: Service | undefined): boolean {
  return tells(service) && service?.product === seen?.product && service?.version === seen?.version;
}

function newestService(known: KnownPort, { services }: Sight): Service | undefined {
  const seen = services.get(known.port);
  return isSameService(known, seen) ? known.service : seen;
}

function serviceChange(known: KnownPort, { scan, services }: Sight): Expected[] {
  const { port, service } = known;
  const seen = services.get(port);
  if (seen === undefined || isSameService(known, seen)) return [];
  const before = service && { before: { service } };
  const own = { scan: scan.digest, baseline: !tells(service), confirmations: 1 };
  return [{ kind: 'service_changed', port, ...own, ...before, after: { service: seen } }];
}

/** What was found out by a probe is not forgotten for a name out of a table. */
function serviceAtOpening({ port, service }: KnownPort, { services }: Sight): Service | undefined {
  const seen = services.get(port);
  if (seen === undefined) return service;
  return service?.probed && !tells(seen) ? service : seen;
}

function isLately({ closedAt }: KnownPort, { scan }: Sight, days: number): boolean {
  return closedAt !== undefined && instantOf(scan) - closedAt <= days * 86_400_000;
}

function closing({ port, service }: KnownPort, { scan }: Sight, pending: number): Expected {
  return {
    kind: 'port_closed',
    port,
    scan: scan.digest,
    baseline: false,
    confirmations: pending,
    before: { state: 'open', ...(service && { service }) },
    after: { state: 'not_open' },
  };
}

function opening(
  { port, service }: KnownPort,
  { scan }: Sight,
  { isFirst, isAgain, pending }: { isFirst: boolean; isAgain: boolean; pending: number },
): Expected {
  return {
    kind: isAgain ? 'port_reopened' : 'port_opened',
    port,
    scan: scan.digest,
    baseline: isFirst,
    confirmations: isFirst ? 1 : pending,
    ...(isFirst ? {} : { before: { state: 'not_open' } }),
    after: { state: 'open', ...(service && { service }) },
  };
}

/** A host that is down has no open port, which breaks what was about to open; of open ports it says nothing. */
function voteOn(
  port: PortKey,
  { sight, isUp, isOpen }: { sight: Sight; isUp: boolean; isOpen: boolean },
): Vote {
  if (sight.status === 'down') return !isOpen && sight.covered.has(port) ? 'for' : 'nothing';
  const verdict = isUp ? sight.verdicts.get(port) : undefined;
  if (verdict === undefined || verdict === 'inconclusive') return 'nothing';
  return (verdict === 'open') === isOpen ? 'for' : 'against';
}

function decideNames(
  sights: readonly Sight[],
  { host, thresholds }: { host: HostAnswer; thresholds: Thresholds },
): NamesAnswer {
  const born = host.changes.find(({ kind }) => kind === 'host_new')?.scan;
  const looks = sights.filter(
    (sight, i) => host.up[i] && sight.status !== 'down' && sight.names !== undefined,
  );
  const changes: Expected[] = [];
  let names: readonly string[] = [];
  let isKnown = false;
  let failures = 0;
  for (const { scan, names: seen = [], complete } of looks) {
    const isSame = seen.join() === names.join();
    if (!isKnown && scan.digest === born) names = seen;
    else if (!isSame) {
      if (seen.length === 0 && !complete) continue; // A partial scan takes nothing away.
      failures = seen.length === 0 ? failures + 1 : 0;
      if (seen.length === 0 && failures < thresholds.goneAfterScans) continue;
      changes.push({
        kind: 'name_changed',
        scan: scan.digest,
        baseline: !isKnown,
        confirmations: Math.max(1, failures),
        ...(isKnown ? { before: { names } } : {}),
        after: { names: seen },
      });
      names = seen;
    }
    isKnown = true;
    failures = 0;
  }
  return { names, changes };
}
