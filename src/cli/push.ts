import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { defaultServer, placeOf } from '../config.ts';
import { limits } from '../limits.ts';
import { readReportTime } from '../pipeline/report-time.ts';
import type { Api } from './api.ts';
import { explain, Failure, ServerFault, TemporaryFailure } from './failure.ts';
import {
  alone,
  type Pause,
  removeLeftovers,
  type SpooledReport,
  spooledReports,
  spoolReport,
  withRetries,
} from './relay.ts';
import { reportBytes } from './report-file.ts';
import { addIntakeOptions, type IntakeOptions, type Retry, takeInReports } from './report-intake.ts';
import { tell } from './terminal.ts';

/** Adds `push`: reports to a server. */
export function addPush(program: Command): void {
  const command = program
    .command('push')
    .description('send reports to a server')
    .option('--server <url>', `the server (else DRPORTSCAN_SERVER, else ${defaultServer})`)
    .option(
      '--spool <directory>',
      'keep reports there until the server has them; sends first what waits there',
    )
    .addHelpText('before', 'nmap -oX - 10.0.0.0/24 | drportscan push - --scanner lan-1\n');
  addIntakeOptions(command).action(push);
}

interface PushOptions extends IntakeOptions {
  readonly server?: string;
  readonly spool?: string;
}

async function push(files: readonly string[], options: PushOptions): Promise<void> {
  const place = placeOf({ server: options.server }, process.env);
  const { serverApi } = await import('./api-server.ts');
  const api = serverApi(place.kind === 'server' ? place.url : defaultServer);
  const { spool, server: _, ...about } = options;
  if (spool === undefined) await takeInReports(api, files, about, retry).catch(hintAtSpool(files));
  else await pushSpooled(api, files, { spool, about });
}

const pause: Pause = async (ms, failure) => {
  tell(`${explain(failure).sentence} Trying again in ${Math.ceil(ms / 1000)} s.`);
  await sleep(ms);
};

const retry: Retry = (work) => withRetries(work, { pause });

/** Standard input can be read only once. */
function hintAtSpool(files: readonly string[]): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof TemporaryFailure) || !files.includes('-')) throw error;
    const { sentence } = explain(error);
    throw new Failure(`${sentence} What came from standard input is lost; --spool DIRECTORY would keep it`, {
      cause: error,
    });
  };
}

async function pushSpooled(
  api: Api,
  files: readonly string[],
  { spool, about }: { spool: string; about: IntakeOptions },
): Promise<void> {
  for (const file of files) await spoolReport(spool, { file, about, bytes: reportBytes(file) });
  const drain: Drain = { api, spool, tried: new Set(), refusals: [], faults: [] };
  for (;;) {
    const isOurs = await alone(spool, () => sendWaiting(drain));
    if (!isOurs) return tell(`Another push sends what waits in ${spool}.`);
    // Whoever came while we held the lock left its report to us.
    if ((await untried(drain)) === undefined) return tellEnd(drain);
  }
}

interface Drain {
  readonly api: Api;
  readonly spool: string;
  readonly tried: Set<string>;
  readonly refusals: string[];
  /** Reports at which the server itself failed: they stay. */
  readonly faults: string[];
}

async function untried({ spool, tried, faults }: Drain): Promise<SpooledReport | undefined> {
  if (faults.length >= limits.pushFaultsMax) return undefined;
  return (await spooledReports(spool)).find(({ name }) => !tried.has(name));
}

/** Sends what waits, the oldest first. What the server refuses is kept aside; what it cannot take stays. */
async function sendWaiting(drain: Drain): Promise<void> {
  await removeLeftovers(drain.spool, Date.now());
  for (;;) {
    const report = await untried(drain);
    if (report === undefined) return;
    drain.tried.add(report.name);
    await sendSpooled(drain, report);
  }
}

async function sendSpooled({ api, spool, refusals, faults }: Drain, report: SpooledReport): Promise<void> {
  try {
    await takeInReports(api, [report.path], await aboutOf(report), retry);
    await report.done();
  } catch (error) {
    const { sentence, unexpected } = explain(error);
    if (unexpected) throw error;
    if (error instanceof ServerFault) {
      faults.push(`${report.file}: ${sentence}`);
    } else if (error instanceof TemporaryFailure) {
      const { length } = await spooledReports(spool);
      const wait = `${length} report(s) wait in ${spool} for the next push`;
      throw new Failure(`${sentence} ${wait}`, { cause: error });
    } else {
      await report.refuse(sentence);
      refusals.push(`${report.file}: ${sentence}`);
    }
  }
}

/** What goes with a report; one that says no time was observed when it was put here, not when it arrives. */
async function aboutOf({ path, at, about, name }: SpooledReport): Promise<IntakeOptions> {
  if (about === undefined)
    throw new Failure(`The note ${name}.json is lost, which says who looked; push the report by hand`);
  const options = about as IntakeOptions;
  if (options.observedAt !== undefined) return options;
  const time = await readReportTime(reportBytes(path));
  return time.at === undefined ? { ...options, observedAt: new Date(at).toISOString() } : options;
}

function tellEnd({ spool, refusals, faults }: Drain): void {
  const kept = refusals.length > 0 ? [`Refused reports are kept in ${spool}/failed`] : [];
  const waiting = faults.length > 0 ? [`${faults.length} report(s) wait in ${spool} for the next push`] : [];
  const sentences = [...refusals, ...faults, [...kept, ...waiting].join('. ')];
  if (refusals.length + faults.length > 0) throw new Failure(sentences.join(' '));
}
