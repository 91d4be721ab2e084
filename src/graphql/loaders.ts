import { assert } from '../core/assert.ts';
import type { ScannerHistory } from '../core/history.ts';
import type {
  AddressSpace,
  ChangePlace,
  CountedPage,
  EndpointPlace,
  EndpointRecord,
  Host,
  HostPlace,
  LoggedChange,
  Page,
  PageRequest,
  RawLook,
  Scan,
  Scanner,
  ScannerGroup,
} from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import type { HistoryPlace } from '../core/questions.ts';
import type { ScannerHealth } from '../core/scan-event.ts';
import type { ScanId } from '../core/state.ts';
import type { StoredStatement, TargetSource } from '../core/target-model.ts';
import { limits } from '../limits.ts';
import { type Batched, batched } from './batch.ts';
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
  readonly host: Batched<HostPlace, Moment, Host | undefined>;
  readonly endpoint: Batched<EndpointPlace, Moment, EndpointRecord>;
  readonly rawLooks: Batched<EndpointPlace, Moment, readonly RawLook[]>;
  readonly endpointsOfHost: Batched<HostPlace, PageOfMoment, CountedPage<EndpointRecord>>;
  readonly change: Batched<string, null, LoggedChange | undefined>;
  /** Entries about a host or endpoint. */
  readonly changesAt: Batched<ChangePlace, PageOfMoment, Page<LoggedChange>>;
  readonly countChangesAt: Batched<ChangePlace, Moment, number>;
  readonly history: Batched<HistoryPlace, null, readonly ScannerHistory[]>;
  readonly health: Batched<Scanner, null, ScannerHealth | undefined>;
  /** After a write: what was read before may be wrong now. */
  forget(): void;
}

/** The past moment that is asked about; undefined for the present. */
interface Moment {
  readonly asOf: Instant | undefined;
}

interface PageOfMoment extends Moment {
  readonly request: PageRequest;
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
  const findScan = batched(async (ids: readonly ScanId[], _: null) => {
    const found = new Map((await application.scans.findMany(ids)).map((scan) => [scan.id, scan]));
    return ids.map((id) => found.get(id));
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
    ...evidenceLoaders(application),
    scan: async (id) => {
      if (now() - scansSince > maxAgeMs) {
        scans.clear();
        scansSince = now();
      }
      const loading = scans.get(id) ?? findScan(id, null);
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

/** What hangs on each row of a page is read for the whole page. */
function evidenceLoaders({ hosts, endpoints, changes, decisions, history }: Application) {
  const kindOf = ({ port }: ChangePlace) => (port === undefined ? 'host' : 'endpoint');
  const changesAt = batched(
    (places: readonly ChangePlace[], { request, asOf }: PageOfMoment & { kind: string }) =>
      changes.pagesAt(places, request, asOf),
  );
  const countChangesAt = batched((places: readonly ChangePlace[], { asOf }: Moment & { kind: string }) =>
    changes.countAt(places, asOf),
  );
  return {
    host: batched((places: readonly HostPlace[], { asOf }: Moment) => hosts.findMany(places, asOf)),
    endpoint: batched((places: readonly EndpointPlace[], { asOf }: Moment) =>
      endpoints.findMany(places, asOf),
    ),
    rawLooks: batched((places: readonly EndpointPlace[], { asOf }: Moment) =>
      endpoints.rawLooks(places, asOf),
    ),
    endpointsOfHost: batched((places: readonly HostPlace[], { request, asOf }: PageOfMoment) =>
      endpoints.pagesOfHosts(places, request, asOf),
    ),
    history: batched((places: readonly HistoryPlace[], _: null) => history.of(places)),
    health: batched(async (scanners: readonly Scanner[], _: null) => {
      const found = new Map((await decisions.healthOf(scanners)).map((one) => [one.scannerId, one]));
      return scanners.map(({ id }) => found.get(id));
    }),
    change: batched((ids: readonly string[], _: null) => changes.findMany(ids)),
    changesAt: (place: ChangePlace, args: PageOfMoment) => changesAt(place, { ...args, kind: kindOf(place) }),
    countChangesAt: (place: ChangePlace, { asOf }: Moment) =>
      countChangesAt(place, { asOf, kind: kindOf(place) }),
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
