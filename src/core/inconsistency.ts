import type { PortKey, PortSet } from './endpoint.ts';
import { holdsPort } from './endpoint.ts';
import type { EndpointVerdict, HostView } from './model.ts';
import type { Instant } from './observation.ts';
import type { ScanId, Since } from './state.ts';
import { comparePositions } from './timeline.ts';
import { type Evidence, type LatestLook, viewEndpoint } from './views.ts';

/** What one scanner of a group says of something on which the group disagrees. */
export interface InconsistentSide {
  readonly scannerId: number;
  /** Of an endpoint. */
  readonly verdict?: EndpointVerdict;
  /** Of a host. */
  readonly status?: HostView['status'];
  readonly since?: Since;
  /** The latest complete look that covered it: when, which scan, and the ports that it looked at. */
  readonly lookedAt: Instant;
  readonly scan: ScanId;
  readonly scope: PortSet;
}

/** Two scanners that should see the same do not. */
export interface Inconsistency {
  /** Undefined where they disagree about the host itself. */
  readonly port?: PortKey;
  /** Every scanner of the group that looked there, by scanner id. */
  readonly sides: readonly InconsistentSide[];
}

/**
 * In what the scanners of one group disagree about a host: about the host itself, or about ports where both found
 * it up. Only looks that lie no further apart than the window are held against each other.
 */
export function inconsistenciesOf(
  evidence: readonly Evidence[],
  { ports, windowMs }: { readonly ports: readonly PortKey[]; readonly windowMs: number },
): Inconsistency[] {
  const hostSides = evidence.flatMap(hostSide);
  const found: Inconsistency[] = [];
  if (disagree(hostSides, windowMs, ({ status }) => (status === 'up' ? 'up' : 'down'))) {
    found.push({ sides: hostSides });
  }
  const up = evidence.filter(({ state }) => state?.status === 'up');
  for (const port of ports) {
    const sides = up.flatMap((one) => portSide(port, one));
    const conclusive = sides.filter(({ verdict }) => verdict !== 'unknown');
    if (disagree(conclusive, windowMs, ({ verdict }) => verdict ?? '')) found.push({ port, sides });
  }
  return found;
}

function disagree(
  sides: readonly InconsistentSide[],
  windowMs: number,
  answerOf: (side: InconsistentSide) => string,
): boolean {
  return sides.some((a, index) =>
    sides
      .slice(index + 1)
      .some((b) => answerOf(a) !== answerOf(b) && Math.abs(a.lookedAt - b.lookedAt) <= windowMs),
  );
}

/** A scanner that covered the host and keeps nothing of it never found it up. */
function hostSide({ scannerId, state, looks }: Evidence): InconsistentSide[] {
  const isConclusive = ({ profile }: LatestLook) =>
    profile.complete && profile.status && (state !== undefined || profile.absent === 'down');
  const look = latest(looks.filter(isConclusive));
  if (look === undefined) return [];
  const status = state === undefined || state.status === 'unseen' ? 'down' : state.status;
  return [{ scannerId, status, ...sinceOf(state?.at, state?.scan), ...lookOf(look) }];
}

function portSide(port: PortKey, evidence: Evidence): InconsistentSide[] {
  const covering = evidence.looks.filter(({ profile }) => profile.complete && holdsPort(profile.ports, port));
  const look = latest(covering);
  if (look === undefined) return [];
  const { scannerId, verdict, since } = viewEndpoint(port, evidence);
  return [{ scannerId, verdict, ...(since === undefined ? {} : { since }), ...lookOf(look) }];
}

function sinceOf(at: Instant | undefined, scan: ScanId | undefined): { since?: Since } {
  return at === undefined || scan === undefined || scan === 0 ? {} : { since: { at, scan } };
}

function lookOf({ at, scan, profile }: LatestLook) {
  return { lookedAt: at, scan, scope: profile.ports };
}

function latest(looks: readonly LatestLook[]): LatestLook | undefined {
  return [...looks].sort(comparePositions).at(-1);
}
