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
import { ndiffOf, readDocument } from './ndiff-reading.ts';

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

requires('ndiff')('the ndiff of the system', () => {
  test(
    'says the same of random reports, wherever it says anything',
    async () => {
      const directory = temporaryDirectory();
      const files = ['a.xml', 'b.xml'].map((name) => join(directory, name)) as [string, string];
      const heard = { said: 0, crashed: 0 };
      await fc.assert(
        fc.asyncProperty(reports, reports, fc.constantFrom(...modes), async (before, after, mode) => {
          writeFileSync(files[0], before);
          writeFileSync(files[1], after);
          const { output, code } = ndiffOf(Buffer.from(before), Buffer.from(after), mode);
          const args = [...(mode.xml ? ['--xml'] : []), ...(mode.verbose ? ['-v'] : []), ...files];
          const theirs = await run('ndiff', args, { env: { TZ: 'UTC', PYTHONUTF8: '1' } });
          const isCrash = theirs.code === 2 || theirs.stderr.includes('Traceback');
          heard[isCrash ? 'crashed' : 'said'] += 1;
          if (isCrash) return; // See the divergences.
          expect(output).toBe(theirs.stdout);
          expect(code).toBe(theirs.code);
        }),
        { numRuns: propertyRuns(60) },
      );
      expect(heard.said).toBeGreaterThan(heard.crashed);
    },
    propertyRuns(60) * 2000,
  );
});

/** A report of one host, or of what stands around it. */
function report(inside: string, attributes = 'scanner="nmap" start="0"'): Buffer {
  return Buffer.from(`<?xml version="1.0"?>\n<nmaprun ${attributes}>\n${inside}\n</nmaprun>\n`);
}

function host(inside: string, address = '<address addr="10.0.0.1" addrtype="ipv4"/>'): string {
  return `<host><status state="up"/>${address}${inside}</host>`;
}

function port(inside: string): string {
  return `<ports><port protocol="tcp" portid="22"><state state="open"/>${inside}</port></ports>`;
}

describe('divergences from ndiff', () => {
  const text = (before: Buffer, after: Buffer) => ndiffOf(before, after, {});

  test('N1: several scripts on one port are sorted by id', () => {
    const before = report(host(port('<script id="b" output="1"/><script id="a" output="1"/>')));
    const after = report(host(port('<script id="b" output="2"/><script id="a" output="1"/>')));
    const { output, code } = text(before, after);
    expect(output).toBe('\n 10.0.0.1:\n PORT   STATE SERVICE VERSION\n 22/tcp open\n-|_ b: 1\n+|_ b: 2\n');
    expect(code).toBe(1);
    expect(ndiffOf(before, before, { xml: true, verbose: true }).output).toContain(
      '<script id="a" output="1"/>\n<script id="b" output="1"/>\n',
    );
  });

  test('N2: a script that alone differs stands below its port', () => {
    const { output } = text(report(host(port('<script id="a" output="1"/>'))), report(host(port(''))));
    expect(output).toBe('\n 10.0.0.1:\n PORT   STATE SERVICE VERSION\n 22/tcp open\n-|_ a: 1\n');
  });

  test('N3: hosts without address and name are paired', () => {
    const nameless = report(host('', '') + host(''));
    expect(text(nameless, nameless)).toEqual({ output: '', code: 0 });
  });

  test('N4: an unknown type of address is one like others', () => {
    const strange = host('', '<address addr="4.1" addrtype="ipx"/><address addr="aa" addrtype="mac"/>');
    expect(text(report(''), report(strange)).output).toBe('\n+aa, 4.1:\n+Host is up.\n');
  });

  test('N5: times and ports that are no numbers are left out', () => {
    const odd = host('<ports><port protocol="tcp" portid="x"><state state="open"/></port></ports>');
    expect(text(report(odd, 'start="soon"'), report(host(''), 'start="x"'))).toEqual({ output: '', code: 0 });
  });

  test('N6: collapsed ports without a state are of an unknown one', () => {
    const { output } = text(report(host('')), report(host('<ports><extraports count="3"/></ports>')));
    expect(output).toContain('+Not shown: 3 unknown ports');
  });

  test.each([
    [
      'is cut off',
      '<nmaprun start="0"><host><status state="up"/><address addr="10.0.0.1" addrtype="ipv4"/></host><ho',
    ],
    ['holds a broken record', `<nmaprun start="0"><host><status state=></host>${host('')}</nmaprun>`],
  ])('N7: of a file that %s, the rest is compared and a problem told', (_what, broken) => {
    expect(readDocument(Buffer.from(broken)).problems).toHaveLength(1);
    expect(text(report(host(''), 'start="0"'), Buffer.from(broken))).toEqual({ output: '', code: 0 });
  });

  test('N8: a document type of its own refuses the file', () => {
    const bomb = Buffer.from('<!DOCTYPE nmaprun [<!ENTITY a "b">]><nmaprun/>');
    expect(() => readDocument(bomb)).toThrow(/document type definition/);
  });
});

test('a report says the same in chunks of any size', () => {
  fc.assert(
    fc.property(reports, fc.integer({ min: 1, max: 300 }), (text, size) => {
      expect(readDocument(Buffer.from(text), size)).toEqual(readDocument(Buffer.from(text)));
    }),
  );
});

test('a record with comments and CDATA is read by the general parser, and says the same', () => {
  fc.assert(
    fc.property(reports, (text) => {
      const odd = text
        .replaceAll(/<status /g, '<!-- odd --><status ')
        .replaceAll('<os', '<?odd?><![CDATA[ ]]><os');
      expect(readDocument(Buffer.from(odd)).scan).toEqual(readDocument(Buffer.from(text)).scan);
    }),
  );
});
