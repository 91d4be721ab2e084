import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { samplesFolder, withSamples } from '../support/samples.ts';
import { ndiffOf } from './ndiff-reading.ts';

const folder = join(samplesFolder, 'ndiff');

withSamples('ndiff’s own scans', () => {
  const names = existsSync(folder)
    ? readdirSync(join(folder, 'scans')).map((name) => name.replace('.xml', ''))
    : [];
  const codes = exitCodes();
  const scan = (name: string) => readFileSync(join(folder, 'scans', `${name}.xml`));

  describe.each(names)('from %s', (before) => {
    test.each(names)('to %s are compared byte for byte as ndiff does', (after) => {
      for (const xml of [false, true]) {
        for (const verbose of [false, true]) {
          const suffix = `${verbose ? '-v' : ''}.${xml ? 'xml' : 'text'}`;
          const expected = readFileSync(join(folder, 'golden', `${before}--${after}${suffix}`), 'utf8');
          const { output, code } = ndiffOf(scan(before), scan(after), { xml, verbose });
          expect(output).toBe(expected);
          expect(code).toBe(
            codes.get(`${before} ${after} ${xml ? 'xml' : 'text'} ${verbose ? '-v' : 'nov'}`),
          );
        }
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
