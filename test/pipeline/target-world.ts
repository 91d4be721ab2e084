import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DriftEvent, DriftEventFilter, DriftFilter, DriftItem } from '../../src/core/drift-model.ts';
import { formatPort, type PortKey, portKey } from '../../src/core/endpoint.ts';
import type { TargetRefused } from '../../src/core/errors.ts';
import type { Scan } from '../../src/core/model.ts';
import type { Instant } from '../../src/core/observation.ts';
import type { ScannerInput } from '../../src/core/settings.ts';
import type {
  ImportPlan,
  ImportRequest,
  ImportResult,
  TargetPolicyInput,
  TargetSourceInput,
} from '../../src/core/target-model.ts';
import { openApplication } from '../../src/pipeline/application.ts';
import { tickDrift } from '../../src/pipeline/drift-tick.ts';
import { ingestReport } from '../../src/pipeline/ingest.ts';
import { openReaders } from '../../src/pipeline/readers.ts';
import type { Database } from '../../src/store/session.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { nmapReport, type SmallReport } from './nmap-report.ts';

/** A scan that ended an hour before it is taken in, unless told. */
export interface WorldScan extends Omit<SmallReport, 'endedAt' | 'hosts'> {
  /** Name of a scanner. */
  readonly by?: string;
  /** What is open on each host that is up: `22 80`. Other states are written as `22:filtered`, services as `22=ssh`. */
  readonly hosts?: Readonly<Record<string, string>>;
  readonly hoursAgo?: number;
}

/** An import of lines, by default a patch of the source "cmdb". */
export interface WorldImport extends Partial<ImportRequest> {
  /** Name of a source. */
  readonly into?: string;
  readonly dryRun?: boolean;
}

export type TargetWorld = Awaited<ReturnType<typeof openTargetWorld>>;

const readers = openReaders();
const files = temporaryDirectory();
export const hourMs = 3_600_000;

/** An address space of its own with two views, two scanners inside and one outside, a source, and a clock. */
export async function openTargetWorld(
  database: Database,
  { scanners = {} }: { scanners?: Partial<ScannerInput> } = {},
) {
  const mark = randomUUID().slice(0, 8);
  const clock = { now: Date.parse('2026-03-01T00:00:00Z') };
  const now = () => clock.now;
  // Nothing here uploads or follows: both would need a server.
  const application = openApplication(database, { uploads: undefined as never, now });
  const { id: spaceId } = await application.addressSpaces.create({ name: `space ${mark}` });
  const views = new Map<string, number>();
  for (const view of ['inside', 'outside']) {
    const group = { name: `${view} ${mark}`, addressSpaceId: spaceId };
    views.set(view, (await application.scannerGroups.create(group)).id);
  }
  const ids = new Map<string, number>();
  const employ = async (name: string, view: string) => {
    const input = { name: `${name} ${mark}`, groupId: views.get(view) ?? 0, guardShare: 1, ...scanners };
    ids.set(name, (await application.scanners.create(input)).id);
  };
  await employ('a', 'inside');
  await employ('z', 'outside');
  const sources = new Map<string, number>();
  const founded = async (name: string, input: Partial<TargetSourceInput> = {}) => {
    const full = { name: `${name} ${mark}`, addressSpaceId: spaceId, ...input };
    sources.set(name, (await application.targets.sources.create(full)).id);
  };
  await founded('cmdb');
  const world = {
    application,
    database,
    spaceId,
    now,
    /** Begins a second scanner, or a view without one. */
    employ,
    founded,
    scanner: (name: string) => ids.get(name) ?? 0,
    source: (name = 'cmdb') => sources.get(name) ?? 0,
    view: (name: string) => views.get(name) ?? 0,
    /** The name under which inventories know a view. */
    viewName: (name: string) => `${name} ${mark}`,
    wait: (hours: number) => {
      clock.now += hours * hourMs;
    },
    tick: () => tickDrift(database, clock.now),
    scan: (what: WorldScan): Promise<Scan> => scan(world, what),
    /** Imports statements, as JSON lines. */
    declare: (statements: readonly object[], how: WorldImport = {}): Promise<ImportResult> =>
      declare(world, statements, how),
    /** Imports bytes of any format. */
    bring: (bytes: string | Uint8Array, how: WorldImport = {}): Promise<ImportResult> =>
      bring(world, bytes, how),
    plan: (statements: readonly object[], how: WorldImport = {}): Promise<ImportPlan> =>
      application.targets.plan(requestOf(world, how), bytesOf(linesOf(world, statements))),
    policy: (input: Partial<TargetPolicyInput>) =>
      application.targets.policies.set({ addressSpaceId: spaceId, selector: '*', ...input }),
    items: async (filter: DriftFilter = {}, asOf?: Instant): Promise<DriftItem[]> => {
      const request = { limit: 1000, backward: false };
      const page = await application.drift.items.page(
        { addressSpaceIds: [spaceId], ...filter },
        request,
        asOf,
      );
      return page.items.map(({ node }) => node);
    },
    /** Open items, or those of a filter, as `10.0.0.1 22/tcp port_missing`. */
    told: async (filter: DriftFilter = {}, asOf?: Instant): Promise<string[]> =>
      (await world.items(filter, asOf)).map(textOf),
    events: async (filter: DriftEventFilter = {}): Promise<DriftEvent[]> => {
      const request = { limit: 1000, backward: true };
      const page = await application.drift.events.page({ addressSpaceIds: [spaceId], ...filter }, request);
      return page.items.map(({ node }) => node).reverse();
    },
    /** What the log tells, oldest first, as `opened by observation: 10.0.0.1 22/tcp`. */
    logged: async (filter: DriftEventFilter = {}): Promise<string[]> => {
      const events = await world.events(filter);
      return events.map(({ kind, cause, item }) => {
        const what = item === undefined ? 'the target' : `${item.address} ${whatOf(item.port)}`;
        return `${kind} by ${cause}: ${what}`;
      });
    },
    /** What recomputing finds that is stored otherwise. */
    verify: async () => (await application.drift.verify({ addressSpaceId: spaceId })).differences,
  };
  return world;
}

/** `22/tcp`, or `host`. */
export function whatOf(port: PortKey | undefined): string {
  return port === undefined ? 'host' : formatPort(port);
}

/** `10.0.0.1 22/tcp port_missing`, and what is not usual about it. */
export function textOf({ address, port, kind, state, unverifiable }: DriftItem): string {
  const doubt = unverifiable === undefined ? [] : [`(${unverifiable.reason})`];
  return [address, whatOf(port), kind, ...(state === 'open' ? [] : [state]), ...doubt].join(' ');
}

async function scan(
  world: TargetWorld,
  { by = 'a', hosts = {}, hoursAgo = 1, ...report }: WorldScan,
): Promise<Scan> {
  const endedAt = new Date(world.now() - hoursAgo * hourMs).toISOString();
  const listed = Object.entries(hosts).map(([address, ports]) => ({
    address,
    ports: ports
      .split(' ')
      .filter((port) => port !== '')
      .map((port) =>
        port
          .replace(':', ' ')
          .replace('=', ' open ')
          .replace(/^(\d+)$/, '$1 open'),
      ),
  }));
  const path = join(files, randomUUID());
  const options = `-v -T${1 + (Math.floor(world.now() / hourMs) % 5)}`; // No two reports are the same bytes.
  writeFileSync(path, nmapReport({ options, ...report, endedAt, hosts: listed }));
  const request = {
    scannerId: world.scanner(by),
    paths: [path],
    spool: `${path}.spool`,
    receivedAt: world.now(),
  };
  const [result] = await ingestReport(world.database, request, readers.read);
  return result?.scan as Scan;
}

function requestOf(world: TargetWorld, { into = 'cmdb', dryRun: _, ...rest }: WorldImport): ImportRequest {
  return { sourceId: world.source(into), mode: 'patch', format: 'expectations-jsonl', ...rest };
}

function declare(world: TargetWorld, statements: readonly object[], how: WorldImport): Promise<ImportResult> {
  const empty = { format: 'expectations-json' } as const;
  if (statements.length === 0) return bring(world, '{"statements":[]}', { ...empty, ...how });
  return bring(world, linesOf(world, statements), { format: 'expectations-jsonl', ...how });
}

async function bring(
  world: TargetWorld,
  bytes: string | Uint8Array,
  how: WorldImport,
): Promise<ImportResult> {
  const { format: _, ...request } = requestOf(world, how);
  const known = await world.application.targets.sources.find(request.sourceId);
  const expected = request.mode === 'snapshot' ? { expectedRevision: known?.revision ?? 0 } : {};
  return world.application.targets.importInventory(
    {
      ...expected,
      ...request,
      ...(how.format === undefined ? {} : { format: how.format }),
      dryRun: how.dryRun ?? false,
    },
    bytesOf(bytes),
  );
}

/** Views are named as in the world: `inside`, `outside`. */
function linesOf(world: TargetWorld, statements: readonly object[]): string {
  const lines = statements.map((one) => {
    const { view } = one as { view?: string };
    const isKnown = view === 'inside' || view === 'outside';
    return JSON.stringify(isKnown ? { ...one, view: world.viewName(view) } : one);
  });
  return `${lines.join('\n')}\n`;
}

/** Bytes as they come from a client. */
export async function* bytesOf(bytes: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield Buffer.from(bytes);
}

/** TCP. */
export function tcp(port: number): PortKey {
  return portKey('tcp', port);
}

/** The code under which something is refused. */
export async function refusal(work: Promise<unknown>): Promise<TargetRefused> {
  return work.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: TargetRefused) => error,
  );
}

/** What a source declares now, as `name expect`. */
export async function standing(world: TargetWorld, into = 'cmdb', filter: object = {}): Promise<string[]> {
  const { statements } = world.application.targets;
  const page = await statements.page(
    { sourceIds: [world.source(into)], ...filter },
    { limit: 1000, backward: false },
  );
  return page.items.map(({ node }) => `${node.externalId} ${node.subject.expect}`).sort();
}
