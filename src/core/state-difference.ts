import type { Facts } from './change.ts';
import { encodeServices } from './content.ts';
import type { PortKey } from './endpoint.ts';
import { groupBy } from './group.ts';
import type { Instant, Service } from './observation.ts';
import type { PlacedChange } from './past-state.ts';
import type { ScanId } from './state.ts';
import { comparePositions, type ScanChange } from './timeline.ts';

/** What two moments can differ in. */
export const differenceFacts = ['host', 'names', 'port', 'service'] as const;

export type DifferenceFact = (typeof differenceFacts)[number];

/** One fact about a host or endpoint that is not the same at two moments, as one scanner sees it. */
export interface StateDifference {
  readonly fact: DifferenceFact;
  /** Undefined where it is about the host. */
  readonly port?: PortKey;
  /** Undefined where nothing was known at the first moment. */
  readonly before?: Facts;
  readonly after: Facts;
  /** Nobody had looked before: first observed, not newly happened. */
  readonly baseline: boolean;
  /** How many entries of the log lie between. */
  readonly changes: number;
  /** When the last of them was, and which scan decided it. */
  readonly at: Instant;
  readonly scan: ScanId;
}

/**
 * In what two moments differ for one host and scanner, from the entries between them: what the first says of before
 * and the last of after. What went and came back is no difference.
 */
export function differencesOf(entries: readonly PlacedChange[]): StateDifference[] {
  const sorted = [...entries].sort(comparePositions).map(({ change }) => change);
  const ofPorts = groupBy(
    sorted.filter(({ port }) => port !== undefined),
    ({ port }) => port ?? 0,
  );
  const host = hostDifference(sorted.filter(({ kind }) => kind.startsWith('host_')));
  const names = sorted.filter(({ after }) => after.names !== undefined);
  return [
    host,
    isNewToUs(sorted) ? undefined : namesDifference(names),
    ...[...ofPorts.values()].map(portDifference).sort((a, b) => (a?.port ?? 0) - (b?.port ?? 0)),
  ].filter((difference) => difference !== undefined);
}

/** The names of a host that was not known before are told with it. */
function isNewToUs(changes: readonly ScanChange[]): boolean {
  return changes.some(({ kind }) => kind === 'host_new');
}

function hostDifference(changes: readonly ScanChange[]): StateDifference | undefined {
  return between('host', changes, ({ state: a }, { state: b }) => a === b);
}

function namesDifference(changes: readonly ScanChange[]): StateDifference | undefined {
  const isSame = (a: Facts, b: Facts) => JSON.stringify(a.names) === JSON.stringify(b.names);
  const own = changes.map((change) => ({ ...change, ...onlyNames(change) }));
  return between('names', own, isSame);
}

function onlyNames({ before, after }: ScanChange): { before?: Facts; after: Facts } {
  const names = ({ names: own }: Facts) => (own === undefined ? {} : { names: own });
  return { ...(before === undefined ? {} : { before: names(before) }), after: names(after) };
}

function portDifference(changes: readonly ScanChange[]): StateDifference | undefined {
  const ofState = changes.filter(({ after }) => after.state !== undefined);
  const differs = between('port', ofState, ({ state: a }, { state: b }) => a === b);
  if (differs !== undefined) return differs.after.state === 'open' ? withService(differs, changes) : differs;
  if (ofState.at(-1)?.after.state === 'not_open') return undefined;
  return between('service', changes, (a, b) => isSameService(a.service, b.service));
}

/** An open port is told with what is known of its service at the second moment. */
function withService(difference: StateDifference, changes: readonly ScanChange[]): StateDifference {
  const last = changes.findLast(({ after }) => after.service !== undefined);
  const service = last?.after.service;
  return service === undefined ? difference : { ...difference, after: { ...difference.after, service } };
}

function between(
  fact: DifferenceFact,
  changes: readonly ScanChange[],
  isSame: (before: Facts, after: Facts) => boolean,
): StateDifference | undefined {
  const [first] = changes;
  const last = changes.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const { before, baseline } = first;
  const { after, at, scan, port } = last;
  if (before !== undefined && isSame(before, after)) return undefined;
  if (before === undefined && (after.state === 'gone' || after.state === 'not_open')) return undefined; // It came and went.
  return {
    fact,
    ...(port === undefined ? {} : { port }),
    ...(before === undefined ? {} : { before }),
    after,
    baseline,
    changes: changes.length,
    at,
    scan,
  };
}

function isSameService(a: Service | undefined, b: Service | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const text = (service: Service) => JSON.stringify(encodeServices(new Map([[0, service]])));
  return text(a) === text(b);
}
