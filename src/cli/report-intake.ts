import { type Command, Option } from 'commander';
import { present } from '../graphql/defined.ts';
import type { Api } from './api.ts';
import { readMoment, readNetworks, readPortsArgument } from './argument-values.ts';
import { explain, Failure } from './failure.ts';
import { readReceipt, receiptText } from './receipt.ts';
import { withProgress } from './report-file.ts';
import { jsonOf } from './row-printer.ts';
import { createScanner, findNamed, getNamed, groupFor, type Named } from './scanner-lookup.ts';
import { print, tell } from './terminal.ts';

/** What goes with reports. */
export interface IntakeOptions {
  readonly scanner: string;
  readonly create?: boolean;
  readonly group?: string;
  readonly format?: string;
  readonly addresses?: readonly string[];
  readonly ports?: string;
  readonly observedAt?: string;
  readonly json?: boolean;
}

/** Adds the options of commands that take in reports. */
export function addIntakeOptions(command: Command): Command {
  const report = (flags: string, description: string) =>
    new Option(flags, description).helpGroup('What the report does not say itself:');
  return command
    .argument('<file...>', 'reports in the order in which they are taken in; - is standard input')
    .requiredOption('--scanner <name>', 'who looked')
    .option('--create', 'add the scanner if it is new')
    .option('--group <name>', 'the group of a new scanner (else "default")')
    .option('--json', 'print each receipt as JSON on one line')
    .addOption(report('--format <name>', 'the format; without it, it is detected'))
    .addOption(
      report('--addresses <networks>', 'the covered addresses: 10.0.0.0/24,10.1.0.1-10.1.0.9').argParser(
        readNetworks,
      ),
    )
    .addOption(
      report('--ports <ports>', 'the covered ports: 1-1024,8080/tcp,53/udp').argParser(readPortsArgument),
    )
    .addOption(
      report('--observed-at <time>', 'the observation time: 2026-11-23T10:15:00Z, or 2h ago').argParser(
        readMoment,
      ),
    );
}

/** Does work that may fail, perhaps more than once. */
export type Retry = <T>(work: () => Promise<T>) => Promise<T>;

/** Takes in the reports one after the other and prints their receipts; stops at the first that is refused. */
export async function takeInReports(
  api: Api,
  files: readonly string[],
  options: IntakeOptions,
  retry: Retry = (work) => work(),
): Promise<void> {
  const scanner = await retry(() => scannerFor(api, options));
  const about = present({
    format: options.format,
    addresses: options.addresses,
    ports: options.ports,
    observedAt: options.observedAt,
  });
  let printed = 0;
  for (const file of files) {
    const send = () => withProgress(file, (bytes) => api.send({ scanner, ...about }, bytes));
    // What was read from standard input is gone after the first attempt.
    const { scanIds, repeated } = await named(file, files, () => (file === '-' ? send() : retry(send)));
    for (const scanId of scanIds) {
      const receipt = await readReceipt(api, scanId);
      if (options.json === true) await print(`${jsonOf({ file, repeated, ...receipt })}\n`);
      else await print(`${printed === 0 ? '' : '\n'}${receiptText(receipt, repeated)}`);
      printed += 1;
    }
  }
}

async function scannerFor(api: Api, { scanner, create, group }: IntakeOptions): Promise<Named> {
  if (create !== true) return getNamed(api, 'scanner', scanner);
  const found = await findNamed(api, 'scanner', scanner);
  if (found !== undefined) return found;
  const created = await createScanner(api, scanner, await groupFor(api, group));
  tell(`Added the scanner "${created.name}" to the group "${group ?? 'default'}".`);
  return created;
}

/** With several files, an error says which one, and what became of the others. */
async function named<T>(file: string, files: readonly string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { sentence, unexpected } = explain(error);
    if (unexpected || files.length === 1) throw error;
    const position = files.indexOf(file);
    const others = files.length - position - 1;
    const rest = others === 0 ? '' : ` The ${others} after it were not sent.`;
    throw new Failure(`${file}: ${sentence}${rest}`, { cause: error });
  }
}
