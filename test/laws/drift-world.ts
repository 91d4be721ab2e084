import { randomUUID } from 'node:crypto';
import type { DriftVerification } from '../../src/core/drift-model.ts';
import { NotFound } from '../../src/core/errors.ts';
import { defaultThresholds, type Thresholds } from '../../src/core/fold.ts';
import type { Undeclared } from '../../src/core/target.ts';
import { brakeKinds, type ImportMode, type ImportResult } from '../../src/core/target-model.ts';
import { openApplication } from '../../src/pipeline/application.ts';
import { tickDrift } from '../../src/pipeline/drift-tick.ts';
import { ingestReport } from '../../src/pipeline/ingest.ts';
import { openReaders } from '../../src/pipeline/readers.ts';
import type { Database } from '../../src/store/session.ts';
import type { Report } from './reports.ts';
import { reportFile } from './stored.ts';
import { instantOf } from './world.ts';

const hourMs = 3_600_000;

/** One address space with two views, three scanners and two sources, and a clock. */
export interface DriftWorld {
  wait(hours: number): void;
  tick(): Promise<void>;
  scan(which: number, report: Report): Promise<void>;
  import(what: {
    source: number;
    mode: Extract<ImportMode, 'snapshot' | 'patch'>;
    statements: readonly object[];
  }): Promise<ImportResult>;
  policy(what: {
    selector: string;
    undeclaredPorts: Undeclared;
    undeclaredHosts: Undeclared;
    staleAfterHours: number | null;
    assessServices: boolean;
  }): Promise<void>;
  /** Discards an applied scan, restores a discarded one. */
  decide(which: number): Promise<void>;
  forget(address: string): Promise<void>;
  rethreshold(limits: Thresholds): Promise<void>;
  verify(): Promise<DriftVerification['differences']>;
}

const readers = openReaders();

/** A world of its own, so that many stories fit in one database. */
export async function openDriftWorld(
  database: Database,
  { name, thresholds = defaultThresholds }: { name: string; thresholds?: Thresholds },
): Promise<DriftWorld> {
  let now = instantOf({ time: 14 });
  // Nothing here uploads or follows: both would need a server.
  const application = openApplication(database, { uploads: undefined as never, now: () => now });
  const { addressSpaces, scannerGroups, scanners, targets, drift, decisions } = application;
  const space = await addressSpaces.create({ name });
  const addressSpaceId = space.id;
  const views = new Map<string, string>();
  const groups: number[] = [];
  for (const view of ['first', 'second']) {
    views.set(view, `${view} ${name}`);
    groups.push((await scannerGroups.create({ name: `${view} ${name}`, addressSpaceId })).id);
  }
  const [first = 0, second = 0] = groups;
  const ids: number[] = [];
  for (const groupId of [first, first, second]) {
    ids.push((await scanners.create({ name: randomUUID(), groupId, thresholds, guardShare: 1 })).id);
  }
  const sources = [
    await targets.sources.create({ name: `a ${name}`, addressSpaceId }),
    await targets.sources.create({ name: `b ${name}`, addressSpaceId, priority: 5 }),
  ];
  const taken: number[] = [];
  return {
    wait: (hours) => {
      now += hours * hourMs;
    },
    tick: async () => {
      await tickDrift(database, now);
    },
    async scan(which, { text, upload }) {
      const path = reportFile(text);
      const scannerId = ids[which % ids.length] as number;
      const request = { scannerId, paths: [path], spool: `${path}.spool`, receivedAt: now, ...upload };
      for (const { scan } of await ingestReport(database, request, readers.read)) taken.push(scan.id);
    },
    async import({ source, mode, statements }) {
      const { id } = sources[source] as { id: number };
      const known = await targets.sources.find(id);
      const lines = statements.map((one, i) => JSON.stringify(inventoryLine(one, i, views)));
      const text = lines.length === 0 ? '{"statements":[]}' : `${lines.join('\n')}\n`;
      return targets.importInventory(
        {
          sourceId: id,
          mode,
          format: lines.length === 0 ? 'expectations-json' : 'expectations-jsonl',
          dryRun: false,
          expectedRevision: known?.revision ?? 0,
          override: { brakes: brakeKinds, reason: 'a law' },
        },
        bytesOf(text),
      );
    },
    async policy({ staleAfterHours, ...words }) {
      const staleAfterSeconds = staleAfterHours === null ? null : staleAfterHours * 3600;
      await targets.policies.set({ addressSpaceId, ...words, staleAfterSeconds });
    },
    async decide(which) {
      const id = taken[which % Math.max(1, taken.length)];
      const scan = id === undefined ? undefined : await application.scans.find(id);
      if (scan === undefined) return;
      await decisions.decideScan(scan.id, scan.status === 'applied' ? 'discard' : 'restore');
    },
    async forget(address) {
      await decisions.forgetHost({ addressSpaceId, address }).catch((error: unknown) => {
        if (!(error instanceof NotFound)) throw error; // Nobody saw it yet.
      });
    },
    async rethreshold(limits) {
      await scanners.update(ids[0] as number, { thresholds: limits });
    },
    verify: async () => (await drift.verify({ addressSpaceId })).differences,
  };
}

/** What a story says: a statement with hours for times, or a member of a group. */
interface Told {
  readonly group?: string;
  readonly view?: string;
  readonly validFrom?: number;
  readonly validFor?: number;
}

/** A statement as a line of JSON: views by their real names. Only the first has no name of its own. */
function inventoryLine({ view, validFrom, validFor, ...rest }: Told, index: number, views: Views): object {
  if (rest.group !== undefined) return rest;
  const time = (hours: number) => new Date(instantOf({ time: 0 }) + hours * hourMs).toISOString();
  return {
    ...rest,
    ...(index === 0 ? {} : { externalId: `statement ${index}` }),
    ...(view === undefined ? {} : { view: views.get(view) ?? '*' }),
    ...(validFrom === undefined ? {} : { validFrom: time(validFrom) }),
    ...(validFor === undefined ? {} : { validUntil: time((validFrom ?? 0) + validFor + 1) }),
  };
}

type Views = ReadonlyMap<string, string>;

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
