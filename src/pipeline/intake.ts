import {
  type AddressSet,
  formatAddressSet,
  intersectAddresses,
  setOfAddresses,
  subtractAddresses,
} from '../core/address-set.ts';
import { assert } from '../core/assert.ts';
import { formatPortSet, type PortSet, unionOfPorts } from '../core/endpoint.ts';
import { ReportRejected } from '../core/errors.ts';
import type { TimeOrigin } from '../core/model.ts';
import type { HostObservation, Instant } from '../core/observation.ts';
import { partialProfile, profileOf, type ResolvedScope } from '../core/scope-resolution.ts';
import { type ReportEvent, ReportRefused, scopeWanted } from '../input/agent.ts';
import { type Gatherer, newGatherer } from '../input/gather.ts';
import { type HostIntake, openHostIntake } from './intake-hosts.ts';
import type {
  Assumptions,
  IntakeRequest,
  IntakeResult,
  IntakeStore,
  IntakeSummary,
} from './intake-messages.ts';
import { hintsOf, looksOfParts, type Part, rangesOf, scopeOf } from './intake-scope.ts';
import { effectOf, newTally, type Tally, tallyProblem, warningsOf } from './intake-tally.ts';
import { openReport, type ReportSource } from './report-source.ts';
import { writeBehind } from './write-behind.ts';

/**
 * Reads one report and turns it into rows: the observations that are new, the states and changes that follow.
 * Asks the store for what is known; everything else is decided here. Throws ReportRejected for a report that
 * must not be used.
 */
export async function takeIn(request: IntakeRequest, store: IntakeStore): Promise<IntakeResult> {
  const behind = writeBehind(store);
  try {
    const result = await readIn(request, behind.store);
    await behind.written();
    return result;
  } finally {
    await behind.idle(); // Whoever undoes the transaction must find nothing under way.
  }
}

async function readIn(request: IntakeRequest, store: IntakeStore): Promise<IntakeResult> {
  const progress = newProgress(request);
  try {
    const hints = hintsOf(request);
    for (const path of request.paths) {
      const source = openReport(path, { format: request.format, hints });
      progress.sources.push(source);
      await takeFile(source, progress, store);
    }
  } catch (error) {
    if (error instanceof ReportRefused) throw new ReportRejected(error.code, error.message);
    if (error instanceof Duplicate) return again(progress, { gather: true });
    throw error;
  }
  return finish(progress, store);
}

/** An address came twice in a report that was read host by host. */
class Duplicate extends Error {
  override readonly name = 'Duplicate';
}

interface Progress {
  readonly request: IntakeRequest;
  readonly tally: Tally;
  readonly gatherer: Gatherer;
  readonly sources: ReportSource[];
  readonly parts: Part[];
  readonly scopes: ResolvedScope[];
  /** Open from the header on where hosts are read one by one; from the end on where they are gathered. */
  hosts: HostIntake | undefined;
  /** Runs begun in the present file. */
  runs: number;
  lastHostAt: Instant | undefined;
}

function newProgress(request: IntakeRequest): Progress {
  return {
    request,
    tally: newTally(),
    gatherer: newGatherer(),
    sources: [],
    parts: [],
    scopes: [],
    hosts: undefined,
    runs: 0,
    lastHostAt: undefined,
  };
}

function again({ request }: Progress, changed: Partial<Assumptions>): IntakeResult {
  return { kind: 'again', assumptions: { ...request.assumptions, ...changed } };
}

async function takeFile(source: ReportSource, progress: Progress, store: IntakeStore): Promise<void> {
  progress.runs = 0;
  for await (const events of source.events) {
    for (const event of events) {
      if (event.kind === 'run') await beginRun(event, source, progress, store);
      else if (isWanted(progress)) takeEvent(event, progress);
    }
    await progress.hosts?.settle();
  }
  if (progress.runs === 0) {
    throw new ReportRejected(
      'NOT_A_REPORT',
      'The file ends before it says which tool wrote it; nothing was used.',
    );
  }
}

/** Of a file of its own, one run is read; of the parts of a scan, all are. */
function isWanted({ request, runs }: Progress): boolean {
  return request.paths.length > 1 || runs === request.run + 1;
}

async function beginRun(
  { run: header }: Extract<ReportEvent, { kind: 'run' }>,
  source: ReportSource,
  progress: Progress,
  store: IntakeStore,
): Promise<void> {
  const { request, tally, parts, scopes } = progress;
  progress.runs += 1;
  if (!isWanted(progress)) return;
  const scope = scopeOf(header, request);
  const isScoped = scope.addressOrigin !== 'listed_hosts' && scope.portOrigin !== 'none';
  for (const warning of header.warnings) {
    if (!isScoped || !warning.endsWith(scopeWanted)) tally.warnings.add(warning);
  }
  parts.push({ header, end: undefined, listed: new Set() });
  scopes.push(scope);
  if (request.assumptions.gather) return;
  if (source.agent()?.scattered) throw new Duplicate();
  await openHosts(progress, store);
}

/** Fixes what is looked at: for a report that is read host by host from its header, else from all that was gathered. */
async function openHosts(progress: Progress, store: IntakeStore): Promise<void> {
  const { request, parts, scopes, tally } = progress;
  const { gather, complete } = request.assumptions;
  const looks = gather ? looksOfParts(parts, scopes) : [streamedLook(parts, scopes, complete)];
  const ports = portScope(scopes);
  const prefetch = !gather && request.assumptions.skipKnown;
  const plan = await store.begin({
    prefetch,
    looks: looks.map(({ addresses, profile }) => ({
      profile,
      partial: partialProfile(profile),
      ...(addresses === undefined || !profile.complete ? {} : { ranges: rangesOf(addresses) }),
    })),
  });
  progress.hosts = openHostIntake(
    plan,
    looks.map((look) => ({ ...look, ports, partial: partialProfile(look.profile) })),
    { request, store, tally, prefetch },
  );
}

function streamedLook(parts: readonly Part[], scopes: readonly ResolvedScope[], complete: boolean) {
  const [scope] = scopes;
  const [part] = parts;
  assert(scope !== undefined && part !== undefined, 'a look begins with the header of a run');
  const profile = profileOf(scope, part.header);
  return { addresses: scope.addresses, profile: complete ? profile : partialProfile(profile) };
}

/** All ports that any part looked at; undefined where one part does not say. */
function portScope(scopes: readonly ResolvedScope[]): PortSet | undefined {
  let all: PortSet = [];
  for (const { ports } of scopes) {
    if (ports === undefined) return undefined;
    all = unionOfPorts(all, ports);
  }
  return all;
}

function takeEvent(event: Exclude<ReportEvent, { kind: 'run' }>, progress: Progress): void {
  switch (event.kind) {
    case 'record':
      if (progress.hosts?.skips(event.digest)) return;
      takeRecord(event, progress);
      return;
    case 'host':
      takeHost(event.host, '', progress);
      return;
    case 'problem':
      tallyProblem(progress.tally, event.problem);
      return;
    case 'end': {
      const part = progress.parts.at(-1);
      if (part !== undefined) part.end = event.end;
    }
  }
}

/** A record with a problem is not remembered by its digest: its host must be read again every time. */
function takeRecord({ digest, read }: Extract<ReportEvent, { kind: 'record' }>, progress: Progress): void {
  const events = read();
  const hosts = events.filter((event) => event.kind === 'host');
  const isWhole = hosts.length === 1 && events.length === 1;
  for (const event of events) {
    if (event.kind === 'problem') tallyProblem(progress.tally, event.problem);
    else takeHost(event.host, isWhole ? digest : '', progress);
  }
}

function takeHost(host: HostObservation, recordDigest: string, progress: Progress): void {
  const at = host.observedAt;
  if (at !== undefined) progress.lastHostAt = Math.max(progress.lastHostAt ?? at, at);
  if (progress.request.assumptions.gather) {
    progress.parts.at(-1)?.listed.add(host.address);
    progress.gatherer.add(host);
  } else if (progress.hosts?.add(host, recordDigest) === false) {
    throw new Duplicate();
  }
}

async function finish(progress: Progress, store: IntakeStore): Promise<IntakeResult> {
  const { request, parts } = progress;
  const place = placeOf(progress);
  const complete = !request.truncated && parts.every(({ end }) => end?.complete === true);
  const { assumptions } = request;
  const isUnsure = place.origin === 'last_host' && assumptions.skipKnown;
  if (complete !== assumptions.complete || place.at !== assumptions.at || isUnsure) {
    const skipKnown = complete && place.origin !== 'last_host';
    return again(progress, { complete, at: place.at, timeOrigin: place.origin, skipKnown });
  }
  if (progress.hosts === undefined) {
    await openHosts(progress, store);
    const hosts = progress.hosts as HostIntake | undefined;
    for (const host of progress.gatherer.drain()) {
      hosts?.add(host, '');
      await hosts?.settle();
    }
  }
  await progress.hosts?.finish();
  return { kind: 'done', summary: summaryOf(progress, complete) };
}

/** Where the scan stands on the timeline: as the upload says, else its end, its last host, its start, its receipt. */
function placeOf({ request, parts, lastHostAt }: Progress): { at: Instant; origin: TimeOrigin } {
  if (request.observedAt !== undefined) return { at: request.observedAt, origin: 'upload' };
  const latest = (times: readonly (Instant | undefined)[]) => {
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? undefined : Math.max(...known);
  };
  const isEnded = parts.every(({ end }) => end?.endedAt !== undefined);
  const ended = isEnded ? latest(parts.map(({ end }) => end?.endedAt)) : undefined;
  if (ended !== undefined) return { at: ended, origin: 'scan_end' };
  if (lastHostAt !== undefined) return { at: lastHostAt, origin: 'last_host' };
  const started = latest(parts.map(({ header }) => header.startedAt));
  if (started !== undefined) return { at: started, origin: 'scan_start' };
  return { at: request.receivedAt, origin: 'receipt' };
}

function summaryOf(progress: Progress, complete: boolean): IntakeSummary {
  const { request, tally, parts, scopes, sources } = progress;
  const { header, end } = parts[0] as Part;
  const broken = request.truncated ? ['the gzip is cut off'] : [];
  const reasons = parts.flatMap((part) =>
    part.end?.complete ? [] : [part.end?.reason ?? 'the file ends before the run does'],
  );
  const endedAt = parts.map((part) => part.end?.endedAt).filter((time) => time !== undefined);
  const ports = portScope(scopes);
  warnOfScope(progress, complete, ports);
  return {
    format: sources[0]?.agent()?.name ?? '',
    tool: header.tool,
    ...(header.version === undefined ? {} : { toolVersion: header.version }),
    ...(header.args === undefined ? {} : { args: header.args }),
    ...(header.startedAt === undefined ? {} : { startedAt: header.startedAt }),
    ...(end === undefined || endedAt.length === 0 ? {} : { endedAt: Math.max(...endedAt) }),
    complete,
    ...(complete ? {} : { partialReason: [...broken, ...reasons].join('; ') }),
    bytes: sources.reduce((sum, source) => sum + source.bytes(), 0),
    sha256s: sources.map((source) => source.digest()),
    more: request.paths.length === 1 && progress.runs > request.run + 1,
    addressOrigin: scopes[0]?.addressOrigin ?? 'listed_hosts',
    portOrigin: scopes[0]?.portOrigin ?? 'none',
    scopePorts: formatPortSet(ports ?? []),
    looks: looksOf(progress),
    hostsListed: tally.hostsListed,
    hostsUp: tally.hostsUp,
    endpointsOpen: tally.endpointsOpen,
    hostsUnchanged: tally.hostsUnchanged,
    changes: tally.changes,
    baselineChanges: tally.baselineChanges,
    newlyOpened: tally.newlyOpened,
    retractions: tally.retractions,
    effect: effectOf(tally),
    problems: tally.problems,
    problemCount: tally.problemCount,
    warnings: warningsOf(tally),
  };
}

function warnOfScope(
  { tally, scopes, request }: Progress,
  complete: boolean,
  ports: PortSet | undefined,
): void {
  if (!complete) tally.warnings.add('The scan is partial: it opens, confirms and adds, but closes nothing.');
  else if (ports === undefined) {
    tally.warnings.add(
      'No scope of ports is known, so nothing was closed. Give the scanned ports with the upload.',
    );
  }
  if (scopes.some(({ addressOrigin }) => addressOrigin === 'listed_hosts')) {
    tally.warnings.add(
      'No scope of addresses is known, so a host that is not listed is not gone. Give the scanned networks with the upload.',
    );
  }
  if (request.assumptions.timeOrigin === 'receipt') {
    tally.warnings.add('The report says no time; the time of its receipt stands for it.');
  }
}

/** The addresses of the scan by profile: the scope where it is known, less what was looked at in another way. */
function looksOf({ hosts }: Progress): IntakeSummary['looks'] {
  const looked = hosts?.looked() ?? [];
  const aside = looked
    .filter(({ scope }) => scope === undefined)
    .map(({ addresses }) => setOfAddresses(addresses));
  return looked
    .map(({ profileId, addresses, scope }) => {
      const set: AddressSet =
        scope === undefined
          ? setOfAddresses(addresses)
          : aside.reduce((rest, others) => subtractAddresses(rest, intersectAddresses(rest, others)), scope);
      return { profileId, addresses: formatAddressSet(set) };
    })
    .filter(({ addresses }) => addresses.length > 0);
}
