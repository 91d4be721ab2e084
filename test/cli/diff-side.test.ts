import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ndiffOutput } from '../../src/cli/diff-ndiff.ts';
import { readNdiffSide } from '../../src/cli/diff-ndiff-side.ts';
import { indexRecords, readSide, type Side } from '../../src/cli/diff-side.ts';
import { hostChangeOf } from '../../src/core/compare.ts';
import { compareScans } from '../../src/core/compare-scans.ts';
import { formatPort, type PortSet } from '../../src/core/endpoint.ts';
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

/** What an independent reader finds different between two scans of one laboratory. */
interface Delta {
  readonly pair: string;
  readonly hostnames: readonly (readonly [string, readonly string[], readonly string[]])[];
  readonly port_state: readonly (readonly [string, string, number, string | null, string | null])[];
}

withSamples('scans of a laboratory before and after', () => {
  const folder = join(samplesFolder, 'local-pairs');
  const deltas = existsSync(folder)
    ? readdirSync(folder).filter((name) => name.endsWith('.delta.expected.json'))
    : [];
  test.each(deltas)('%s', async (name) => {
    const expected = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Delta;
    const [before, after] = await Promise.all(
      ['A', 'B'].map((phase) => readSide({ file: join(folder, `${expected.pair}-${phase}.xml`) })),
    );
    const differences = [...compareScans(before as Side, after as Side)];
    const ports = differences.flatMap((difference) =>
      difference.ports.flatMap((one) =>
        one.before === undefined || one.after === undefined
          ? []
          : keysOf(one.ports).map(
              (key) => `${difference.address} ${formatPort(key)} ${one.before} ${one.after}`,
            ),
      ),
    );
    const known = expected.port_state.filter(([, , , a, b]) => a !== null && b !== null);
    expect(ports.sort()).toEqual(
      known.map(([address, protocol, port, a, b]) => `${address} ${port}/${protocol} ${a} ${b}`).sort(),
    );
    const names = differences.flatMap(({ address, names: sides }) =>
      sides?.before === undefined || sides.after === undefined ? [] : [[address, sides.before, sides.after]],
    );
    // Of a host that is down nobody looks up the name.
    const gone = differences
      .filter((one) => hostChangeOf(one) === 'disappeared')
      .map(({ address }) => address);
    expect(names).toEqual(expected.hostnames.filter(([address]) => !gone.includes(address)));
  });
});

function keysOf(set: PortSet): number[] {
  return set.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
}

async function unlessRefused<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && refusals.includes(error.name)) return undefined;
    throw error;
  }
}
