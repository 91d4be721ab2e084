import type { ForgetRequest, PreviewRequest, PruneRequest, ScanAction } from '../core/decisions.ts';
import type { PageRequest, Scanner } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import type {
  FleetQuestion,
  HistoryPlace,
  InconsistencyFilter,
  ScanComparison,
  StateComparison,
  TwinFilter,
  VantageQuestion,
} from '../core/questions.ts';
import type { ScanId } from '../core/state.ts';
import { createCoverage } from '../store/coverage.ts';
import type { Reader } from '../store/evidence.ts';
import { countInconsistencies, pageOfInconsistencies } from '../store/inconsistencies.ts';
import { countScanDifferences, countScanLines, pageOfScanDifferences } from '../store/scan-differences.ts';
import { healthOfScanners } from '../store/scanner-health.ts';
import { lockScanner, retireScanner } from '../store/scanners.ts';
import type { Database } from '../store/session.ts';
import { countDifferences, pageOfDifferences } from '../store/state-differences.ts';
import { countTwins, pageOfTwins } from '../store/twins.ts';
import { countVantage, pageOfVantage } from '../store/vantage.ts';
import { driftAfterDecision } from './drift.ts';
import { forgetHost } from './forget.ts';
import { fleetCounts, historiesOf } from './history.ts';
import { prune } from './prune.ts';
import { decideScan } from './scan-status.ts';
import { previewThresholds } from './threshold-preview.ts';

/** What can be asked about the evidence: its history, and what different scanners make of the same thing. */
export function evidenceOf(reader: Reader, now: () => Instant) {
  const { session } = reader;
  return {
    history: {
      of: (places: readonly HistoryPlace[]) => historiesOf(session, places, now()),
      fleet: (question: FleetQuestion) => fleetCounts(session, question),
    },
    differences: {
      page: (comparison: StateComparison, page: PageRequest) => pageOfDifferences(session, comparison, page),
      counts: (comparison: StateComparison) => countDifferences(session, comparison),
      count: async (comparison: StateComparison) => {
        const { host, names, port, service } = await countDifferences(session, comparison);
        return host + names + port + service;
      },
    },
    scanDifferences: {
      page: (comparison: ScanComparison, page: PageRequest) =>
        pageOfScanDifferences(session, comparison, page),
      count: (comparison: ScanComparison) => countScanLines(session, comparison),
      counts: (comparison: ScanComparison) => countScanDifferences(session, comparison),
    },
    inconsistencies: {
      page: (filter: InconsistencyFilter, page: PageRequest) => pageOfInconsistencies(reader, filter, page),
      count: (filter: InconsistencyFilter) => countInconsistencies(reader, filter),
    },
    vantage: {
      page: (question: VantageQuestion, page: PageRequest, asOf?: Instant) =>
        pageOfVantage(readerAsOf(reader, asOf), question, page),
      count: (question: VantageQuestion, asOf?: Instant) => countVantage(readerAsOf(reader, asOf), question),
    },
    twins: {
      page: (filter: TwinFilter, page: PageRequest) => pageOfTwins(reader, filter, page),
      count: (filter: TwinFilter) => countTwins(reader, filter),
    },
  };
}

/** What people decide about the evidence. */
export function decisionsOf(database: Database, now: () => Instant) {
  return {
    decideScan: (id: ScanId, action: ScanAction) => decideScan(database, id, { action, now: now() }),
    previewThresholds: (request: PreviewRequest) => previewThresholds(database, request),
    prune: (request: PruneRequest) => prune(database, request, now()),
    forgetHost: (request: ForgetRequest) => forgetHost(database, request, now()),
    healthOf: (scanners: readonly Scanner[]) => healthOfScanners(database, scanners, now()),
    retireScanner: (id: number) =>
      database.transaction(async (session) => {
        const known = await lockScanner(session, id);
        const retired = await retireScanner(session, known, now());
        const decision = { scanner: retired, within: undefined, cause: 'host_retired', now: now() } as const;
        await driftAfterDecision(session, decision);
        return retired;
      }),
  };
}

/** A reader of a past moment keeps nothing: scans of any time may still come or go. */
export function readerAsOf(reader: Reader, asOf: Instant | undefined): Reader {
  return asOf === undefined ? reader : { session: reader.session, coverage: createCoverage(asOf), asOf };
}
