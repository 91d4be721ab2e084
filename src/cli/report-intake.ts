import { type Command, Option } from 'commander';
import { present } from '../graphql/defined.ts';
import { type Api, type Outcome, payloadOf } from './api.ts';
import { readMoment, readNetworks, readPortsArgument } from './argument-values.ts';
import { explain, Failure, TemporaryFailure } from './failure.ts';
import { readReceipt, receiptText } from './receipt.ts';
import { withProgress } from './report-file.ts';
import { jsonOf } from './row-printer.ts';
import {
  createScanner,
  findNamed,
  getSender,
  groupFor,
  type Named,
  scannerRemoval,
} from './scanner-lookup.ts';
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
export function addIntakeOptions(command: Command, files = '<file...>'): Command {
  const report = (flags: string, description: string) =>
    new Option(flags, description).helpGroup('What the report does not say itself:');
  return command
    .argument(files, 'reports in the order in which they are taken in; - is standard input')
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
  const { scanner, isNew } = await retry(() => scannerFor(api, options));
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
    const sent = named(file, files, () => (file === '-' ? send() : retry(send)));
    const { scanIds, repeated, note } = await (isNew && printed === 0
      ? sent.catch((error: unknown) => removeAgain(api, scanner, error))
      : sent);
    for (const scanId of scanIds) {
      const receipt = await retry(() => readReceipt(api, scanId));
      if (options.json === true)
        await print(`${jsonOf({ file, repeated, note: note ?? null, ...receipt })}\n`);
      else await print(`${printed === 0 ? '' : '\n'}${receiptText(receipt, { repeated, note })}`);
      printed += 1;
    }
  }
}

async function scannerFor(
  api: Api,
  { scanner, create, group }: IntakeOptions,
): Promise<{ readonly scanner: Named; readonly isNew: boolean }> {
  if (create !== true) return { scanner: await getSender(api, scanner), isNew: false };
  const found = await findNamed(api, 'scanner', scanner);
  if (found !== undefined) return { scanner: found, isNew: false };
  const created = await createScanner(api, scanner, await groupFor(api, group));
  tell(`Added the scanner "${created.name}" to the group "${group ?? 'default'}".`);
  return { scanner: created, isNew: true };
}

/** A scanner that was added for a report which is refused is of no use; throws what happened to the report. */
async function removeAgain(api: Api, { id, name }: Named, error: unknown): Promise<never> {
  // What may pass by itself comes again, and so do reports that wait in a spool.
  if ([error, (error as Error).cause].some((reason) => reason instanceof TemporaryFailure)) throw error;
  try {
    payloadOf((await api.query<{ outcome: Outcome<object> }>(scannerRemoval, { id })).outcome);
    tell(`Removed the scanner "${name}" again.`);
  } catch {
    // It has a scan by now, or the server is away: what became of the report matters more.
  }
  throw error;
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
