import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from 'vitest';

/**
 * A `describe` for tests that need a program of the system, as in `requires('nmap')('real scans', () => …)`.
 * Without the program its tests are skipped, and the end of the run says which and why.
 */
export function requires(program: string): (name: string, suite: () => void) => void {
  return skippedBecause(isInstalled(program) ? '' : `needs the program ${program}, which is not installed`);
}

/** A `describe` that skips with this reason in its name, unless the reason is empty. */
export function skippedBecause(reason: string): (name: string, suite: () => void) => void {
  return (name, suite) => {
    describe.skipIf(reason !== '')(reason === '' ? name : `${name} [${reason}]`, suite);
  };
}

/** Whether the system has a program. */
export function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
