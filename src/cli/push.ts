import type { Command } from 'commander';
import { defaultServer, placeOf } from '../config.ts';
import { addIntakeOptions, type IntakeOptions, takeInReports } from './report-intake.ts';

/** Adds `push`: reports to a server. */
export function addPush(program: Command): void {
  const command = program
    .command('push')
    .description('send reports to a server')
    .option('--server <url>', `the server (else DRPORTSCAN_SERVER, else ${defaultServer})`)
    .addHelpText('before', 'nmap -oX - 10.0.0.0/24 | drportscan push - --scanner lan-1\n');
  addIntakeOptions(command).action(push);
}

interface PushOptions extends IntakeOptions {
  readonly server?: string;
}

async function push(files: readonly string[], options: PushOptions): Promise<void> {
  const place = placeOf({ server: options.server }, process.env);
  const { serverApi } = await import('./api-server.ts');
  const api = serverApi(place.kind === 'server' ? place.url : defaultServer);
  await takeInReports(api, files, options);
}
