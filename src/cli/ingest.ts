import type { Command } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { dataOption, withDatabaseApi } from './place-options.ts';
import { addIntakeOptions, type IntakeOptions, takeInReports } from './report-intake.ts';

/** Adds `ingest`: reports straight into the database. */
export function addIngest(program: Command): void {
  const command = program
    .command('ingest')
    .description('take reports straight into the database, without a server')
    .addOption(dataOption())
    .addHelpText('before', 'drportscan ingest monday.xml tuesday.xml.gz --scanner lan-1 --create\n');
  addIntakeOptions(command).action((files: readonly string[], options: IntakeOptions & PlaceOptions) =>
    withDatabaseApi(options, 'create', (api) => takeInReports(api, files, options)),
  );
}
