import type { Command } from 'commander';

/** Adds `serve`: the server. */
export function addServe(program: Command): void {
  program.command('serve').description('run the server');
}
