import type { Command } from 'commander';
import type { PlaceOptions } from '../config.ts';
import type { Api, Variables } from './api.ts';
import { Failure } from './failure.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import { withProgress } from './report-file.ts';
import { jsonOf } from './row-printer.ts';
import { word } from './row-values.ts';
import { getNamed } from './scanner-lookup.ts';
import {
  addDecisionOptions,
  addImportOptions,
  type DecisionOptions,
  decisionInput,
  type ImportOptions,
  importInput,
} from './target-import-options.ts';
import {
  type BrakeNode,
  brakeFields,
  type PlanNode,
  planFields,
  planText,
  type RowNode,
  rowFields,
  rowsText,
} from './target-plan-text.ts';
import { outputSurface, print, tell } from './terminal.ts';
import { terminalText } from './terminal-text.ts';

interface JsonOption {
  readonly json?: boolean;
}

/** Adds `target plan`, `target apply` and `target import`: how a target comes here. */
export function addTargetImport(target: Command): void {
  const json = ['--json', 'print the answer as JSON on one line'] as const;
  const plan = target
    .command('plan')
    .description('say what an import would do, to statements and to drift; changes nothing');
  addPlaceOptions(addImportOptions(plan).option(...json)).action(
    (file: string, options: ImportOptions & PlaceOptions & JsonOption) =>
      withApi(options, 'existing', (api) => planImport(api, file, options)),
  );
  const apply = target
    .command('apply')
    .description('do what a plan says, all of it or nothing')
    .argument('<hash>', 'the hash of the plan');
  addPlaceOptions(
    addDecisionOptions(apply)
      .option('--reason <text>', 'why; kept with the revision')
      .option('--actor <name>', 'who does it; kept with the revision')
      .option(...json),
  ).action((hash: string, options: DecisionOptions & PlaceOptions & JsonOption) =>
    withApi(options, 'existing', (api) => applyPlan(api, hash, options)),
  );
  const whole = target
    .command('import')
    .description('plan and apply an import at once')
    .addHelpText('before', 'drportscan target import cmdb.csv --source cmdb --dry-run\n');
  addPlaceOptions(
    addDecisionOptions(addImportOptions(whole))
      .option('--dry-run', 'only say what it would do')
      .option(...json),
  ).action((file: string, options: WholeOptions) =>
    withApi(options, 'existing', (api) => importAll(api, file, options)),
  );
}

interface WholeOptions extends ImportOptions, DecisionOptions, PlaceOptions, JsonOption {
  readonly dryRun?: boolean;
}

/** One of the named errors of an import. */
interface Refusal {
  readonly message: string;
  readonly brakes?: readonly BrakeNode[];
  readonly rows?: readonly RowNode[];
}

const refusalFields = `
  ... on Error { message }
  ... on TargetRefused { brakes { ${brakeFields} } rows { ${rowFields} } }
`;

/** What an import came to. */
interface ImportNode {
  readonly outcome: 'PLANNED' | 'APPLIED' | 'NO_CHANGES' | 'REPEATED';
  readonly plan: PlanNode;
  readonly revision: { readonly number: number; readonly at: string } | null;
}

const importFields = `outcome plan { ${planFields} } revision { number at }`;

/** The answer, or Failure with every brake and row that it names. */
function accepted<T extends object>(answer: T | Refusal): T {
  if (!('message' in answer)) return answer as T;
  const { message, brakes = [], rows = [] } = answer as Refusal;
  const [only, second] = brakes;
  if (only === undefined) throw new Failure(message + rowsText('not usable', rows, rows.length).trimEnd());
  // The message is that of the first brake.
  const lines = brakes.map((brake) => `\n  ! ${word(brake.kind)}: ${terminalText(brake.message)}`);
  const all = second === undefined ? message : `Nothing was done:${lines.join('')}`;
  throw new Failure(`${all}\nOn the command line: ${overrideOf(brakes)}`);
}

/** What lets brakes go on the command line. */
function overrideOf(brakes: readonly BrakeNode[]): string {
  return `--override ${brakes.map(({ kind }) => word(kind)).join(',')} --reason TEXT`;
}

/** The import in the terms of the API. Throws Failure for names that nobody has. */
async function requestFor(api: Api, options: ImportOptions): Promise<Variables> {
  const input = importInput(options);
  await getNamed(api, 'targetSource', options.source);
  if (options.defaultView !== undefined) await getNamed(api, 'scannerGroup', options.defaultView);
  return input;
}

async function planImport(api: Api, file: string, options: ImportOptions & JsonOption): Promise<void> {
  const input = await requestFor(api, options);
  const { answer } = await withProgress(file, (bytes) =>
    api.queryWithFile<{ answer: { plan: PlanNode } | Refusal }>(
      planning,
      { input },
      { path: 'input.inventory.file', bytes },
    ),
  );
  const { plan } = accepted<{ plan: PlanNode }>(answer);
  if (options.json === true) return print(`${jsonOf(plan)}\n`);
  await print(planText(plan, outputSurface()));
  if (!isApplicable(plan)) {
    tell(
      'It cannot be applied: a snapshot with rows that are not usable is refused. Correct them, or plan a patch.',
    );
    return;
  }
  const override = plan.brakes.length === 0 ? '' : ` ${overrideOf(plan.brakes)}`;
  tell(`Apply it until ${plan.expiresAt} with: drportscan target apply ${plan.hash}${api.place}${override}`);
}

function isApplicable({ mode, counts }: PlanNode): boolean {
  return mode !== 'SNAPSHOT' || counts.rejected === 0;
}

const planning = /* GraphQL */ `
  mutation ($input: PlanTargetImportInput!) {
    answer: planTargetImport(input: $input) {
      ... on PlanTargetImportPayload { plan { ${planFields} } }
      ${refusalFields}
    }
  }
`;

async function applyPlan(api: Api, hash: string, options: DecisionOptions & JsonOption): Promise<void> {
  const input = { hash, ...decisionInput(options) };
  const { answer } = await api.query<{ answer: ImportNode | Refusal }>(application, { input });
  await tellImport(accepted<ImportNode>(answer), options);
}

const application = /* GraphQL */ `
  mutation ($input: ApplyTargetImportInput!) {
    answer: applyTargetImport(input: $input) {
      ... on TargetImport { ${importFields} }
      ${refusalFields}
    }
  }
`;

async function importAll(api: Api, file: string, options: WholeOptions): Promise<void> {
  const decision = { ...decisionInput(options), dryRun: options.dryRun === true };
  const input = { ...(await requestFor(api, options)), ...decision };
  const { answer } = await withProgress(file, (bytes) =>
    api.queryWithFile<{ answer: ImportNode | Refusal }>(
      wholeImport,
      { input },
      { path: 'input.inventory.file', bytes },
    ),
  );
  await tellImport(accepted<ImportNode>(answer), options);
}

const wholeImport = /* GraphQL */ `
  mutation ($input: ImportTargetInput!) {
    answer: importTarget(input: $input) {
      ... on TargetImport { ${importFields} }
      ${refusalFields}
    }
  }
`;

async function tellImport(done: ImportNode, { json }: JsonOption): Promise<void> {
  if (json === true) return print(`${jsonOf(done)}\n`);
  await print(planText(done.plan, outputSurface()));
  tell(sentenceOf(done));
  const { rejected } = done.plan.counts;
  if (rejected === 0 || done.outcome === 'PLANNED') return;
  throw new Failure(
    `${rejected} ${rejected === 1 ? 'row was' : 'rows were'} not usable and left out; the others are in.`,
  );
}

function sentenceOf({ outcome, plan, revision }: ImportNode): string {
  const source = plan.source.name;
  switch (outcome) {
    case 'PLANNED':
      return 'Dry run: nothing was done.';
    case 'NO_CHANGES':
      return `Nothing to do: ${source} stays at revision ${plan.baseRevision}.`;
    case 'REPEATED':
      return `Applied before under this key: ${source} made revision ${revision?.number ?? plan.baseRevision} of it.`;
    case 'APPLIED':
      return `Applied: ${source} is at revision ${revision?.number ?? plan.baseRevision}.`;
  }
}
