import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { defaultServer, placeOf } from '../config.ts';
import type { Api } from './api.ts';
import { explain, Failure, TemporaryFailure } from './failure.ts';
import { alone, type Pause, spooledReports, spoolReport, withRetries } from './relay.ts';
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
  if (spool === undefined) await takeInReports(api, files, about, retry);
  else await pushSpooled(api, files, { spool, about });
}

const pause: Pause = async (ms) => {
  tell(`The server does not answer; trying again in ${Math.round(ms / 1000)} s.`);
  await sleep(ms);
};

const retry: Retry = (work) => withRetries(work, { pause });

async function pushSpooled(
  api: Api,
  files: readonly string[],
  { spool, about }: { spool: string; about: IntakeOptions },
): Promise<void> {
  for (const file of files) await spoolReport(spool, { file, about, bytes: reportBytes(file) });
  const isOurs = await alone(spool, () => drain(api, spool));
  if (!isOurs) tell(`Another push sends what waits in ${spool}.`);
}

/** Sends what waits, the oldest first. What the server refuses is kept aside; what it cannot take stays. */
async function drain(api: Api, spool: string): Promise<void> {
  const refusals: string[] = [];
  for (;;) {
    const [report] = await spooledReports(spool);
    if (report === undefined) break;
    try {
      await takeInReports(api, [report.path], report.about as IntakeOptions, retry);
      await report.done();
    } catch (error) {
      const { sentence, unexpected } = explain(error);
      if (unexpected) throw error;
      if (error instanceof TemporaryFailure) {
        const { length } = await spooledReports(spool);
        throw new Failure(`${sentence} ${length} report(s) wait in ${spool} for the next push`, {
          cause: error,
        });
      }
      await report.refuse(sentence);
      refusals.push(`${report.file}: ${sentence}`);
    }
  }
  if (refusals.length > 0)
    throw new Failure(`${refusals.join(' ')} Refused reports are kept in ${spool}/failed`);
}
