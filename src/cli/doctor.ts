import type { Command } from 'commander';

/** Adds `doctor`: the doctorr. */
export function addDoctor(program: Command): void {
  program.command('doctor').description('run the doctorr');
}
