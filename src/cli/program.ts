import { Command, CommanderError, Help, type Option } from 'commander';
import { addChanges } from './changes.ts';
import { addCompare } from './compare.ts';
import { addConvert } from './convert.ts';
import { addDemo } from './demo.ts';
import { addDiff } from './diff.ts';
import { addDoctor } from './doctor.ts';
import { addDrift } from './drift.ts';
import { addEndpoints } from './endpoints.ts';
import { exitCodes, explain } from './failure.ts';
import { addGroup } from './group.ts';
import { addHistory } from './history.ts';
import { addHosts } from './hosts.ts';
import { addInconsistencies } from './inconsistencies.ts';
import { addIngest } from './ingest.ts';
import { addMatrix } from './matrix.ts';
import { packageVersion } from './package-version.ts';
import { addPrune } from './prune.ts';
import { addPush } from './push.ts';
import { addScan } from './scan.ts';
import { addScanner } from './scanner.ts';
import { addScans } from './scans.ts';
import { addServe } from './serve.ts';
import { addSpace } from './space.ts';
import { addTarget } from './target.ts';
import { errorSurface, flush, outputSurface, tellError } from './terminal.ts';
import { terminalLines } from './terminal-text.ts';
import { addTwins } from './twins.ts';
import { addWatchInbox } from './watch-inbox.ts';

/** Runs the program to its end and leaves its exit code with the process. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  // Whoever reads our output may stop reading, as `head` does; that is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.ok);
    throw error;
  });
  // `serve` brings its own handlers; the first one that is added takes this one's place.
  process.once('SIGINT', () => {
    if (process.listenerCount('SIGINT') === 0) process.exit(exitCodes.interrupted);
  });
  process.exitCode = await exitCodeOf(argv);
  await flush();
  process.exit();
}

async function exitCodeOf(argv: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(argv);
    return Number(process.exitCode ?? exitCodes.ok);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.error;
    tellError(explain(error).sentence);
    if (process.env.DRPORTSCAN_DEBUG) process.stderr.write(`${terminalLines(stackOf(error))}\n`);
    return exitCodes.error;
  }
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\nCaused by ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

/** All commands. */
function createProgram(): Command {
  const program = new Command('drportscan')
    .description('Remembers what scanners saw, computes what changed, and pushes it to those who must know.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    // An option belongs to the command whose name stands before it: `drift` and `drift summary` share names.
    .enablePositionalOptions()
    .showHelpAfterError('Add --help for what is possible.')
    .exitOverride()
    .configureHelp({ optionDescription: describeOption })
    .configureOutput({
      outputError: (text, write) => write(terminalLines(text.replace(/^error:/, 'Error:'))),
      getOutHelpWidth: () => outputSurface().width ?? 110,
      getErrHelpWidth: () => errorSurface().width ?? 110,
      getOutHasColors: () => outputSurface().isTerminal && !process.env.NO_COLOR,
      getErrHasColors: () => errorSurface().isTerminal && !process.env.NO_COLOR,
    })
    .addHelpText('after', programHelp);
  program.commandsGroup('Server:');
  addServe(program);
  program.commandsGroup('Reports:');
  addPush(program);
  addIngest(program);
  addWatchInbox(program);
  addConvert(program);
  addDiff(program);
  program.commandsGroup('Results:');
  addHosts(program);
  addEndpoints(program);
  addChanges(program);
  addScans(program);
  program.commandsGroup('Target:');
  addTarget(program);
  addDrift(program);
  program.commandsGroup('Evidence:');
  addHistory(program);
  addCompare(program);
  addInconsistencies(program);
  addMatrix(program);
  addTwins(program);
  addScan(program);
  addPrune(program);
  program.commandsGroup('Set-up:');
  addScanner(program);
  addGroup(program);
  addSpace(program);
  addDemo(program);
  addDoctor(program);
  return program;
}

/** Options without which a command does not run say so. */
function describeOption(option: Option): string {
  const text = new Help().optionDescription(option);
  return option.mandatory ? `${text} (required)` : text;
}

const programHelp = `
Where the data is, for all commands: what --server or --data say; else the server of DRPORTSCAN_SERVER; else the
database, PostgreSQL of DATABASE_URL or the embedded one in DRPORTSCAN_DATA (./data). serve, ingest and demo never
ask a server; push always does; convert and diff need neither.

Exit codes: 0 done, 2 error, 130 interrupted; diff also 1 different, 3 nothing comparable; drift also 1 drift,
3 nothing covered. Data goes to standard output, everything else to standard error.`;
