import { type Command, Option } from 'commander';
import { stringify } from 'csv-stringify/sync';
import type { PlaceOptions } from '../config.ts';
import { type Api, readPages } from './api.ts';
import { readMoment, readNumber, readWord } from './argument-values.ts';
import { Failure } from './failure.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import { jsonOf } from './row-printer.ts';
import { word } from './row-values.ts';
import { getNamed } from './scanner-lookup.ts';
import { memberPages, membersLeftOut } from './target-members.ts';
import { print, tell } from './terminal.ts';
import { terminalText } from './terminal-text.ts';

const formats = ['csv', 'jsonl'] as const;

interface ExportOptions extends PlaceOptions {
  readonly source: string;
  readonly output: (typeof formats)[number];
  readonly revision?: number;
  readonly asOf?: string;
}

/** Adds `target export`: what a source declares, in our own formats, which import back to no changes. */
export function addTargetExport(target: Command): void {
  const command = target
    .command('export')
    .description('print what a source declares in our own format; importing it again changes nothing')
    .requiredOption('--source <name>', 'the target source')
    .addOption(
      new Option('-o, --output <format>', `one of ${formats.join(', ')}`)
        .argParser(readWord(formats))
        .default('csv'),
    )
    .option('--revision <number>', 'as of this revision', readNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--as-of <time>', 'as it was declared then: 2026-11-23T10:15:00Z, or 7d ago', readMoment)
    .addHelpText('after', exportHelp);
  addPlaceOptions(command).action((options: ExportOptions) =>
    withApi(options, 'existing', (api) => exportSource(api, options)),
  );
}

const exportHelp = `
In a file or pipe, CSV cells are as they were declared, so that they import back; on a terminal, odd characters are
escaped. A spreadsheet would take cells that begin with = + - or @ for formulas: open such a file as text. JSON lines
escape odd characters everywhere, and lose nothing. They also hold the members of host groups, which a table cannot.`;

/** A statement, as the API has it. */
interface StatementNode {
  readonly externalId: string;
  readonly selector: string;
  readonly view: { readonly name: string } | null;
  readonly ports: string | null;
  readonly expect: string;
  readonly service: string | null;
  readonly owner: string | null;
  readonly ticket: string | null;
  readonly description: string | null;
  readonly validFrom: string | null;
  readonly validUntil: string | null;
  readonly locked: boolean;
  readonly addressSpace: { readonly name: string };
}

const document = /* GraphQL */ `
  query (
    $filter: TargetStatementFilter, $revision: Int, $asOf: DateTime, $first: Int, $after: String
  ) {
    targetStatements(filter: $filter, revision: $revision, asOf: $asOf, first: $first, after: $after) {
      nodes {
        externalId selector view { name } ports expect service owner ticket description validFrom validUntil
        locked addressSpace { name }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

async function exportSource(api: Api, options: ExportOptions): Promise<void> {
  const { source, output, revision, asOf } = options;
  if (revision !== undefined && asOf !== undefined)
    throw new Failure('--revision and --as-of contradict one another; leave one out');
  await getNamed(api, 'targetSource', source);
  if (output === 'csv') await print(csvLine(columns.map(([name]) => name)));
  const variables = { revision, asOf };
  const reading = { document, field: 'targetStatements', filter: { sources: [{ name: source }] }, variables };
  for await (const nodes of readPages<StatementNode>(api, reading)) {
    await print(nodes.map(output === 'csv' ? csvOf : jsonlOf).join(''));
  }
  await exportMembers(api, options);
}

/** Members have no history: only what is declared now has them. */
async function exportMembers(api: Api, { source, output, revision, asOf }: ExportOptions): Promise<void> {
  const isPast = revision !== undefined || asOf !== undefined;
  if (output === 'csv' || isPast) {
    const sentence = await membersLeftOut(api, source, isPast ? 'no_history' : 'no_column');
    if (sentence !== undefined) tell(sentence);
    return;
  }
  for await (const members of memberPages(api, source)) {
    await print(members.map((member) => `${jsonOf(member)}\n`).join(''));
  }
}

/** The columns of `inventory/expectations-csv.ts`. */
const columns: readonly (readonly [string, (node: StatementNode) => string | null])[] = [
  ['external_id', ({ externalId }) => externalId],
  ['address_space', ({ addressSpace }) => addressSpace.name],
  ['selector', ({ selector }) => selector],
  // Never empty: an import may have another view for statements that name none.
  ['view', ({ view }) => view?.name ?? '*'],
  ['ports', ({ ports }) => ports],
  ['expect', ({ expect }) => word(expect)],
  ['service', ({ service }) => service],
  ['valid_from', ({ validFrom }) => validFrom],
  ['valid_until', ({ validUntil }) => validUntil],
  ['owner', ({ owner }) => owner],
  ['ticket', ({ ticket }) => ticket],
  ['description', ({ description }) => description],
  ['locked', ({ locked }) => (locked ? 'true' : '')],
];

/** On a terminal, also on a dumb one, what is foreign is made safe; in a file it has to be what was declared. */
function csvLine(cells: readonly string[]): string {
  const isShown = process.stdout.isTTY === true;
  return stringify([isShown ? cells.map(terminalText) : cells]);
}

function csvOf(node: StatementNode): string {
  return csvLine(columns.map(([, value]) => value(node) ?? ''));
}

function jsonlOf({ view, addressSpace, expect, locked, ...rest }: StatementNode): string {
  const facts = Object.entries(rest).filter(([, value]) => value !== null);
  const record = {
    ...Object.fromEntries(facts),
    addressSpace: addressSpace.name,
    view: view?.name ?? '*',
    expect: word(expect),
    ...(locked ? { locked } : {}),
  };
  return `${jsonOf(record)}\n`;
}
