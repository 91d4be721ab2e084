import {
  type Address,
  addressAt,
  compareAddresses,
  familyOf,
  parseAddress,
  positionOf,
} from '../core/address.ts';
import { addressesOfFilter } from '../core/address-filter.ts';
import type { Unverifiable } from '../core/drift.ts';
import type {
  Compliance,
  CoverageGrouping,
  CoverageRow,
  DriftPlace,
  DriftVerification,
  UnscannedTarget,
} from '../core/drift-model.ts';
import type { HostTarget } from '../core/expectation.ts';
import type { Page, PageRequest } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import type { Statement } from '../core/target.ts';
import { limits } from '../limits.ts';
import { watchedPage, watchesOf } from '../store/drift-hosts.ts';
import { pageOfDriftItems } from '../store/drift-items.ts';
import { type CursorFormat, packFields, pageOf, stretchOf, unpackFields } from '../store/page.ts';
import type { Session } from '../store/session.ts';
import { type GroupOfScanners, groupsInService } from '../store/side-by-side.ts';
import { type Assessing, type Judgement, judgeHosts, judgeInBatches, placeOf } from './assess.ts';
import { assessingOf, hostsIn } from './drift.ts';
import { presentTarget } from './target-cache.ts';

/** The views that a question is about, ready to be assessed; none where nothing is declared. */
async function viewsOf(
  session: Session,
  { addressSpaceId, scannerGroupIds }: DriftPlace,
  now: Instant,
): Promise<{ readonly view: GroupOfScanners; readonly assessing: Assessing }[]> {
  const target = await presentTarget(session, addressSpaceId);
  if (target === undefined) return [];
  const views = await groupsInService(session, { addressSpaceIds: [addressSpaceId], scannerGroupIds });
  const origin = { at: now, cause: 'observation' } as const;
  return views
    .filter(({ scanners }) => scanners.length > 0)
    .map((view) => ({ view, assessing: assessingOf(session, { target, view, origin }) }));
}

/** Judges every host of a place, some at a time. */
async function* judgeAll(
  session: Session,
  place: DriftPlace,
  now: Instant,
): AsyncGenerator<{ readonly view: GroupOfScanners; readonly judged: readonly Judgement[] }> {
  const within = addressesOfFilter(place.networks === undefined ? {} : { networks: place.networks });
  for (const { view, assessing } of await viewsOf(session, place, now)) {
    const addresses = await hostsIn(session, { view, index: assessing.index, within });
    for await (const judged of judgeInBatches(assessing, addresses)) yield { view, judged };
  }
}

/** How many declared cells could be verified, by view, network or owner. Throws BadInput. */
export async function coverageOf(
  session: Session,
  { place, groupBy, now }: { place: DriftPlace; groupBy: CoverageGrouping; now: Instant },
): Promise<CoverageRow[]> {
  const rows = new Map<string, { -readonly [K in keyof CoverageRow]: CoverageRow[K] }>();
  const rowOf = (key: string) => {
    const row = rows.get(key) ?? {
      key,
      declared: 0,
      verified: 0,
      stale: 0,
      neverScanned: 0,
      inconclusive: 0,
    };
    rows.set(key, row);
    return row;
  };
  for await (const { view, judged } of judgeAll(session, place, now)) {
    for (const judgement of judged) {
      for (const cell of declaredCells(judgement)) {
        if (!isAbout(place, cell.statement)) continue;
        const row = rowOf(keyOf(cell, { groupBy, view, address: judgement.address }));
        row.declared += 1;
        row[cell.counted] += 1;
      }
    }
  }
  return [...rows.values()].sort((a, b) => b.declared - a.declared || (a.key < b.key ? -1 : 1));
}

/** Whether a question about some owners or ports is about a statement. */
function isAbout({ owners, ports }: DriftPlace, { owner = '', subject }: Statement): boolean {
  if (owners !== undefined && !owners.includes(owner)) return false;
  if (ports === undefined) return true;
  if (subject.kind === 'host') return false;
  return ports.some(({ first, last }) => subject.first <= last && first <= subject.last);
}

type Counted = 'verified' | 'stale' | 'neverScanned' | 'inconclusive';

interface Cell {
  readonly statement: Statement;
  readonly counted: Counted;
}

const countedAs: Readonly<Record<Unverifiable['reason'], Counted>> = {
  never_scanned: 'neverScanned',
  port_not_in_scope: 'neverScanned',
  scan_partial: 'neverScanned',
  stale: 'stale',
  inconclusive: 'inconclusive',
  host_gone: 'inconclusive',
  scanners_disagree: 'inconclusive',
};

function* declaredCells({ target, assessment }: Judgement): Generator<Cell> {
  for (const statement of assessment.compliant) yield { statement, counted: 'verified' };
  for (const { statement } of assessment.deviations) {
    if (statement !== undefined) yield { statement, counted: 'verified' };
  }
  for (const doubt of assessment.unverifiable) {
    const statement = statementOf(doubt, target);
    if (statement !== undefined) yield { statement, counted: countedAs[doubt.reason] };
  }
}

function statementOf({ port }: Unverifiable, target: HostTarget): Statement | undefined {
  return (port === undefined ? target.host : target.port(port))?.winner;
}

function keyOf(
  { statement }: Cell,
  { groupBy, view, address }: { groupBy: CoverageGrouping; view: GroupOfScanners; address: Address },
): string {
  if (groupBy === 'view') return view.name;
  return groupBy === 'owner' ? (statement.owner ?? '') : networkOf(address);
}

/** The /24 or /64 of an address. */
function networkOf(address: Address): string {
  const isV4 = familyOf(address) === 4;
  const size = isV4 ? 256n : 1n << 64n;
  const zero = positionOf(isV4 ? '0.0.0.0' : '::');
  const offset = positionOf(address) - zero;
  return `${addressAt(zero + (offset / size) * size)}/${isV4 ? 24 : 64}`;
}

interface Place {
  readonly groupId: number;
  readonly address: Address;
  /** -1 where it is about the host. */
  readonly port: number;
}

const cursors: CursorFormat<Place> = {
  format: ({ groupId, address, port }) => packFields([String(groupId), address, String(port)]),
  read: (text) => {
    const fields = unpackFields(text, [/^\d{1,9}$/, /^[\d.:a-f]{2,45}$/, /^-?\d{1,6}$/]);
    const [group, place = '', port] = fields ?? [];
    const address = parseAddress(place);
    return address === undefined ? undefined : { groupId: Number(group), address, port: Number(port) };
  },
};

/** Declared cells of which nobody can say whether they are as they should be. Throws BadInput. */
export async function pageOfUnscanned(
  session: Session,
  { place, request, now }: { place: DriftPlace; request: PageRequest; now: Instant },
): Promise<Page<UnscannedTarget>> {
  const { after, before, backward, limit } = stretchOf(request, cursors);
  const found: UnscannedTarget[] = [];
  for await (const some of walkUnscanned(session, { place, from: backward ? undefined : after, now })) {
    const within = some.filter(
      (one) =>
        (after === undefined || comparePlaces(placeOfTarget(one), after) > 0) &&
        (before === undefined || comparePlaces(placeOfTarget(one), before) < 0),
    );
    found.push(...within);
    if (!backward && found.length >= limit) break;
  }
  const wanted = backward ? found.reverse().slice(0, limit) : found.slice(0, limit);
  return pageOf(
    wanted.map((node) => ({ place: placeOfTarget(node), node })),
    request,
    cursors,
  );
}

/** How many there are. Throws BadInput. */
export async function countUnscanned(session: Session, place: DriftPlace, now: Instant): Promise<number> {
  let count = 0;
  for await (const some of walkUnscanned(session, { place, from: undefined, now })) count += some.length;
  return count;
}

async function* walkUnscanned(
  session: Session,
  { place, from, now }: { place: DriftPlace; from: Place | undefined; now: Instant },
): AsyncGenerator<UnscannedTarget[]> {
  const within = addressesOfFilter(place.networks === undefined ? {} : { networks: place.networks });
  for (const { view, assessing } of await viewsOf(session, place, now)) {
    if (view.id < (from?.groupId ?? view.id)) continue;
    let low = from?.groupId === view.id ? { address: from.address, isIncluded: true } : undefined;
    for (;;) {
      const addresses = await watchedPage(session, placeOf(view), {
        within,
        low,
        limit: limits.assessBatchMax,
      });
      const judged = await judgeHosts(assessing, addresses);
      yield judged.flatMap((judgement) => unscannedOf(judgement, { view, place }));
      const last = addresses.at(-1);
      if (last === undefined || addresses.length < limits.assessBatchMax) break;
      low = { address: last, isIncluded: false };
    }
  }
}

function unscannedOf(
  { address, target, assessment }: Judgement,
  { view, place }: { view: GroupOfScanners; place: DriftPlace },
): UnscannedTarget[] {
  return assessment.unverifiable
    .flatMap((doubt) => {
      const statement = statementOf(doubt, target);
      if (statement === undefined || !isAbout(place, statement)) return [];
      const { port, reason } = doubt;
      return [
        {
          ...placeOf(view),
          address,
          reason,
          statementId: statement.id,
          ...(port === undefined ? {} : { port }),
          ...(statement.owner === undefined ? {} : { owner: statement.owner }),
        },
      ];
    })
    .sort((a, b) => (a.port ?? -1) - (b.port ?? -1));
}

function placeOfTarget({ scannerGroupId, address, port = -1 }: UnscannedTarget): Place {
  return { groupId: scannerGroupId, address, port };
}

function comparePlaces(a: Place, b: Place): number {
  return a.groupId - b.groupId || compareAddresses(a.address, b.address) || a.port - b.port;
}

/** How a host stands as seen from each view with scanners. */
export async function complianceOf(
  session: Session,
  { addressSpaceId, address, now }: { addressSpaceId: number; address: Address; now: Instant },
): Promise<Compliance[]> {
  const found: Compliance[] = [];
  for (const { view, assessing } of await viewsOf(session, { addressSpaceId }, now)) {
    const [judgement] = await judgeHosts(assessing, [address]);
    if (judgement === undefined) continue;
    const page = await pageOfDriftItems(session, {
      filter: { addressSpaceIds: [addressSpaceId], scannerGroupIds: [view.id], networks: [address] },
      request: { limit: limits.planItemsMax, backward: false },
      moment: { now },
    });
    const items = page.items.map(({ node }) => node);
    const unknown = unscannedOf(judgement, { view, place: { addressSpaceId } });
    const compliant = judgement.assessment.compliant.length;
    const verdict = verdictOf({ items: items.length, unknown: unknown.length, compliant });
    found.push({ ...placeOf(view), address, verdict, compliant, items, unknown });
  }
  return found;
}

function verdictOf({
  items,
  unknown,
  compliant,
}: {
  items: number;
  unknown: number;
  compliant: number;
}): Compliance['verdict'] {
  if (items > 0) return 'drift';
  if (unknown > 0) return 'unknown';
  return compliant > 0 ? 'compliant' : 'undeclared';
}

/** Computes all drift of a place anew, and says where what is stored differs. */
export async function verifyDrift(
  session: Session,
  place: DriftPlace,
  now: Instant,
): Promise<DriftVerification> {
  let assessed = 0;
  let open = 0;
  const differences: DriftVerification['differences'][number][] = [];
  for await (const { view, judged } of judgeAll(session, place, now)) {
    assessed += judged.length;
    const due = await dueAmong(session, { view, judged, now });
    for (const { address, items, steps } of judged) {
      open += items.filter(({ state }) => state === 'open').length;
      if (due.has(address)) continue; // The next tick is about to assess it.
      for (const { before, after } of steps) {
        if (differences.length >= limits.planItemsMax) continue;
        differences.push({
          scannerGroupId: view.id,
          address,
          side: after.side,
          ...(after.port === undefined ? {} : { port: after.port }),
          stored: before === undefined ? 'nothing' : wordsOf(before),
          computed: wordsOf(after),
        });
      }
    }
  }
  return { assessed, open, differences };
}

/** Hosts whose time has come since the last tick. */
async function dueAmong(
  session: Session,
  { view, judged, now }: { view: GroupOfScanners; judged: readonly Judgement[]; now: Instant },
): Promise<ReadonlySet<Address>> {
  const addresses = judged.map(({ address }) => address);
  const watches = await watchesOf(session, placeOf(view), addresses);
  return new Set(addresses.filter((address) => (watches.get(address)?.dueAt ?? now + 1) <= now));
}

function wordsOf({ state, kind, unverifiable }: Judgement['steps'][number]['after']): string {
  const doubt = unverifiable === undefined ? '' : `, unverifiable: ${unverifiable.reason}`;
  return `${state} ${kind}${doubt}`;
}
