import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ndiffOutput } from '../../src/cli/diff-ndiff.ts';
import { readNdiffSide } from '../../src/cli/diff-ndiff-side.ts';
import { indexRecords, readSide } from '../../src/cli/diff-side.ts';
import { compareScans } from '../../src/core/compare-scans.ts';
import { samplesFolder, withSamples } from '../support/samples.ts';

/** What a reader says of a file that it refuses. */
const refusals = ['ReportRefused', 'ReportRejected'];

withSamples('every sample file', () => {
  const all = existsSync(samplesFolder)
    ? readdirSync(samplesFolder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !/\.expected\.json$|^(README|INDEX|MATRIX)/.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name))
    : [];
  const folders = new Map<string, string[]>();
  for (const file of all) {
    const folder = file.slice(samplesFolder.length + 1, file.lastIndexOf('/'));
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }

  describe.each([...folders])('of %s', (_folder, files) => {
    test('does not differ from itself, with and without knowing its records', async () => {
      for (const file of files) {
        const side = await unlessRefused(() => readSide({ file }));
        if (side === undefined) continue;
        const known = await indexRecords({ file });
        const shared = await readSide({ file }, known);
        expect([...compareScans(side, side)], file).toEqual([]);
        expect([...compareScans(shared, shared)], file).toEqual([]);
        expect(shared.texts.size + shared.alike.size, file).toBe(side.texts.size);
        // Damage inside of records that both reports have makes neither of them partial.
        if (side.problemCount === 0) expect(side.looks, file).toEqual(shared.looks);
      }
    });

    test('does not differ from itself as ndiff sees it', async () => {
      for (const file of files) {
        const side = await unlessRefused(() => readNdiffSide(file, undefined));
        if (side === undefined) continue;
        for (const xml of [false, true]) {
          const pieces = [...ndiffOutput(side.scan, side.scan, { xml })];
          if (!xml) expect(pieces.join(''), file).toBe('');
        }
      }
    });
  });
});

async function unlessRefused<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && refusals.includes(error.name)) return undefined;
    throw error;
  }
}
