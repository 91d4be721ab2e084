import { type Api, readPages, type Variables } from './api.ts';
import { type DriftFilterOptions, isPartOnly, type PartOptions } from './drift-options.ts';
import type { DriftTally } from './drift-tally.ts';
import { type PortOptions, portFilter } from './row-options.ts';
import { getNamed } from './scanner-lookup.ts';

/** What of the target can be told. */
export interface Covered {
  /** Declared hosts and ports of which nobody can say anything. */
  readonly unknown: number;
  readonly verified: number;
  /** Hosts that scanners of the views know there. */
  readonly hosts: number;
  /** Somebody declares something for the address spaces. */
  readonly isDeclared: boolean;
}

/** A part of the target, now or at a past moment. */
export interface CoverageOptions extends PartOptions, PortOptions {
  readonly asOf?: string;
}

/**
 * Whether anything of what was asked for was looked at, and how much nobody can say. Of an owner, his own hosts and
 * ports are what counts. Throws Failure for a view or space that is not there.
 */
export async function coveredBy(
  api: Api,
  options: CoverageOptions & DriftFilterOptions,
  drift: number,
): Promise<Pick<DriftTally, 'unknown' | 'covered' | 'undeclared'>> {
  const { unknown, verified, hosts, isDeclared } = await coverageOf(api, options);
  const isPresent = options.asOf === undefined;
  const ofSome = options.owner !== undefined || (portFilter(options)['ports'] !== undefined && unknown > 0);
  const covered = drift > 0 || (isPresent && verified > 0) || (hosts > 0 && !ofSome);
  const nobodys = options.owner !== undefined && isPresent && verified + unknown === 0;
  const said = { covered, undeclared: drift === 0 && (!isDeclared || nobodys) };
  return isPresent && isPartOnly(options) ? { ...said, unknown } : said;
}

/** How much of a part of the target is covered. Throws Failure for a view or space that is not there. */
async function coverageOf(api: Api, options: CoverageOptions): Promise<Covered> {
  const sum = { unknown: 0, verified: 0, hosts: 0, isDeclared: false };
  for (const place of await partsOf(api, options)) {
    const { coverage, hosts, targetStatements, targetPolicies } = await api.query<CoverageAnswer>(document, {
      place,
      filter: {
        addressSpaces: [place['addressSpace']],
        scannerGroups: place['scannerGroups'],
        networks: options.network,
      },
      declared: { addressSpaces: [place['addressSpace']] },
      asOf: options.asOf,
      space: place['addressSpace'],
    });
    for (const { verified, stale, neverScanned, inconclusive } of coverage) {
      sum.verified += verified;
      sum.unknown += stale + neverScanned + inconclusive;
    }
    sum.hosts += hosts.totalCount;
    const policies = options.asOf === undefined ? targetPolicies.nodes.length : 0; // They have no past.
    if (targetStatements.nodes.length + policies > 0) sum.isDeclared = true;
  }
  return sum;
}

interface CoverageAnswer {
  readonly coverage: readonly Readonly<
    Record<'verified' | 'stale' | 'neverScanned' | 'inconclusive', number>
  >[];
  readonly hosts: { readonly totalCount: number };
  readonly targetStatements: { readonly nodes: readonly unknown[] };
  readonly targetPolicies: { readonly nodes: readonly unknown[] };
}

const document = /* GraphQL */ `
  query (
    $place: DriftPlaceInput!, $filter: HostFilter!, $declared: TargetStatementFilter!,
    $space: AddressSpaceSelector!, $asOf: DateTime
  ) {
    coverage(groupBy: VIEW, place: $place) { verified stale neverScanned inconclusive }
    hosts(filter: $filter, asOf: $asOf, first: 1) { totalCount }
    targetStatements(filter: $declared, asOf: $asOf, first: 1) { nodes { id } }
    targetPolicies(addressSpace: $space, first: 1) { nodes { id } }
  }
`;

/** A part of the target for each address space that is meant: those named, those of the views, else all. */
export async function partsOf(
  api: Api,
  { view, space, network, owner, ...about }: PartOptions & PortOptions,
): Promise<Variables[]> {
  for (const name of space ?? []) await getNamed(api, 'addressSpace', name);
  for (const name of view ?? []) await getNamed(api, 'scannerGroup', name);
  const views = view === undefined ? undefined : await spacesOfViews(api, new Set(view));
  const spaces = space ?? (views === undefined ? await allSpaces(api) : [...views.keys()]);
  return spaces.flatMap((name) => {
    const own = views?.get(name);
    if (views !== undefined && own === undefined) return []; // None of the views looks at that space.
    const scannerGroups = own?.map((group) => ({ name: group }));
    const part = { networks: network, owners: owner, ...portFilter(about) };
    return [{ addressSpace: { name }, scannerGroups, ...part }];
  });
}

interface GroupNode {
  readonly name: string;
  readonly addressSpace: { readonly name: string };
}

async function spacesOfViews(api: Api, views: ReadonlySet<string>): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  const reading = { document: groupDocument, field: 'scannerGroups' };
  for await (const groups of readPages<GroupNode>(api, reading)) {
    for (const { name, addressSpace } of groups) {
      if (!views.has(name)) continue;
      found.set(addressSpace.name, [...(found.get(addressSpace.name) ?? []), name]);
    }
  }
  return found;
}

const groupDocument = /* GraphQL */ `
  query ($first: Int, $after: String) {
    scannerGroups(first: $first, after: $after) {
      nodes { name addressSpace { name } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

async function allSpaces(api: Api): Promise<string[]> {
  const names: string[] = [];
  const reading = { document: spaceDocument, field: 'addressSpaces' };
  for await (const spaces of readPages<{ readonly name: string }>(api, reading))
    names.push(...spaces.map(({ name }) => name));
  return names;
}

const spaceDocument = /* GraphQL */ `
  query ($first: Int, $after: String) {
    addressSpaces(first: $first, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } }
  }
`;
