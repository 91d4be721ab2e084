import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { createColors } from 'picocolors';
import { expect, test } from 'vitest';
import { type DriftFormat, driftFormats, driftWriter } from '../../src/cli/drift-formats.ts';
import type { DriftRow } from '../../src/cli/drift-row.ts';
import type { DriftTally } from '../../src/cli/drift-tally.ts';
import { aRow, nothing, waiver } from './drift-rows.ts';
import { harmful, hostileText } from './hostile-text.ts';

const options = {
  surface: { isTerminal: false, width: undefined, colours: createColors(false) },
  csvRaw: false,
  title: 'What deviates.',
  version: '1.2.3',
};

function written(format: DriftFormat, rows: readonly DriftRow[], tally: DriftTally = nothing): string {
  const writer = driftWriter(format, options);
  return rows.map((row) => writer.rows([row])).join('') + writer.end(tally);
}

const statement = {
  externalId: 'shop',
  expect: 'REQUIRED',
  selector: '10.0.0.1',
  service: null,
  source: { name: 'cmdb' },
};
const rows = [
  aRow(),
  aRow({ kind: 'PORT_MISSING', side: 'MISSING', port: 443, statement, owner: 'webops' }),
  aRow({ kind: 'HOST_UNEXPECTED', port: null, protocol: null, address: '2001:db8::1' }),
  aRow({ port: 22, waiver }),
];
const found = { ...nothing, unexpected: 2, missing: 1, waived: 1, hosts: 2 };

test('a table has a sign, a place and a reason for each item, and the sum at its end', () => {
  const lines = written('table', rows, found).trimEnd().split('\n');
  expect(lines[1]).toMatch(/^\+ {2}10\.0\.0\.1:8080\/tcp +unexpected +outside +2026-11-23 10:15:00Z/);
  expect(lines[2]).toMatch(/^- {2}10\.0\.0\.1:443\/tcp +missing/);
  expect(lines[3]).toMatch(/^\+ {2}2001:db8::1 +unexpected host/);
  expect(lines[4]).toContain('waived until 2026-12-24 00:00:00Z by webops: migration');
  expect(lines.at(-1)).toBe('Drift: 2 unexpected, 1 missing in 2 hosts; 1 waived.');
});

test('JSON is an array of items with words in lower case', () => {
  expect(JSON.parse(written('json', rows, found))[1]).toMatchObject({
    id: 7,
    kind: 'port_missing',
    side: 'missing',
    view: 'outside',
    scan: 3,
    statement: { externalId: 'shop', expect: 'required', source: 'cmdb' },
  });
  expect(JSON.parse(written('json', []))).toEqual([]);
});

interface Sarif {
  readonly $schema: string;
  readonly version: string;
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly invocations: readonly { readonly executionSuccessful: boolean }[];
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly kind: string;
      readonly message: { readonly text: string };
      readonly partialFingerprints: Readonly<Record<string, string>>;
      readonly suppressions?: readonly { readonly kind: string; readonly status: string }[];
    }[];
  }[];
}

test('SARIF has a rule and a fingerprint for each result, and what is waived is suppressed', () => {
  const { $schema, version, runs } = JSON.parse(written('sarif', rows, found)) as Sarif;
  expect([$schema, version]).toEqual(['https://json.schemastore.org/sarif-2.1.0.json', '2.1.0']);
  const [run] = runs;
  for (const { ruleId, ruleIndex, kind } of run?.results ?? []) {
    expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
    expect(kind).toBe('fail');
  }
  expect(run?.results.map(({ level }) => level)).toEqual(['warning', 'error', 'warning', 'warning']);
  expect(run?.results.map(({ partialFingerprints }) => partialFingerprints['driftItem/v1'])).toEqual([
    'default/outside/10.0.0.1/tcp/8080/excess',
    'default/outside/10.0.0.1/tcp/443/missing',
    'default/outside/2001:db8::1/host//excess',
    'default/outside/10.0.0.1/tcp/22/excess',
  ]);
  expect(run?.results.map(({ suppressions }) => suppressions?.[0]?.status)).toEqual([
    undefined,
    undefined,
    undefined,
    'accepted',
  ]);
  const [empty] = (JSON.parse(written('sarif', [], { ...nothing, covered: false })) as Sarif).runs;
  expect(empty).toMatchObject({ results: [], invocations: [{ executionSuccessful: false }] });
  const resolved = aRow({ state: 'RESOLVED', resolvedAt: '2026-11-24T00:00:00.000Z', resolvedBy: 'EXPIRY' });
  const [passed] = (JSON.parse(written('sarif', [resolved])) as Sarif).runs;
  expect(passed?.results).toMatchObject([{ kind: 'pass', level: 'none' }]);
});

const xml = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  isArray: (name) => name === 'testcase',
});

test('JUnit has a suite for each view: what deviates failed, what is waived was skipped', () => {
  const text = written('junit', [...rows, aRow({ view: { name: 'inside' } })], found);
  expect(XMLValidator.validate(text)).toBe(true);
  const { testsuite } = xml.parse(text).testsuites;
  expect(testsuite).toMatchObject([
    { name: 'outside', tests: '4', failures: '3', errors: '0', skipped: '1' },
    { name: 'inside', tests: '1', failures: '1' },
  ]);
  expect(testsuite[0].testcase[1]).toMatchObject({
    name: '10.0.0.1:443/tcp missing',
    failure: { type: 'port_missing', '#text': 'cmdb says required (shop)' },
  });
  expect(xml.parse(written('junit', [])).testsuites.testsuite).toMatchObject({ tests: '1', failures: '0' });
  expect(xml.parse(written('junit', [], { ...nothing, covered: false })).testsuites.testsuite).toMatchObject({
    errors: '1',
    testcase: [{ error: { type: 'nothing_covered' } }],
  });
});

test('HTML is whole without the outside world, and Markdown has a row for each item', () => {
  const page = written('html', rows, found);
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  expect(page.match(/<tr><td/g)).toHaveLength(4);
  expect(page).toMatch(/<\/html>\n$/);
  expect(page).not.toMatch(/<script|src=|href=/);
  const markdown = written('markdown', rows, found);
  expect(markdown.match(/^\| `[+?-]` \|/gm)).toHaveLength(4);
  expect(markdown).toContain('Drift: 2 unexpected, 1 missing in 2 hosts; 1 waived.');
  for (const format of ['html', 'markdown'] as const) expect(written(format, [])).toContain('No drift.');
});

const hostileRow = fc
  .record({ name: hostileText, id: hostileText, owner: hostileText, reason: hostileText, note: hostileText })
  .map(({ name, id, owner, reason, note }) =>
    aRow({
      view: { name },
      addressSpace: { name: id },
      owner,
      waiver: { ...waiver, reason, owner: name },
      acknowledged: { at: '2026-11-23T10:15:00.000Z', by: owner, note },
      statement: { ...statement, externalId: id, source: { name: reason } },
    }),
  );

test.each(driftFormats)('%s is safe to print, whatever scans and inventories hold', (format) => {
  fc.assert(
    fc.property(hostileRow, (row) => {
      const text = written(format, [row], found);
      expect(text.replaceAll('\n', '')).not.toMatch(harmful);
      if (format === 'json') JSON.parse(text);
      if (format === 'sarif') JSON.parse(text);
      if (format === 'jsonl') expect(text.trimEnd().split('\n')).toHaveLength(1);
      if (format === 'junit') expect(XMLValidator.validate(text)).toBe(true);
      if (format === 'html') expect(tagsOf(text)).toEqual(tagsOf(written('html', [aRow({ waiver })], found)));
    }),
    { numRuns: 200 },
  );
});

/** What is markup in a page, without what stands between. */
function tagsOf(page: string): string[] {
  return page.match(/<[^>]*>/g) ?? [];
}
