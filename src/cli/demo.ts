import type { Command } from 'commander';

/** Adds `demo`: the demor. */
export function addDemo(program: Command): void {
  program.command('demo').description('run the demor');
}
