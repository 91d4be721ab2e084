import { type Command, Option } from 'commander';
import { coverageGroupings, driftGroupings } from '../core/drift-model.ts';
import { type Api, readPages } from './api.ts';
import { readMoment, readNetworks, readTexts, readWord } from './argument-values.ts';
import { coveredBy, partsOf } from './drift-coverage.ts';
import {
  addDriftFilterOptions,
  addViewOptions,
  type DriftFilterOptions,
  driftFilter,
  type PartOptions,
} from './drift-options.ts';
import { driftSummaryOf, openTally } from './drift-tally.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import {
  addOutputOptions,
  addPortOptions,
  filter,
  type OutputOptions,
  printerFor,
  printPages,
} from './row-options.ts';
import { placeText, word } from './row-values.ts';
import type { Column } from './table.ts';
import { tell } from './terminal.ts';

interface SummaryOptions extends DriftFilterOptions, OutputOptions {
  readonly by: string;
  readonly asOf?: string;
}

interface CoverageOptions extends PartOptions, OutputOptions {
  readonly by: string;
}

/** Adds `drift summary`, `drift coverage` and `drift unscanned`: drift in numbers, and what nobody knows. */
export function addDriftSummary(drift: Command): void {
  const summary = drift
    .command('summary')
    .description('count open drift by network, owner, kind, view or host group')
    .addOption(
      new Option('--by <word>', `one of ${driftGroupings.join(', ')}`)
        .argParser(readWord(driftGroupings))
        .default('view'),
    )
    .option('--as-of <time>', 'as of 2026-11-23T10:15:00Z, or of 7d ago', readMoment);
  addPlaceOptions(addOutputOptions(addDriftFilterOptions(summary), 'so many rows at most')).action(
    (options: SummaryOptions) => withApi(options, 'existing', (api) => summarise(api, options)),
  );
  const coverage = drift
    .command('coverage')
    .description('count how much of what is declared could be verified')
    .addOption(
      new Option('--by <word>', `one of ${coverageGroupings.join(', ')}`)
        .argParser(readWord(coverageGroupings))
        .default('view'),
    );
  addPart(addOutputOptions(coverage, 'so many rows at most')).action((options: CoverageOptions) =>
    withApi(options, 'existing', (api) => listCoverage(api, options)),
  );
  const unscanned = drift
    .command('unscanned')
    .description('list what is declared and cannot be verified, with the reason');
  addPart(addOutputOptions(unscanned, 'so many rows at most')).action(
    (options: PartOptions & OutputOptions) =>
      withApi(options, 'existing', (api) => listUnscanned(api, options)),
  );
}

function addPart(command: Command): Command {
  addViewOptions(command)
    .addOption(
      filter('--network <networks>', 'inside 10.0.0.0/8, 10.0.0.1-10.0.0.9 or 10.0.0.1').argParser(
        readNetworks,
      ),
    )
    .addOption(filter('--owner <name>', 'declared to be of this owner (repeatable)').argParser(readTexts));
  addPortOptions(command);
  return addPlaceOptions(command);
}

interface SummaryRow {
  readonly key: string;
  readonly open: number;
  readonly missing: number;
  readonly excess: number;
  readonly acknowledged: number;
  readonly waived: number;
  readonly unverifiable: number;
  readonly hosts: number;
}

async function summarise(api: Api, options: SummaryOptions): Promise<void> {
  const variables = { groupBy: options.by.toUpperCase(), filter: driftFilter(options), asOf: options.asOf };
  const { driftSummary: rows } = await api.query<{ driftSummary: readonly SummaryRow[] }>(
    summaryDocument,
    variables,
  );
  await printPages(pagesOf(rows, options.limit), printerFor(options, summaryColumns(options.by)));
  if (rows.length > 0 || options.output !== 'table') return;
  tell(driftSummaryOf(openTally().end(await coveredBy(api, options, 0))));
}

const summaryDocument = /* GraphQL */ `
  query ($groupBy: DriftGrouping!, $filter: DriftFilter, $asOf: DateTime) {
    driftSummary(groupBy: $groupBy, filter: $filter, asOf: $asOf) {
      key open missing excess acknowledged waived unverifiable hosts
    }
  }
`;

async function* pagesOf<T>(rows: readonly T[], limit: number | undefined): AsyncGenerator<readonly T[]> {
  yield rows.slice(0, limit);
}

function summaryColumns(by: string): readonly Column<SummaryRow>[] {
  const count = (title: Exclude<keyof SummaryRow, 'key'>): Column<SummaryRow> => ({
    title,
    value: (row) => String(row[title]),
    align: 'right',
  });
  return [
    { title: by, whole: true, value: ({ key }) => key || '-' },
    ...(['open', 'missing', 'excess', 'acknowledged', 'waived', 'unverifiable', 'hosts'] as const).map(count),
  ];
}

interface CoverageNode {
  readonly key: string;
  readonly declared: number;
  readonly verified: number;
  readonly stale: number;
  readonly neverScanned: number;
  readonly inconclusive: number;
}

type CoverageRow = CoverageNode & { readonly space: string };

async function listCoverage(api: Api, options: CoverageOptions): Promise<void> {
  const count = await printPages(
    coverageRows(api, options),
    printerFor(options, coverageColumns(options.by)),
  );
  if (count === 0 && options.output === 'table') tell('Nothing is declared there.');
}

async function* coverageRows(api: Api, options: CoverageOptions): AsyncGenerator<readonly CoverageRow[]> {
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  for (const place of await partsOf(api, options)) {
    const { coverage } = await api.query<{ coverage: readonly CoverageNode[] }>(coverageDocument, {
      groupBy: options.by.toUpperCase(),
      place,
    });
    const { name: space } = place['addressSpace'] as { readonly name: string };
    const rows = coverage.slice(0, left).map((row) => ({ space, ...row }));
    left -= rows.length;
    yield rows;
  }
}

const coverageDocument = /* GraphQL */ `
  query ($groupBy: CoverageGrouping!, $place: DriftPlaceInput!) {
    coverage(groupBy: $groupBy, place: $place) { key declared verified stale neverScanned inconclusive }
  }
`;

function coverageColumns(by: string): readonly Column<CoverageRow>[] {
  return [
    { title: by, whole: true, value: ({ key }) => key || '-' },
    { title: 'space', value: ({ space }) => space },
    { title: 'declared', value: ({ declared }) => String(declared), align: 'right' },
    { title: 'verified', value: ({ verified }) => String(verified), align: 'right' },
    { title: 'stale', value: ({ stale }) => String(stale), align: 'right' },
    { title: 'never scanned', value: ({ neverScanned }) => String(neverScanned), align: 'right' },
    { title: 'inconclusive', value: ({ inconclusive }) => String(inconclusive), align: 'right' },
    { title: 'verified %', value: shareText, align: 'right' },
  ];
}

function shareText({ declared, verified }: CoverageRow): string {
  return declared === 0 ? '-' : `${Math.floor((verified / declared) * 100)}%`;
}

interface UnscannedNode {
  readonly address: string;
  readonly port: number | null;
  readonly protocol: string | null;
  readonly reason: string;
  readonly owner: string | null;
  readonly view: { readonly name: string };
  readonly addressSpace: { readonly name: string };
  readonly statement: { readonly externalId: string; readonly source: { readonly name: string } } | null;
}

type UnscannedRow = ReturnType<typeof unscannedRow>;

function unscannedRow({ view, addressSpace, protocol, reason, statement, ...rest }: UnscannedNode) {
  return {
    ...rest,
    view: view.name,
    space: addressSpace.name,
    protocol: protocol === null ? null : word(protocol),
    reason: word(reason),
    statement: statement?.externalId ?? null,
    source: statement?.source.name ?? null,
  };
}

async function listUnscanned(api: Api, options: PartOptions & OutputOptions): Promise<void> {
  const count = await printPages(unscannedRows(api, options), printerFor(options, unscannedColumns));
  if (count === 0 && options.output === 'table') tell('Everything that is declared could be verified.');
}

async function* unscannedRows(
  api: Api,
  options: PartOptions & OutputOptions,
): AsyncGenerator<readonly UnscannedRow[]> {
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  for (const place of await partsOf(api, options)) {
    const reading = {
      document: unscannedDocument,
      field: 'unscannedTargets',
      variables: { place },
      limit: left,
    };
    for await (const nodes of readPages<UnscannedNode>(api, reading)) {
      left -= nodes.length;
      yield nodes.map(unscannedRow);
    }
  }
}

const unscannedDocument = /* GraphQL */ `
  query ($place: DriftPlaceInput!, $first: Int, $after: String) {
    unscannedTargets(place: $place, first: $first, after: $after) {
      nodes {
        address port protocol reason owner view { name } addressSpace { name }
        statement { externalId source { name } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

const unscannedColumns: readonly Column<UnscannedRow>[] = [
  {
    title: 'where',
    whole: true,
    value: placeText,
  },
  { title: 'from', value: ({ view }) => view },
  { title: 'why nobody knows', value: ({ reason }) => reason.replaceAll('_', ' ') },
  { title: 'owner', value: ({ owner }) => owner ?? '' },
  { title: 'source', value: ({ source }) => source ?? '' },
  { title: 'statement', value: ({ statement }) => statement ?? '' },
];
