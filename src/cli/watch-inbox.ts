import type { Command } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { takeInbox } from './inbox-intake.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import { tell } from './terminal.ts';
import { terminalText } from './terminal-text.ts';

/** Adds `watch-inbox`: reports that are put into folders. */
export function addWatchInbox(program: Command): void {
  const command = program
    .command('watch-inbox')
    .description('take in what is put into the folders of a directory, each named like its scanner')
    .argument('<directory>', 'the inbox')
    .addHelpText('before', 'drportscan watch-inbox /srv/reports --server http://127.0.0.1:8155\n')
    .addHelpText(
      'after',
      `
/srv/reports/lan-1/monday.xml goes to the scanner lan-1, once it no longer grows; then it is moved to old/ with its
receipt beside it, or to failed/ with the reason. A report that breaks off has an hour to grow on. Best write files
under a name that ends in .part, then rename them.`,
    );
  addPlaceOptions(command).action(watchInbox);
}

async function watchInbox(directory: string, options: PlaceOptions): Promise<void> {
  const { stopOnSignal } = await import('../server/signals.ts');
  await withApi(options, 'create', async (api) => {
    const watch = await takeInbox(api, directory);
    tell(`Watching ${terminalText(directory)}; Ctrl-C stops it.`);
    await stopOnSignal(watch);
  });
}
