import { statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { defaultServer, placeOf } from '../config.ts';
import { limits } from '../limits.ts';
import { readReportTime } from '../pipeline/report-time.ts';
import type { Api } from './api.ts';
import { explain, Failure, ForeignAnswer, RefusedReport, ServerFault, TemporaryFailure } from './failure.ts';
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
  addIntakeOptions(command, '[file...]').action(push);
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
  if (files.length === 0 && spool === undefined)
    throw new Failure(
      'Name the reports, or - for standard input; without any, --spool sends what waits there',
    );
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
  const unread = await spoolFiles(files, { spool, about });
  if (unread.length > 0 && unread.length === files.length) throw unread[0];
  await mkdir(spool, { recursive: true });
  const drain: Drain = { api, spool, tried: new Set(), refusals: [], faults: [], left: [] };
  for (;;) {
    const isOurs = await alone(spool, () => sendWaiting(drain));
    if (!isOurs) tell(`Another push sends what waits in ${spool}.`);
    // Whoever came while we held the lock left its report to us.
    if (!isOurs || (await untried(drain)) === undefined) return tellEnd(drain, unread);
  }
}

/** Puts the reports into the spool; gives why some cannot be read. */
async function spoolFiles(
  files: readonly string[],
  { spool, about }: { spool: string; about: IntakeOptions },
): Promise<readonly unknown[]> {
  const unread: unknown[] = [];
  for (const file of files) {
    try {
      await spoolReport(spool, { file, about, bytes: reportBytes(file), at: timeOf(file) });
    } catch (error) {
      unread.push(error);
    }
  }
  return unread;
}

/** When a file was written; of what comes through a pipe nobody knows. */
function timeOf(file: string): number | undefined {
  const about = file === '-' ? undefined : statSync(file, { throwIfNoEntry: false });
  return about?.isFile() ? Math.min(Math.round(about.mtimeMs), Date.now()) : undefined;
}

interface Drain {
  readonly api: Api;
  readonly spool: string;
  readonly tried: Set<string>;
  readonly refusals: string[];
  /** Reports at which the server itself failed: they stay. */
  readonly faults: string[];
  /** Reports that cannot be sent as things are, such as those of a scanner that the server does not know: they stay. */
  readonly left: string[];
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

async function sendSpooled(
  { api, spool, refusals, faults, left }: Drain,
  report: SpooledReport,
): Promise<void> {
  try {
    await takeInReports(api, [report.path], await aboutOf(report), retry);
    await report.done();
  } catch (error) {
    const { sentence, unexpected } = explain(error);
    if (unexpected) throw error;
    if (error instanceof ServerFault) {
      faults.push(`${report.file}: ${sentence}`);
    } else if (error instanceof TemporaryFailure || error instanceof ForeignAnswer) {
      const { length } = await spooledReports(spool);
      const wait = `${length} report(s) wait in ${spool} for the next push`;
      throw new Failure(`${sentence} ${wait}`, { cause: error });
    } else if (error instanceof RefusedReport) {
      await report.refuse(sentence);
      refusals.push(`${report.file}: ${sentence}`);
    } else {
      left.push(`${report.file}: ${sentence}`);
    }
  }
}

/** What goes with a report; one that says no time was observed when it was put here, not when it arrives. */
async function aboutOf({ path, at, about, name }: SpooledReport): Promise<IntakeOptions> {
  if (about === undefined)
    throw new RefusedReport(`The note ${name}.json is lost, which says who looked; push the report by hand`);
  const options = about as IntakeOptions;
  if (options.observedAt !== undefined) return options;
  const time = await readReportTime(reportBytes(path));
  return time.at === undefined ? { ...options, observedAt: new Date(at).toISOString() } : options;
}

function tellEnd({ spool, refusals, faults, left }: Drain, unread: readonly unknown[]): void {
  const waiting = faults.length + left.length;
  const sentences = [
    ...unread.map((error) => explain(error).sentence),
    ...refusals,
    ...faults,
    ...left,
    refusals.length > 0 ? `Refused reports are kept in ${spool}/failed.` : '',
    waiting > 0 ? `${waiting} report(s) wait in ${spool} for the next push.` : '',
  ].filter((sentence) => sentence !== '');
  if (sentences.length > 0) throw new Failure(sentences.join(' '));
}
