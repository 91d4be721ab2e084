import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { run } from '../support/program.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { requires } from '../support/requires.ts';
import { samplesFolder, withSamples } from '../support/samples.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { reports } from './ndiff-documents.ts';
import { ndiffOf } from './ndiff-reading.ts';

const folder = join(samplesFolder, 'ndiff');

const modes = [
  { xml: false, verbose: false },
  { xml: false, verbose: true },
  { xml: true, verbose: false },
  { xml: true, verbose: true },
] as const;

withSamples('ndiff’s own scans', () => {
  const names = existsSync(folder)
    ? readdirSync(join(folder, 'scans')).map((name) => name.replace('.xml', ''))
    : [];
  const codes = exitCodes();
  const scan = (name: string) => readFileSync(join(folder, 'scans', `${name}.xml`));

  describe.each(names)('from %s', (before) => {
    test.each(names)('to %s are compared byte for byte as ndiff does', (after) => {
      for (const { xml, verbose } of modes) {
        const format = xml ? 'xml' : 'text';
        const file = `${before}--${after}${verbose ? '-v' : ''}.${format}`;
        const { output, code } = ndiffOf(scan(before), scan(after), { xml, verbose });
        expect(output).toBe(readFileSync(join(folder, 'golden', file), 'utf8'));
        expect(code).toBe(codes.get(`${before} ${after} ${format} ${verbose ? '-v' : 'nov'}`));
      }
    });
  });
});

function exitCodes(): Map<string, number> {
  if (!existsSync(folder)) return new Map();
  const lines = readFileSync(join(folder, 'golden', 'MATRIX.txt'), 'utf8')
    .trim()
    .split('\n');
  return new Map(
    lines.map((line) => {
      const [key = '', code] = line.split(' rc=');
      return [key, Number(code)];
    }),
  );
}

interface Quirk {
  readonly case: string;
  readonly args: readonly string[];
  readonly text_rc: number;
  readonly xml_rc: number;
}

withSamples('ndiff’s quirks', () => {
  const quirks = existsSync(folder)
    ? (JSON.parse(readFileSync(join(folder, 'quirks', 'index.json'), 'utf8')) as Quirk[])
    : [];
  test.each(quirks.map((quirk) => [quirk.case, quirk] as const))('%s', (name, quirk) => {
    const read = (file: string) => readFileSync(join(folder, 'quirks', name, file));
    for (const xml of [false, true]) {
      const expected = read(xml ? 'ndiff.xml' : 'ndiff.txt').toString();
      const { output, code } = ndiffOf(read('a.xml'), read('b.xml'), {
        xml,
        verbose: quirk.args.includes('-v'),
      });
      const known = xml ? quirk.xml_rc : quirk.text_rc;
      if (known === 2) continue; // ndiff crashed; what we say instead stands in the list of divergences.
      expect(output).toBe(expected);
      expect(code).toBe(known);
    }
  });
});

let crashes = 0;
requires('ndiff')('the ndiff of the system', () => {
  test('says the same of random reports, wherever it says anything', async () => {
    const directory = temporaryDirectory();
    const files = ['a.xml', 'b.xml'].map((name) => join(directory, name)) as [string, string];
    await fc.assert(
      fc.asyncProperty(reports, reports, fc.constantFrom(...modes), async (before, after, mode) => {
        writeFileSync(files[0], before);
        writeFileSync(files[1], after);
        const { output, code } = ndiffOf(Buffer.from(before), Buffer.from(after), mode);
        const args = [...(mode.xml ? ['--xml'] : []), ...(mode.verbose ? ['-v'] : []), ...files];
        const theirs = await run('ndiff', args, { env: { TZ: 'UTC', PYTHONUTF8: '1' } });
        if (theirs.code === 2) { crashes += 1; return; }
            expect(output).toBe(theirs.stdout);
        expect(code).toBe(theirs.code);
      }),
      { numRuns: propertyRuns(60) },
    );
  }, 120_000);
});
