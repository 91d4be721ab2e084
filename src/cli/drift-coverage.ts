import { type Api, readPages, type Variables } from './api.ts';
import type { PartOptions } from './drift-options.ts';
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

/** How much of a part of the target is covered. Throws Failure for a view or space that is not there. */
export async function coverageOf(api: Api, options: PartOptions): Promise<Covered> {
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
      space: place['addressSpace'],
    });
    for (const { verified, stale, neverScanned, inconclusive } of coverage) {
      sum.verified += verified;
      sum.unknown += stale + neverScanned + inconclusive;
    }
    sum.hosts += hosts.totalCount;
    if (targetStatements.nodes.length + targetPolicies.nodes.length > 0) sum.isDeclared = true;
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
    $space: AddressSpaceSelector!
  ) {
    coverage(groupBy: VIEW, place: $place) { verified stale neverScanned inconclusive }
    hosts(filter: $filter, first: 1) { totalCount }
    targetStatements(filter: $declared, first: 1) { nodes { id } }
    targetPolicies(addressSpace: $space, first: 1) { nodes { id } }
  }
`;

/** A part of the target for each address space that is meant: those named, those of the views, else all. */
export async function partsOf(api: Api, { view, space, network }: PartOptions): Promise<Variables[]> {
  for (const name of space ?? []) await getNamed(api, 'addressSpace', name);
  for (const name of view ?? []) await getNamed(api, 'scannerGroup', name);
  const views = view === undefined ? undefined : await spacesOfViews(api, new Set(view));
  const spaces = space ?? (views === undefined ? await allSpaces(api) : [...views.keys()]);
  return spaces.flatMap((name) => {
    const own = views?.get(name);
    if (views !== undefined && own === undefined) return []; // None of the views looks at that space.
    const scannerGroups = own?.map((group) => ({ name: group }));
    return [{ addressSpace: { name }, scannerGroups, networks: network }];
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
