import { assert } from '../core/assert.ts';
import type { AddressSpace, Scan, Scanner, ScannerGroup } from '../core/model.ts';
import type { ScanId } from '../core/state.ts';
import type { StoredStatement, TargetSource } from '../core/target-model.ts';
import { limits } from '../limits.ts';
import type { Application, Nouns, Uploads } from './context.ts';

/** What every resolver gets. */
export interface GraphqlContext {
  readonly application: Application;
  readonly uploads: Uploads;
  readonly loaders: Loaders;
  /** Where this server is reached, such as `http://127.0.0.1:8155`. */
  readonly origin: string;
  /** Ends all subscriptions when the server stops. */
  readonly stopping: AbortSignal;
}

/** Things that many items of an answer refer to, each read once. */
export interface Loaders {
  readonly addressSpaces: SmallTable<AddressSpace>;
  readonly scannerGroups: SmallTable<ScannerGroup>;
  readonly scanners: SmallTable<Scanner>;
  readonly targetSources: SmallTable<TargetSource>;
  /** Undefined for what no longer exists: a source that is removed takes its statements with it. */
  statement(id: number): Promise<StoredStatement | undefined>;
  scan(id: ScanId): Promise<Scan>;
  /** After a write: what was read before may be wrong now. */
  forget(): void;
}

/** A table that is read whole. */
export interface SmallTable<T> {
  all(): Promise<readonly T[]>;
  find(id: number): Promise<T | undefined>;
  findByName(name: string): Promise<T | undefined>;
  /** For references that the database guarantees. */
  get(id: number): Promise<T>;
}

/** How long a subscription may hold on to what it read; requests are shorter. */
const maxAgeMs = 1000;

/** The loaders of one request or subscription. */
export function createLoaders(
  application: Application,
  now: () => number = () => performance.now(),
): Loaders {
  const addressSpaces = createTable(application.addressSpaces, now);
  const scannerGroups = createTable(application.scannerGroups, now);
  const scanners = createTable(application.scanners, now);
  const targetSources = createTable(application.targets.sources, now);
  // Rows of statements are never changed but for their end, so that one request may keep what it read.
  const statements = new Map<number, Promise<StoredStatement | undefined>>();
  const scans = new Map<ScanId, Promise<Scan | undefined>>();
  const findScan = batched<ScanId, Scan>(async (ids) => {
    const found = await application.scans.findMany(ids);
    return new Map(found.map((scan) => [scan.id, scan]));
  });
  let scansSince = now();

  return {
    addressSpaces,
    scannerGroups,
    scanners,
    targetSources,
    statement: (id) => {
      if (statements.size >= limits.pageItemsMax) statements.clear();
      const loading = statements.get(id) ?? application.targets.statements.find(id);
      statements.set(id, loading);
      return loading;
    },
    scan: async (id) => {
      if (now() - scansSince > maxAgeMs) {
        scans.clear();
        scansSince = now();
      }
      const loading = scans.get(id) ?? findScan(id);
      scans.set(id, loading);
      const scan = await loading;
      assert(scan !== undefined, 'a scan that is referred to exists');
      return scan;
    },
    forget: () => {
      for (const table of [addressSpaces, scannerGroups, scanners, targetSources]) table.forget();
      scans.clear();
      statements.clear();
    },
  };
}

interface Named {
  readonly id: number;
  readonly name: string;
}

function createTable<T extends Named, Input>(
  nouns: Nouns<T, Input>,
  now: () => number,
): SmallTable<T> & { forget(): void } {
  let loaded: { readonly at: number; readonly rows: Promise<readonly T[]> } | undefined;
  const all = () => {
    if (loaded === undefined || now() - loaded.at > maxAgeMs) loaded = { at: now(), rows: nouns.all() };
    return loaded.rows;
  };
  const find = async (id: number) => (await all()).find((row) => row.id === id);
  return {
    all,
    find,
    findByName: async (name) => (await all()).find((row) => row.name === name),
    get: async (id) => {
      const row = await find(id);
      assert(row !== undefined, 'a thing that is referred to exists');
      return row;
    },
    forget: () => {
      loaded = undefined;
    },
  };
}

/** Collects the keys that are asked for in one go and loads them together. */
function batched<Key, Value>(
  loadMany: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
): (key: Key) => Promise<Value | undefined> {
  let waiting: { readonly keys: Key[]; readonly values: Promise<ReadonlyMap<Key, Value>> } | undefined;
  return async (key) => {
    if (waiting === undefined || waiting.keys.length >= limits.pageItemsMax)
      waiting = collect(loadMany, () => {
        waiting = undefined;
      });
    waiting.keys.push(key);
    return (await waiting.values).get(key);
  };
}

function collect<Key, Value>(
  loadMany: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
  start: () => void,
): { keys: Key[]; values: Promise<ReadonlyMap<Key, Value>> } {
  const keys: Key[] = [];
  // After all promises that are settled already: then all siblings have asked.
  const values = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
    start();
    return loadMany(keys);
  });
  return { keys, values };
}
