import { type Command, Option } from 'commander';
import type { Protocol } from '../core/endpoint.ts';
import { protocols } from '../core/endpoint.ts';
import type { Variables } from './api.ts';
import {
  portsOfProtocols,
  readMoment,
  readNetworks,
  readNumber,
  readPastMoment,
  readPortsArgument,
  readTexts,
  readWord,
  readWords,
} from './argument-values.ts';
import { type OutputFormat, outputFormats, type RowPrinter, rowPrinter } from './row-printer.ts';
import type { Column } from './table.ts';
import { outputSurface, print } from './terminal.ts';

/** How rows are to be printed. */
export interface OutputOptions {
  readonly output: OutputFormat;
  readonly csvRaw?: boolean;
  readonly limit?: number;
}

/** Adds the options that say how rows are printed. */
export function addOutputOptions(command: Command, limit: string): Command {
  return command
    .addOption(
      new Option('-o, --output <format>', `one of ${outputFormats.join(', ')}`)
        .argParser(readWord(outputFormats))
        .default('table')
        .helpGroup('Output:'),
    )
    .addOption(
      new Option('--csv-raw', 'leave CSV cells alone that a spreadsheet would take for formulas').helpGroup(
        'Output:',
      ),
    )
    .addOption(
      new Option('--limit <rows>', limit)
        .argParser(readNumber(1, Number.MAX_SAFE_INTEGER))
        .helpGroup('Output:'),
    );
}

/** The printer that the options ask for. */
export function printerFor<Row>(
  { output, csvRaw = false }: OutputOptions,
  columns: readonly Column<Row>[],
  csvColumns?: readonly Column<Row>[],
): RowPrinter<Row> {
  return rowPrinter({
    format: output,
    columns,
    ...(csvColumns === undefined ? {} : { csvColumns }),
    csvRaw,
    surface: outputSurface(),
  });
}

/** Prints all pages of rows; says so where a table stays empty. */
export async function printPages<Row>(
  pages: AsyncIterable<readonly Row[]>,
  printer: RowPrinter<Row>,
): Promise<number> {
  let count = 0;
  for await (const rows of pages) {
    count += rows.length;
    await print(printer.rows(rows));
  }
  await print(printer.end());
  return count;
}

/** Who looked. */
export interface SourceOptions {
  readonly scanner?: readonly string[];
  readonly group?: readonly string[];
  readonly space?: readonly string[];
}

/** Adds the options that say who looked. */
export function addSourceOptions(command: Command): Command {
  return command
    .addOption(filter('--scanner <name>', 'seen by this scanner (repeatable)').argParser(readTexts))
    .addOption(filter('--group <name>', 'seen by a scanner of this group (repeatable)').argParser(readTexts))
    .addOption(filter('--space <name>', 'in this address space (repeatable)').argParser(readTexts));
}

/** Who looked, as a filter of the API. */
export function sourceFilter({ scanner, group, space }: SourceOptions): Variables {
  const named = (names: readonly string[] | undefined) => names?.map((name) => ({ name }));
  return { scanners: named(scanner), scannerGroups: named(group), addressSpaces: named(space) };
}

/** Where. */
export interface NetworkOptions {
  readonly network?: readonly string[];
  readonly family?: readonly ('4' | '6')[];
}

/** Adds the options that say where. */
export function addNetworkOptions(command: Command): Command {
  return command
    .addOption(
      filter('--network <networks>', 'inside 10.0.0.0/8, 10.0.0.1-10.0.0.9 or 10.0.0.1').argParser(
        readNetworks,
      ),
    )
    .addOption(
      filter('--family <4|6>', 'addresses of this family').argParser(readWords(['4', '6'] as const)),
    );
}

/** Where, as a filter of the API. */
export function networkFilter({ network, family }: NetworkOptions): Variables {
  return { networks: network, families: family?.map((digit) => `IPV${digit}`) };
}

/** Which ports. */
export interface PortOptions {
  readonly port?: string;
  readonly protocol?: readonly Protocol[];
}

/** Adds the options that say which ports. */
export function addPortOptions(command: Command): Command {
  return command
    .addOption(filter('--port <ports>', 'one of 22,80-90/tcp,53/udp').argParser(readPortsArgument))
    .addOption(
      filter('--protocol <names>', `one of ${protocols.join(', ')}`).argParser(readWords(protocols)),
    );
}

/** Which ports, as a filter of the API. */
export function portFilter({ port, protocol }: PortOptions): Variables {
  return { ports: portsOfProtocols(port, protocol) };
}

/** When. */
export interface TimeOptions {
  readonly since?: string;
  readonly until?: string;
}

/** Adds the options that say when. */
export function addTimeOptions(command: Command): Command {
  return command
    .addOption(
      filter('--since <time>', 'observed at 2026-11-23T10:15:00Z or later, or in the last 6h, 7d').argParser(
        readMoment,
      ),
    )
    .addOption(filter('--until <time>', 'observed then or earlier').argParser(readMoment));
}

/** When, as a filter of the API. */
export function timeFilter({ since, until }: TimeOptions): Variables {
  return { from: since, to: until };
}

/** Adds the option for a past moment. */
export function addAsOfOption(command: Command): Command {
  const option = filter('--as-of <time>', 'as of 2026-11-23T10:15:00Z, or of 6h, 7d ago');
  return command.addOption(option.argParser(readPastMoment));
}

/** An option that narrows down what is listed. */
export function filter(flags: string, description: string): Option {
  return new Option(flags, description).helpGroup('Which ones:');
}

/** Words of ours as the enum values of the API. */
export function enumValues(words: readonly string[] | undefined): readonly string[] | undefined {
  return words?.map((word) => word.toUpperCase());
}
