import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, inject } from 'vitest';

const directories: string[] = [];

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
});

/** A new empty directory, removed after the test file. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(inject('runDirectory'), 'files-'));
  directories.push(directory);
  return directory;
}
