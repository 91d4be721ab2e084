import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { skippedBecause } from './requires.ts';

/**
 * The folder of public and hostile scan files, which lies beside the project and is no part of it. SAMPLES_FOLDER
 * says where it is otherwise.
 */
export const samplesFolder =
  process.env.SAMPLES_FOLDER ?? fileURLToPath(new URL('../../../shared/samples', import.meta.url));

/** A `describe` for tests on the sample files; skipped, with a reason, where the folder is missing. */
export const withSamples = skippedBecause(
  existsSync(samplesFolder) ? '' : 'needs the sample files in ../shared/samples, which are not here',
);
