import { type Command, Option } from 'commander';
import type { HostObservation } from '../core/observation.ts';
import type { ResolvedScope } from '../core/scope-resolution.ts';
import type { InputAgent, Problem, ReportEvent, RunEnd, RunHeader } from '../input/agent.ts';
import { type Gatherer, newGatherer } from '../input/gather.ts';
import { readReport } from '../input/read-report.ts';
import { jsonlEnd, jsonlHost, jsonlRun } from '../output/convert-jsonl.ts';
import { portscanLinesOf } from '../output/convert-lines.ts';
import { hintsOf, scopeOf } from '../pipeline/intake-scope.ts';
import { readNetworks, readPortsArgument, readWord } from './argument-values.ts';
import { Failure } from './failure.ts';
import { withProgress } from './report-file.ts';
import { print, tell } from './terminal.ts';
import { safeJson, terminalLines } from './terminal-text.ts';

const targets = ['lines', 'jsonl'] as const;

interface ConvertOptions {
  readonly to: (typeof targets)[number];
  readonly format?: string;
  readonly addresses?: readonly string[];
  readonly ports?: string;
}

/** Adds `convert`: any report as lines for other programs. */
export function addConvert(program: Command): void {
  program
    .command('convert')
    .description('turn a report of any format into lines; needs neither server nor database')
    .argument('<file>', 'the report; - is standard input')
    .addOption(
      new Option(
        '--to <format>',
        'lines: "address port protocol timestamp" of every open port; jsonl: everything',
      )
        .argParser(readWord(targets))
        .makeOptionMandatory(),
    )
    .option('--format <name>', 'the format of the report; without it, it is detected')
    .addOption(
      new Option(
        '--addresses <networks>',
        'the covered addresses, where the report does not say them',
      ).argParser(readNetworks),
    )
    .addOption(
      new Option('--ports <ports>', 'the covered ports, where the report does not say them').argParser(
        readPortsArgument,
      ),
    )
    .action(convert);
}

async function convert(file: string, { to, format, ...upload }: ConvertOptions): Promise<void> {
  const given = { upload, scannerDefault: {} };
  const state = { agent: undefined as InputAgent | undefined, problems: 0, runs: 0 };
  await withProgress(file, async (bytes) => {
    const onAgent = (agent: InputAgent) => {
      state.agent = agent;
    };
    const writer = to === 'lines' ? linesWriter() : jsonlWriter();
    const run = newRun(writer, (header) => ({ ...header, ...statedScope(scopeOf(header, given)) }));
    const options = { onAgent, hints: hintsOf(given), ...(format === undefined ? {} : { format }) };
    for await (const events of readReport(bytes, options)) {
      await print(events.map((event) => textOf(event, run, state)).join(''));
    }
    await print(finish(run));
  });
  if (state.problems > toldProblems) tell(`${state.problems - toldProblems} more problems.`);
  if (state.runs === 0) throw new Failure('The file ends before it says which tool wrote it');
}

function statedScope({ addresses, ports }: ResolvedScope): Pick<RunHeader, 'addresses' | 'ports'> {
  return { ...(addresses === undefined ? {} : { addresses }), ...(ports === undefined ? {} : { ports }) };
}

/** How one format writes a run; every text it gives is safe to print. */
interface RunWriter {
  begin(header: RunHeader): string;
  host(host: HostObservation, run: Run): string;
  end(end: RunEnd): string;
}

/** The run that is being read. Hosts that several records speak of are kept until its end. */
interface Run {
  readonly writer: RunWriter;
  readonly gatherer: Gatherer;
  /** The header with the scope that was given. */
  readonly scoped: (header: RunHeader) => RunHeader;
  header: RunHeader | undefined;
  end: RunEnd | undefined;
}

function newRun(writer: RunWriter, scoped: Run['scoped']): Run {
  return { writer, scoped, gatherer: newGatherer(), header: undefined, end: undefined };
}

interface Seen {
  readonly agent: InputAgent | undefined;
  problems: number;
  runs: number;
}

function textOf(event: ReportEvent, run: Run, seen: Seen): string {
  switch (event.kind) {
    case 'run': {
      const before = finish(run);
      seen.runs += 1;
      run.header = run.scoped(event.run);
      run.end = undefined;
      return before + run.writer.begin(run.header);
    }
    case 'host':
      if (seen.agent?.scattered !== true) return run.writer.host(event.host, run);
      run.gatherer.add(event.host);
      return '';
    case 'record':
      return event
        .read()
        .map((part) => textOf(part, run, seen))
        .join('');
    case 'problem':
      seen.problems += 1;
      if (seen.problems <= toldProblems) tell(problemText(event.problem));
      return '';
    case 'end':
      run.end = event.end;
      return finish(run);
  }
}

/** What is left of a run: the gathered hosts, then its end. */
function finish(run: Run): string {
  const hosts = Array.from(run.gatherer.drain(), (host) => run.writer.host(host, run)).join('');
  const { end } = run;
  if (end === undefined) return hosts;
  run.end = undefined;
  if (!end.complete) tell(`The scan is partial: ${end.reason ?? 'it did not reach its end'}.`);
  return hosts + run.writer.end(end);
}

const toldProblems = 20;

function problemText({ offset, line, address, reason }: Problem): string {
  const place = line === undefined ? `byte ${offset}` : `line ${line}`;
  return `Problem at ${place}${address === undefined ? '' : `, ${address}`}: ${reason}.`;
}

function linesWriter(): RunWriter {
  return {
    begin: () => '',
    host: (host, { header, end }) => {
      const times = {
        ...(header?.startedAt === undefined ? {} : { startedAt: header.startedAt }),
        ...(end?.endedAt === undefined ? {} : { endedAt: end.endedAt }),
      };
      return terminalLines(portscanLinesOf(host, times));
    },
    end: () => '',
  };
}

function jsonlWriter(): RunWriter {
  return {
    begin: (header) => safeJson(jsonlRun(header)),
    host: (host) => safeJson(jsonlHost(host)),
    end: (end) => safeJson(jsonlEnd(end)),
  };
}
