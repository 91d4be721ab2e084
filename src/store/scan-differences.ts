import { type SQL, sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import { type Address, compareAddresses, parseAddress } from '../core/address.ts';
import { addressesOfFilter } from '../core/address-filter.ts';
import { type AddressSet, intersectAddresses } from '../core/address-set.ts';
import { isDifferent } from '../core/compare.ts';
import { commonGround, compareScans, type ScanSights } from '../core/compare-scans.ts';
import { type DifferenceLine, fitsLine, linesOf, noDifferences } from '../core/difference-lines.ts';
import { BadInput, NotFound } from '../core/errors.ts';
import type { Page, PageRequest } from '../core/model.ts';
import type { ScanComparison, ScanComparisonCounts } from '../core/questions.ts';
import type { ScanId } from '../core/state.ts';
import { limits } from '../limits.ts';
import { inet, isInside } from './address-conditions.ts';
import { prunedUntil } from './host-bases.ts';
import {
  allOf,
  type CursorFormat,
  packFields,
  pageOf,
  type Stretch,
  stretchOf,
  unpackFields,
} from './page.ts';
import { contentsIn, differingHosts, findStoredScan, type StoredScan } from './scan-sights.ts';
import type { Session } from './session.ts';

/** A line, and its number among those of its host. */
interface LinePlace {
  readonly address: Address;
  readonly n: number;
}

const cursors: CursorFormat<LinePlace> = {
  format: ({ address, n }) => packFields([address, String(n)]),
  read: (text) => {
    const [address, n] = unpackFields(text, [/^[\d.:a-f]{2,45}$/, /^\d{1,7}$/]) ?? [];
    const canonical = address === undefined ? undefined : parseAddress(address);
    return canonical === undefined ? undefined : { address: canonical, n: Number(n) };
  },
};

/** A page of what two scans differ in, by address. Throws BadInput, NotFound. */
export async function pageOfScanDifferences(
  session: Session,
  comparison: ScanComparison,
  request: PageRequest,
): Promise<Page<DifferenceLine>> {
  const stretch = stretchOf(request, cursors);
  const scans = await storedScans(session, comparison);
  const found: { place: LinePlace; node: DifferenceLine }[] = [];
  for await (const sights of walkSights(session, { comparison, scans, stretch })) {
    found.push(...linesIn(sights, comparison, stretch));
    if (found.length >= stretch.limit) break;
  }
  return pageOf(found.slice(0, stretch.limit), request, cursors);
}

/** What two scans differ in, in numbers. Throws BadInput, NotFound. */
export async function countScanDifferences(
  session: Session,
  comparison: ScanComparison,
): Promise<ScanComparisonCounts> {
  const scans = await storedScans(session, comparison);
  const counts = noDifferences();
  const wanted = addressesOfFilter(comparison);
  const [a, b] = scans.map((scan) => lookingInside(scan, wanted)) as [StoredScan, StoredScan];
  const ground = commonGround(...withTexts([a, b], [new Map(), new Map()]));
  let different = false;
  let comparable = ground.isComparable;
  for await (const sights of walkSights(session, { comparison, scans, stretch: wholeList })) {
    comparable ||= commonGround(...sights).isComparable;
    for (const difference of compareScans(...sights)) {
      linesOf(difference, counts);
      different ||= isDifferent(difference);
    }
  }
  return { ...counts, different, comparable: comparable || different, commonAddresses: ground.addresses };
}

/** How many lines there are. Throws BadInput, NotFound. */
export async function countScanLines(session: Session, comparison: ScanComparison): Promise<number> {
  const scans = await storedScans(session, comparison);
  let count = 0;
  for await (const sights of walkSights(session, { comparison, scans, stretch: wholeList }))
    count += linesIn(sights, comparison, wholeList).length;
  return count;
}

const wholeList: Stretch<LinePlace> = {
  backward: false,
  after: undefined,
  before: undefined,
  limit: Number.POSITIVE_INFINITY,
};

type Both<T> = readonly [before: T, after: T];

async function storedScans(
  session: Session,
  { before, after, ...filter }: ScanComparison,
): Promise<Both<StoredScan>> {
  const a = await storedScan(session, before);
  const b = await storedScan(session, after);
  for (const scan of [a, b]) await refusePrunedScan(session, scan, filter);
  if (a.addressSpaceId === b.addressSpaceId) return [a, b];
  throw new BadInput(
    `The scans ${before} and ${after} belong to different address spaces, where one address is two hosts: choose two of one space`,
    'after',
  );
}

async function storedScan(session: Session, id: ScanId): Promise<StoredScan> {
  const scan = await findStoredScan(session, id);
  if (scan === undefined) throw new NotFound(`There is no scan ${id}: "scans" lists those there are`);
  return scan;
}

/** Of hosts that were pruned, only what the last scan of then said is left. */
async function refusePrunedScan(
  session: Session,
  { id, scannerId, at }: StoredScan,
  filter: Parameters<typeof addressesOfFilter>[0],
): Promise<void> {
  const addresses = addressesOfFilter(filter);
  const until = await prunedUntil(session, { scannerIds: [scannerId], addresses });
  if (until === undefined || parseInstant(at) >= until) return;
  const said = `What scan ${id} said was pruned, as everything until ${new Date(until).toISOString()}`;
  throw new BadInput(`${said}: choose a later scan, or networks that were not pruned`, 'networks');
}

interface Search {
  readonly comparison: ScanComparison;
  readonly scans: Both<StoredScan>;
  readonly stretch: Stretch<LinePlace>;
}

/** What both scans say about the hosts of which they may say something else, some hosts at a time, in order. */
async function* walkSights(
  session: Session,
  { comparison, scans, stretch }: Search,
): AsyncGenerator<Both<ScanSights>> {
  const { backward, after, before } = stretch;
  const inFilter = isInside(sql`host_run.address`, addressesOfFilter(comparison));
  // The hosts of the cursors belong to the walk: some of their lines may lie in the stretch.
  const ends = allOf([inFilter, after && isFrom(after.address), before && isUpTo(before.address)]);
  let behind: SQL | undefined;
  for (let limit = 64; ; limit = Math.min(limit * 2, limits.comparedHostsMax)) {
    const reading = { condition: allOf([ends, behind]), isDescending: backward, limit };
    const addresses = await differingHosts(session, scans, reading);
    const [a, b] = scans;
    yield withTexts(scans, [
      await contentsIn(session, a, addresses),
      await contentsIn(session, b, addresses),
    ]);
    const last = addresses.at(-1);
    if (last === undefined || addresses.length < limit) return;
    behind = sql`host_run.address ${backward ? sql`<` : sql`>`} ${inet(last)}`;
  }
}

function isFrom(address: Address): SQL {
  return sql`host_run.address >= ${inet(address)}`;
}

function isUpTo(address: Address): SQL {
  return sql`host_run.address <= ${inet(address)}`;
}

function lookingInside(scan: StoredScan, addresses: AddressSet | undefined): StoredScan {
  if (addresses === undefined) return scan;
  const looks = scan.looks.map((look) => ({
    ...look,
    addresses: intersectAddresses(look.addresses, addresses),
  }));
  return { ...scan, looks: looks.filter((look) => look.addresses.length > 0) };
}

function withTexts(
  [a, b]: Both<StoredScan>,
  [before, after]: Both<ReadonlyMap<Address, string>>,
): Both<ScanSights> {
  const sights = ({ looks }: StoredScan, texts: ReadonlyMap<Address, string>) => {
    return { looks, texts, timedOut: new Set<Address>(), alike: new Set<Address>() };
  };
  return [sights(a, before), sights(b, after)];
}

/** The lines of a stretch, in its direction. */
function linesIn(
  sights: Both<ScanSights>,
  filter: ScanComparison,
  { backward, after, before }: Stretch<LinePlace>,
): { place: LinePlace; node: DifferenceLine }[] {
  const counts = noDifferences();
  const lines = [...compareScans(...sights)].flatMap((difference) =>
    linesOf(difference, counts).map((node, n) => ({ place: { address: difference.address, n }, node })),
  );
  const wanted = lines
    .filter(({ node }) => fitsLine(node, filter))
    .filter(({ place }) => after === undefined || comparePlaces(place, after) > 0)
    .filter(({ place }) => before === undefined || comparePlaces(place, before) < 0);
  return backward ? wanted.reverse() : wanted;
}

function comparePlaces(a: LinePlace, b: LinePlace): number {
  return compareAddresses(a.address, b.address) || a.n - b.n;
}
