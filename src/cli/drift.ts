import { type Command, Option } from 'commander';
import type { Api } from './api.ts';
import { readPages } from './api.ts';
import { readMoment, readNumber, readWord } from './argument-values.ts';
import { coveredBy, partsOf } from './drift-coverage.ts';
import { addDriftDecisions } from './drift-decisions.ts';
import { followDrift } from './drift-follow.ts';
import { type DriftFormat, driftFormats, driftWriter } from './drift-formats.ts';
import { addDriftFilterOptions, type DriftFilterOptions, driftFilter } from './drift-options.ts';
import { type DriftNode, driftFields, driftRow } from './drift-row.ts';
import { addDriftSummary } from './drift-summary.ts';
import { driftCodeOf, driftCodes, driftSummaryOf, openTally } from './drift-tally.ts';
import { addDriftVerify } from './drift-verify.ts';
import { addDriftWaivers } from './drift-waivers.ts';
import { packageVersion } from './package-version.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import { timeText } from './row-values.ts';
import { outputSurface, print, tell } from './terminal.ts';

/** What `drift` is told. */
export interface DriftOptions extends DriftFilterOptions {
  readonly output: DriftFormat;
  readonly csvRaw?: boolean;
  readonly limit?: number;
  readonly asOf?: string;
  readonly follow?: boolean;
  readonly exitCode?: number;
}

/** Adds `drift`: what deviates from the target, and what people decide about it. */
export function addDrift(program: Command): void {
  const drift = program
    .command('drift')
    .description('list what deviates from the target, and decide about it')
    // The options of `drift` itself end where the name of one of its commands stands.
    .enablePositionalOptions()
    .option('-f, --follow', 'stay and print what happens to drift')
    .option('--as-of <time>', 'as of 2026-11-23T10:15:00Z, or of 6h, 7d ago', readMoment);
  addOutput(addDriftFilterOptions(drift));
  addPlaceOptions(drift)
    .addHelpText('after', driftHelp)
    .action((options: DriftOptions) =>
      withApi(options, 'existing', (api) =>
        options.follow ? followDrift(api, options) : list(api, options),
      ),
    );
  addDriftSummary(drift);
  addDriftDecisions(drift);
  addDriftWaivers(drift);
  addDriftVerify(drift);
}

function addOutput(command: Command): void {
  const output = (flags: string, description: string) => new Option(flags, description).helpGroup('Output:');
  command
    .addOption(
      output('-o, --output <format>', `one of ${driftFormats.join(', ')}`)
        .argParser(readWord(driftFormats))
        .default('table'),
    )
    .addOption(output('--csv-raw', 'leave CSV cells alone that a spreadsheet would take for formulas'))
    .addOption(
      output('--limit <rows>', 'so many items at most').argParser(readNumber(1, Number.MAX_SAFE_INTEGER)),
    )
    .addOption(
      output('--exit-code <number>', 'end with this instead of 1 where there is drift').argParser(
        readNumber(0, 255),
      ),
    );
}

const driftHelp = `
Signs: + is there and should not be, - should be there and is not, ? nobody can verify it any more. What is waived
is listed, and is no drift. Unknown is what is declared and was not looked at: it is neither drift nor in sync.

Exit codes: 0 no drift, 1 drift, 2 error, 3 nothing of what was asked for was looked at, or nothing is declared.`;

async function list(api: Api, options: DriftOptions): Promise<void> {
  const { output, csvRaw = false, limit, asOf } = options;
  const writer = driftWriter(output, {
    surface: outputSurface(),
    csvRaw,
    title: titleOf(options),
    version: packageVersion(),
  });
  await partsOf(api, options); // Names that nobody has are told before anything is printed.
  const tally = openTally();
  const reading = { document, field: 'driftItems', filter: driftFilter(options), variables: { asOf }, limit };
  for await (const nodes of readPages<DriftNode>(api, reading)) {
    const rows = nodes.map(driftRow);
    tally.add(rows);
    await print(writer.rows(rows));
  }
  const end = tally.end(await coveredBy(api, options, tally.drift));
  await print(writer.end(end));
  if (driftCodeOf(end) === driftCodes.nothingCovered && output !== 'table') tell(driftSummaryOf(end));
  process.exitCode = softened(driftCodeOf(end), options);
}

const document = /* GraphQL */ `
  query ($filter: DriftFilter, $asOf: DateTime, $first: Int, $after: String) {
    driftItems(filter: $filter, asOf: $asOf, first: $first, after: $after) {
      nodes { ${driftFields} }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

function softened(code: number, { exitCode }: DriftOptions): number {
  return code === driftCodes.drift ? (exitCode ?? code) : code;
}

function titleOf({ view, space, network, asOf }: DriftOptions): string {
  const parts = [
    ...(view === undefined ? [] : [`seen from ${view.join(', ')}`]),
    ...(network === undefined ? [] : [`in ${network.join(', ')}`]),
    ...(space === undefined ? [] : [`of ${space.join(', ')}`]),
    `as of ${timeText(asOf ?? new Date().toISOString())}`,
  ];
  return `What deviates from the target, ${parts.join(', ')}.`;
}
