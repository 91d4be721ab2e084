import { type Address, positionOf } from '../core/address.ts';
import { holdsAddress } from '../core/address-set.ts';
import type { ScanSights } from '../core/compare-scans.ts';
import { contentOf, encodeContent } from '../core/content.ts';
import { formatPortSet, holdsPort, type PortSet } from '../core/endpoint.ts';
import { contains } from '../core/intervals.ts';
import type { HostObservation } from '../core/observation.ts';
import type { Look, Profile } from '../core/scope.ts';
import { partialProfile, profileOf, type ResolvedScope } from '../core/scope-resolution.ts';
import type { InputAgent, Problem, ReportEvent, RunEnd, RunHeader } from '../input/agent.ts';
import { type Gatherer, newGatherer } from '../input/gather.ts';
import { readReport } from '../input/read-report.ts';
import { looksOfParts, scopeOf } from '../pipeline/intake-scope.ts';
import { withProgress } from './report-file.ts';

/** A report to compare, and what it does not say itself. */
export interface SideRequest {
  readonly file: string;
  readonly format?: string | undefined;
  readonly addresses?: readonly string[] | undefined;
  readonly ports?: string | undefined;
}

/** One run of a report. */
export interface SideRun {
  readonly header: RunHeader;
  readonly scope: ResolvedScope;
  readonly listed: Set<Address>;
  end: RunEnd | undefined;
}

/** One report, read to its end and kept small. */
export interface Side extends ScanSights {
  readonly file: string;
  readonly format: string;
  readonly runs: readonly SideRun[];
  /** The first of them. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  /** Listed hosts beyond the given scope; they are left out. */
  readonly hostsOutside: number;
  readonly records: Records;
}

/** Host records whose facts are known by their digest, as long as both reports are read in the same way. */
export interface Records {
  /** Format and scope in one text; undefined where nothing may be known by its digest. */
  readonly manner: string | undefined;
  readonly addresses: ReadonlyMap<string, Address>;
  readonly texts: ReadonlyMap<Address, string>;
}

/**
 * Reads a report for a comparison. Records that `known` has seen with the same bytes are not read again.
 * Throws ReportRefused and ReportRejected.
 */
export async function readSide(request: SideRequest, known?: Records): Promise<Side> {
  if (request.file === '-') return await read(request, { gathers: true });
  try {
    return await read(request, { gathers: false, known });
  } catch (error) {
    if (error instanceof Scattered) return await read(request, { gathers: true });
    throw error;
  }
}

/** Several records speak of one host, so that they must be gathered before any can be used. */
class Scattered extends Error {
  override readonly name = 'Scattered';
}

const problemsMax = 5;

interface Reading {
  readonly request: SideRequest;
  readonly known: Records | undefined;
  /** Only where hosts are gathered. */
  readonly gatherer: Gatherer | undefined;
  agent: InputAgent | undefined;
  readonly runs: SideRun[];
  readonly texts: Map<Address, string>;
  readonly timedOut: Set<Address>;
  readonly addresses: Map<string, Address>;
  manner: string | undefined;
  profile: Profile | undefined;
  readonly problems: Problem[];
  problemCount: number;
  hostsOutside: number;
}

async function read(
  request: SideRequest,
  { gathers, known }: { gathers: boolean; known?: Records | undefined },
): Promise<Side> {
  const reading: Reading = {
    request,
    known,
    gatherer: gathers ? newGatherer() : undefined,
    agent: undefined,
    runs: [],
    texts: new Map(),
    timedOut: new Set(),
    addresses: new Map(),
    manner: undefined,
    profile: undefined,
    problems: [],
    problemCount: 0,
    hostsOutside: 0,
  };
  await withProgress(request.file, async (bytes) => {
    const onAgent = (agent: InputAgent) => {
      reading.agent = agent;
    };
    const { format } = request;
    for await (const events of readReport(bytes, { onAgent, ...(format === undefined ? {} : { format }) })) {
      for (const event of events) take(event, reading);
    }
  });
  return sideOf(reading);
}

function take(event: ReportEvent, reading: Reading): void {
  const run = reading.runs.at(-1);
  switch (event.kind) {
    case 'run':
      beginRun(event.run, reading);
      return;
    case 'record':
      takeRecord(event, reading);
      return;
    case 'host':
      takeHost(event.host, reading);
      return;
    case 'problem':
      reading.problemCount += 1;
      if (reading.problems.length < problemsMax) reading.problems.push(event.problem);
      return;
    case 'end':
      if (run !== undefined) run.end = event.end;
  }
}

function beginRun(header: RunHeader, reading: Reading): void {
  const { request, runs, agent } = reading;
  const isFirst = runs.length === 0;
  if (reading.gatherer === undefined && (!isFirst || agent?.scattered === true)) throw new Scattered();
  const { addresses, ports } = request;
  const given = {
    ...(addresses === undefined ? {} : { addresses }),
    ...(ports === undefined ? {} : { ports }),
  };
  const scope = scopeOf(header, { upload: given, scannerDefault: {} });
  runs.push({ header, scope, listed: new Set(), end: undefined });
  reading.profile = profileOf(scope, header);
  reading.manner = mannerOf(agent, scope, reading.profile);
}

/** Equal bytes are equal facts where this is equal too. */
function mannerOf(
  agent: InputAgent | undefined,
  scope: ResolvedScope,
  { ports, names, status }: Profile,
): string {
  return JSON.stringify([agent?.name, scope.ports !== undefined, formatPortSet(ports), names, status]);
}

function takeRecord(
  { digest, read: readEvents }: Extract<ReportEvent, { kind: 'record' }>,
  reading: Reading,
): void {
  const { known, texts } = reading;
  const address =
    known !== undefined && known.manner === reading.manner ? known.addresses.get(digest) : undefined;
  if (address !== undefined && !texts.has(address) && isInside(address, reading)) {
    texts.set(address, known?.texts.get(address) as string);
    reading.runs.at(-1)?.listed.add(address);
    return;
  }
  const events = readEvents();
  for (const event of events) take(event, reading);
  const [only, more] = events;
  // A record with a problem must be read every time, and one of several hosts is not worth remembering.
  if (only?.kind !== 'host' || more !== undefined || only.host.timedOut || known !== undefined) return;
  if (texts.has(only.host.address)) reading.addresses.set(digest, only.host.address);
}

function isInside(address: Address, { runs }: Reading): boolean {
  const addresses = runs.at(-1)?.scope.addresses;
  return addresses === undefined || holdsAddress(addresses, address);
}

function takeHost(host: HostObservation, reading: Reading): void {
  const { address } = host;
  const { gatherer, texts } = reading;
  const run = reading.runs.at(-1);
  if (run === undefined || reading.profile === undefined) return;
  run.listed.add(address);
  if (gatherer !== undefined) gatherer.add(host);
  else if (texts.has(address)) throw new Scattered();
  else if (!isInside(address, reading)) reading.hostsOutside += 1;
  else keep(host, run.scope.ports, reading.profile, reading);
}

/** Keeps what a host says under its look. Ports beyond a known scope say nothing. */
function keep(host: HostObservation, ports: PortSet | undefined, profile: Profile, reading: Reading): void {
  const isWithin = ports === undefined || host.ports.every(({ port }) => holdsPort(ports, port));
  const within = isWithin
    ? host
    : { ...host, ports: host.ports.filter(({ port }) => holdsPort(ports, port)) };
  const content = contentOf(within, host.timedOut ? partialProfile(profile) : profile);
  reading.texts.set(host.address, encodeContent(content));
  if (host.timedOut) reading.timedOut.add(host.address);
}

function sideOf(reading: Reading): Side {
  const { request, runs, texts, timedOut, agent, addresses, gatherer } = reading;
  const looks = looksOfParts(
    runs,
    runs.map(({ scope }) => scope),
  );
  if (gatherer !== undefined) keepGathered(gatherer, looks, reading);
  return {
    file: request.file,
    format: agent?.name ?? 'unknown',
    runs,
    looks,
    texts,
    timedOut,
    problems: reading.problems,
    problemCount: reading.problemCount,
    hostsOutside: reading.hostsOutside,
    records: { manner: gatherer === undefined ? reading.manner : undefined, addresses, texts },
  };
}

function keepGathered(gatherer: Gatherer, looks: readonly Look[], reading: Reading): void {
  const isScoped = reading.runs.every(({ scope }) => scope.ports !== undefined);
  for (const host of gatherer.drain()) {
    const position = positionOf(host.address);
    const look = looks.find(({ addresses }) => contains(addresses, position));
    if (look === undefined) {
      reading.hostsOutside += 1;
      continue;
    }
    const { profile } = look;
    keep(host, isScoped && profile.complete ? profile.ports : undefined, profile, reading);
  }
}
