import { type Address, positionOf } from './address.ts';
import { intersectAddresses } from './address-set.ts';
import { compareSights, type HostDifference, isComparable } from './compare.ts';
import { absentContent, decodeContent } from './content.ts';
import type { HostSight } from './host-facts.ts';
import { contains } from './intervals.ts';
import { coversAbsent, type Look } from './scope.ts';
import { partialProfile } from './scope-resolution.ts';

/** One scan, kept small: each listed host as its canonical text. */
export interface ScanSights {
  /** What the scan looked at; disjoint in addresses. */
  readonly looks: readonly Look[];
  /** The content of every listed host, as `encodeContent` writes it. */
  readonly texts: ReadonlyMap<Address, string>;
  /** Listed hosts that the tool gave up on. */
  readonly timedOut: ReadonlySet<Address>;
  /**
   * Listed hosts without a text, because the other scan has the very same record of them under the same profile.
   */
  readonly alike: ReadonlySet<Address>;
}

/** What a scan says about an address; undefined where it did not look there. */
export function sightOf(scan: ScanSights, address: Address): HostSight | undefined {
  const position = positionOf(address);
  const look = scan.looks.find(({ addresses }) => contains(addresses, position));
  if (look === undefined) return undefined;
  const profile = scan.timedOut.has(address) ? partialProfile(look.profile) : look.profile;
  const text = scan.texts.get(address);
  if (text !== undefined) return { content: decodeContent(text), profile };
  // A scan that does not list a host and cannot conclude anything from that did not look at it.
  return coversAbsent(profile) ? { content: absentContent(profile), profile } : undefined;
}

/** All differences between two scans, sorted by address: what is said otherwise, and what only one side knows. */
export function* compareScans(before: ScanSights, after: ScanSights): Generator<HostDifference> {
  const isSameLook = haveOneProfile(before, after);
  const addresses: { address: Address; position: bigint }[] = [];
  const add = (address: Address) => addresses.push({ address, position: positionOf(address) });
  for (const [address, text] of before.texts) {
    if (isSameLook && after.texts.get(address) === text && isAlike(before, after, address)) continue;
    add(address);
  }
  for (const address of after.texts.keys()) if (!before.texts.has(address)) add(address);
  addresses.sort((a, b) => (a.position < b.position ? -1 : 1));
  for (const { address } of addresses) {
    const difference = compareSights(address, sightOf(before, address), sightOf(after, address));
    if (difference !== undefined) yield difference;
  }
}

/** How many addresses both scans looked at, and whether anything about them can be held against each other. */
export function commonGround(
  before: ScanSights,
  after: ScanSights,
): { readonly addresses: bigint; readonly isComparable: boolean } {
  const all = ({ looks }: ScanSights) => looks.flatMap(({ addresses }) => addresses);
  const sorted = (scan: ScanSights) => all(scan).sort((a, b) => (a.first < b.first ? -1 : 1));
  const common = intersectAddresses(sorted(before), sorted(after));
  const addresses = common.reduce((sum, { first, last }) => sum + last - first + 1n, 0n);
  return { addresses, isComparable: addresses > 0n && hasComparable(before, after) };
}

function hasComparable(before: ScanSights, after: ScanSights): boolean {
  if (before.alike.size > 0 && before.looks.some(({ profile }) => profile.ports.length > 0 || profile.status))
    return true;
  const listed = new Set([...before.texts.keys(), ...after.texts.keys()]);
  let isAnyCommon = false;
  for (const address of listed) {
    const a = sightOf(before, address);
    const b = sightOf(after, address);
    if (a === undefined || b === undefined) continue;
    isAnyCommon = true;
    if (isComparable(a, b)) return true;
  }
  return !isAnyCommon && areComplete(before) && areComplete(after); // Both looked, and found nobody up.
}

/** Whether a scan could have found out that something is there. */
function areComplete({ looks }: ScanSights): boolean {
  return looks.some(({ profile }) => coversAbsent(profile));
}

/** Whether both scans looked in one and the same way: then equal texts are equal facts. */
export function haveOneProfile(
  { looks: [a, ...more] }: Pick<ScanSights, 'looks'>,
  { looks: [b, ...others] }: Pick<ScanSights, 'looks'>,
): boolean {
  if (a === undefined || b === undefined || more.length > 0 || others.length > 0) return false;
  const text = ({ profile }: Look) => JSON.stringify(profile);
  return text(a) === text(b);
}

/** Whether the host is inside what both sides looked at, in the same way. */
function isAlike(before: ScanSights, after: ScanSights, address: Address): boolean {
  return before.timedOut.has(address) === after.timedOut.has(address);
}
