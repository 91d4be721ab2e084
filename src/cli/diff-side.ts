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
import { hintsOf, looksOfParts, scopeOf } from '../pipeline/intake-scope.ts';
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
  /** The records that were not read, because `known` has them. */
  readonly shared: ReadonlyMap<string, Address>;
}

/** Host records by their digest, as long as both reports are read in the same way. */
export interface KnownRecords {
  /** Format and scope in one text. */
  readonly manner: string;
  readonly addresses: ReadonlyMap<string, Address>;
}

/**
 * Reads a report for a comparison, but not the records that `known` has with the same bytes. Damage inside of such
 * a record is not noticed and need not be: it is about one address, and says the same of it on both sides.
 * Throws ReportRefused and ReportRejected.
 */
export async function readSide(request: SideRequest, known?: KnownRecords): Promise<Side> {
  if (request.file === '-') return await read(request, { gathers: true });
  try {
    return await read(request, { gathers: false, known });
  } catch (error) {
    if (error instanceof Scattered) return await read(request, { gathers: true });
    throw error;
  }
}

/** The digests of a report's regular records, without reading them; undefined where a host has two of them. */
export async function indexRecords(request: SideRequest): Promise<KnownRecords | undefined> {
  const reading = newReading(request, { gathers: false });
  const addresses = new Map<string, Address>();
  const seen = new Set<Address>();
  try {
    await readEvents(reading, (event) => {
      if (event.kind === 'run') beginRun(event.run, reading);
      const address = event.kind === 'record' ? event.address() : undefined;
      if (event.kind !== 'record' || address === undefined) return;
      if (seen.has(address)) throw new Scattered();
      seen.add(address);
      addresses.set(event.digest, address);
    });
  } catch (error) {
    if (error instanceof Scattered) return undefined;
    throw error;
  }
  return { manner: reading.manner ?? '', addresses };
}

/** Several records speak of one host, so that they must be gathered before any can be used. */
class Scattered extends Error {
  override readonly name = 'Scattered';
}

const problemsMax = 5;

interface Reading {
  readonly request: SideRequest;
  readonly known: KnownRecords | undefined;
  /** Only where hosts are gathered. */
  readonly gatherer: Gatherer | undefined;
  agent: InputAgent | undefined;
  readonly runs: SideRun[];
  readonly texts: Map<Address, string>;
  readonly timedOut: Set<Address>;
  readonly shared: Map<string, Address>;
  readonly alike: Set<Address>;
  manner: string | undefined;
  profile: Profile | undefined;
  readonly problems: Problem[];
  problemCount: number;
  hostsOutside: number;
}

interface Manner {
  readonly gathers: boolean;
  readonly known?: KnownRecords | undefined;
}

function newReading(request: SideRequest, { gathers, known }: Manner): Reading {
  return {
    request,
    known,
    gatherer: gathers ? newGatherer() : undefined,
    agent: undefined,
    runs: [],
    texts: new Map(),
    timedOut: new Set(),
    shared: new Map(),
    alike: new Set(),
    manner: undefined,
    profile: undefined,
    problems: [],
    problemCount: 0,
    hostsOutside: 0,
  };
}

async function read(request: SideRequest, manner: Manner): Promise<Side> {
  const reading = newReading(request, manner);
  await readEvents(reading, (event) => take(event, reading));
  return sideOf(reading);
}

async function readEvents(reading: Reading, use: (event: ReportEvent) => void): Promise<void> {
  const { file, format } = reading.request;
  await withProgress(file, async (bytes) => {
    const onAgent = (agent: InputAgent) => {
      reading.agent = agent;
    };
    const options = { onAgent, hints: hintsOf(givenWith(reading.request)) };
    for await (const events of readReport(bytes, { ...options, ...(format === undefined ? {} : { format }) }))
      for (const event of events) use(event);
  });
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
  const scope = scopeOf(header, givenWith(request));
  runs.push({ header, scope, listed: new Set(), end: undefined });
  reading.profile = profileOf(scope, header);
  reading.manner = mannerOf(agent, scope, reading.profile);
}

function givenWith({ addresses, ports }: SideRequest): Parameters<typeof scopeOf>[1] {
  const upload = {
    ...(addresses === undefined ? {} : { addresses }),
    ...(ports === undefined ? {} : { ports }),
  };
  return { upload, scannerDefault: {} };
}

/** Equal bytes are equal facts where this is equal too. */
function mannerOf(
  agent: InputAgent | undefined,
  scope: ResolvedScope,
  { ports, names, status }: Profile,
): string {
  return JSON.stringify([agent?.name, scope.ports !== undefined, formatPortSet(ports), names, status]);
}

function takeRecord(event: Extract<ReportEvent, { kind: 'record' }>, reading: Reading): void {
  const address = sharedAddress(event.digest, reading);
  if (address === undefined) {
    for (const part of event.read()) take(part, reading);
    return;
  }
  if (reading.texts.has(address) || reading.alike.has(address)) throw new Scattered();
  reading.shared.set(event.digest, address);
  reading.alike.add(address);
  reading.runs.at(-1)?.listed.add(address);
}

/** Whose record this is, where the other report has it too. */
function sharedAddress(digest: string, reading: Reading): Address | undefined {
  const { known, manner, gatherer } = reading;
  if (known === undefined || known.manner !== manner || gatherer !== undefined) return undefined;
  const address = known.addresses.get(digest);
  return address !== undefined && isInside(address, reading) ? address : undefined;
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
  else if (texts.has(address) || reading.alike.has(address)) throw new Scattered();
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
  const { request, runs, texts, timedOut, alike, shared, agent, gatherer } = reading;
  const { problems, problemCount } = reading;
  const scopes = runs.map(({ scope }) => scope);
  const looks = looksOfParts(runs, scopes);
  if (gatherer !== undefined) keepGathered(gatherer, looks, reading);
  const { hostsOutside } = reading;
  return {
    file: request.file,
    format: agent?.name ?? 'unknown',
    runs,
    looks,
    texts,
    timedOut,
    alike,
    shared,
    problems,
    problemCount,
    hostsOutside,
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
