import { absentContent, type HostContent, verdictOn } from './content.ts';
import { holdsPort, type PortKey } from './endpoint.ts';
import type { Thresholds } from './fold.ts';
import type { EndpointVerdict, EndpointView, HostView, Pending, UnknownReason } from './model.ts';
import type { Instant } from './observation.ts';
import type { Profile } from './scope.ts';
import type { EndpointState, HostState, ScanId, Streak } from './state.ts';
import { comparePositions, type Position } from './timeline.ts';

/** The latest applied look at a host with one profile. */
export interface LatestLook extends Position {
  readonly scan: ScanId;
  readonly profileId: number;
  readonly profile: Profile;
  /** What it says; undefined where the scan covered the host and did not list it, or where it was not fetched. */
  readonly content?: HostContent;
}

/** What one scanner knows of one host. */
export interface Evidence {
  readonly scannerId: number;
  readonly thresholds: Thresholds;
  /** Undefined where no look ever found the host up or about to be. */
  readonly state: HostState | undefined;
  /** One for each profile whose scans covered the host. */
  readonly looks: readonly LatestLook[];
}

/** What the scanner says of the host. */
export function viewHost(
  state: HostState,
  { scannerId, thresholds, looks }: Omit<Evidence, 'state'>,
): HostView {
  const { at, scan, firstSeen, names, mac, streak } = state;
  const status = state.status === 'unseen' ? 'down' : state.status;
  const needed = status === 'up' ? thresholds.goneAfterScans : thresholds.backAfterScans;
  const lastVerifiedAt = latestComplete(looks, (profile) => profile.status);
  return {
    scannerId,
    status,
    since: { at, scan },
    ...(firstSeen === undefined ? {} : { firstSeen }),
    names,
    ...(mac === undefined ? {} : { mac }),
    ...pendingOf(streak, needed),
    ...(lastVerifiedAt === undefined ? {} : { lastVerifiedAt }),
  };
}

/** What the scanner says of one endpoint of the host. */
export function viewEndpoint(port: PortKey, evidence: Evidence): EndpointView {
  const view = settledView(port, evidence);
  const lastVerifiedAt = latestComplete(evidence.looks, ({ ports }) => holdsPort(ports, port));
  if (lastVerifiedAt !== undefined) view.lastVerifiedAt = lastVerifiedAt;
  return view;
}

/** A view that is being put together: a page has hundreds, and spreading parts costs several times as much. */
type Draft = { -readonly [Field in keyof EndpointView]: EndpointView[Field] };

function settledView(port: PortKey, evidence: Evidence): Draft {
  const { scannerId, state, thresholds } = evidence;
  const endpoint = state?.endpoints.get(port);
  if (state?.status === 'gone') {
    const since = { at: state.at, scan: state.scan };
    return addKept({ scannerId, verdict: 'unknown', unknownReason: 'host_gone', since }, endpoint);
  }
  if (endpoint === undefined || state?.status !== 'up') return { scannerId, ...answerUnkept(port, evidence) };

  const { open, everOpen, at, scan, streak } = endpoint;
  const view: Draft = { scannerId, verdict: open ? 'open' : 'not_open' };
  if (everOpen) view.since = { at, scan };
  if (streak !== undefined) {
    const needed = open ? thresholds.closedAfterScans : thresholds.openAfterScans;
    view.pending = { count: streak.count, needed, since: streak.since };
  }
  return addKept(view, endpoint);
}

function addKept(view: Draft, endpoint: EndpointState | undefined): Draft {
  if (endpoint?.closedAt !== undefined) view.closedAt = endpoint.closedAt;
  if (endpoint?.service !== undefined) view.service = endpoint.service;
  return view;
}

/** The scanner's verdict on an endpoint, and nothing else: where a million are asked for. */
export function verdictAt(port: PortKey, evidence: Evidence): EndpointAnswer {
  const { state } = evidence;
  if (state?.status === 'gone') return goneAnswer;
  const endpoint = state?.status === 'up' ? state.endpoints.get(port) : undefined;
  if (endpoint === undefined) return answerUnkept(port, evidence);
  return endpoint.open ? openAnswer : shutAnswer;
}

const openAnswer: EndpointAnswer = { verdict: 'open' };
const shutAnswer: EndpointAnswer = { verdict: 'not_open' };
const goneAnswer: EndpointAnswer = { verdict: 'unknown', unknownReason: 'host_gone' };

/** Whether the answer hangs on the words of the latest looks: the state does not keep the port, but scans covered it. */
export function needsContent(port: PortKey, { state, looks }: Evidence): boolean {
  if (state?.status === 'gone' || (state?.status === 'up' && state.endpoints.has(port))) return false;
  return looks.some(({ profile }) => profile.complete && holdsPort(profile.ports, port));
}

/** A verdict, and why there is none. */
export interface EndpointAnswer {
  readonly verdict: EndpointVerdict;
  readonly unknownReason?: UnknownReason;
}

/** For a port that was never open: not open, unless no look could tell. */
function answerUnkept(port: PortKey, { state, looks }: Evidence): EndpointAnswer {
  const covering = looks.filter(({ profile }) => profile.complete && holdsPort(profile.ports, port));
  if (covering.length === 0) return { verdict: 'unknown', unknownReason: whyUncovered(port, looks) };

  const said = covering.map(({ profile, content = absentContent(profile) }) =>
    content.status === 'down' ? 'not_open' : verdictOn(content, profile, port),
  );
  if (said.includes('not_open')) return { verdict: 'not_open' };
  if (said.includes('inconclusive')) return { verdict: 'unknown', unknownReason: 'inconclusive' };
  // Nothing was said: the tool gave up on a host that answers, or there is no host.
  return state?.status === 'up'
    ? { verdict: 'unknown', unknownReason: 'scan_partial' }
    : { verdict: 'not_open' };
}

function whyUncovered(port: PortKey, looks: readonly LatestLook[]): UnknownReason {
  const [first] = looks;
  if (first === undefined) return 'never_scanned';
  const isPartial = looks.some(({ profile }) => !profile.complete && holdsPort(profile.ports, port));
  return isPartial || looks.every(({ profile }) => !profile.complete) ? 'scan_partial' : 'port_not_in_scope';
}

function pendingOf(streak: Streak | undefined, needed: number): { pending?: Pending } {
  return streak === undefined ? {} : { pending: { count: streak.count, needed, since: streak.since } };
}

/** When the latest complete look with such a profile was. */
function latestComplete(
  looks: readonly LatestLook[],
  isMeant: (profile: Profile) => boolean,
): Instant | undefined {
  let latest: LatestLook | undefined;
  for (const look of looks) {
    if (!look.profile.complete || !isMeant(look.profile)) continue;
    if (latest === undefined || comparePositions(look, latest) > 0) latest = look;
  }
  return latest?.at;
}
