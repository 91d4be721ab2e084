import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { direction, noCycles, sqlInStoreOnly } from './import-rules.ts';
import { check, importsOf, type Rule, type SourceFile } from './rules.ts';
import {
  namedExports,
  noMocks,
  numberedTodos,
  parameterisedSql,
  pureCore,
  shortFiles,
  tellingNames,
  testsMirrorSources,
} from './style-rules.ts';

/** Tests of what a whole room does together, which no single source file stands for. */
const roomTests: readonly string[] = [];

/** What may stand at the top of the project, besides what .gitignore names. */
const topLevel = [
  '.ci',
  '.git',
  '.github',
  '.gitignore',
  '.npmrc',
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'biome.json',
  'deploy',
  'docs',
  'drizzle.config.ts',
  'migrations',
  'package-lock.json',
  'package.json',
  'schema',
  'src',
  'test',
  'tsconfig.build.json',
  'tsconfig.json',
  'vitest.config.ts',
];

const project: readonly SourceFile[] = ['src', 'schema', 'test'].flatMap((top) =>
  readdirSync(top, { recursive: true, encoding: 'utf8' })
    .map((name) => join(top, name))
    .filter((path) => path.endsWith('.ts') && !path.startsWith('test/architecture/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(path, 'utf8') })),
);

describe('the project', () => {
  test.each<[string, Rule]>([
    ['imports go one way only', direction],
    ['no file imports itself in a circle', noCycles],
    ['SQL and its drivers are imported in the store only', sqlInStoreOnly],
    ['SQL is written in the store only, with parameters', parameterisedSql],
    ['core is a function of its arguments', pureCore],
    ['file names say what is inside', tellingNames],
    ['no file has more than 400 lines', shortFiles],
    ['exports are named and come from where they are defined', namedExports],
    ['what is to be done has an issue number', numberedTodos],
    ['modules are tested as they are', noMocks],
    ['tests mirror sources', testsMirrorSources(roomTests)],
  ])('%s', (_name, rule) => {
    expect(check(project, [rule])).toEqual([]);
  });

  test('nothing else stands at its top', () => {
    const ignored = readFileSync('.gitignore', 'utf8').split('\n');
    const others = readdirSync('.').filter((name) => !topLevel.includes(name) && !isIgnored(name, ignored));
    expect(others).toEqual([]);
  });
});

describe('the rules themselves', () => {
  const anything = 'export const anything = 1;\n';

  test.each<[string, Rule, Record<string, string>, string[]]>([
    [
      'core that imports a package, Node or another room',
      direction,
      {
        'src/core/a.ts':
          "import { x } from 'ipaddr.js';\nimport fs from 'node:fs';\nimport { y } from '../store/b.ts';\n",
        'src/store/b.ts': anything,
      },
      [
        'src/core/a.ts:1 core may not import ipaddr.js',
        'src/core/a.ts:2 core may not import node:fs',
        'src/core/a.ts:3 core may not import from store',
      ],
    ],
    [
      'core that imports even the limits, as a type, over several lines',
      direction,
      { 'src/core/a.ts': "import type {\n  X,\n  Y,\n} from '../limits.ts';\n", 'src/limits.ts': anything },
      ['src/core/a.ts:1 core may not import from limits.ts'],
    ],
    [
      'a dynamic import',
      direction,
      { 'src/graphql/a.ts': "const x = 1;\nawait import('../store/b.ts');\n", 'src/store/b.ts': anything },
      ['src/graphql/a.ts:2 graphql may not import from store'],
    ],
    [
      'an import for its side effect, a re-export and a room that nobody knows',
      direction,
      {
        'src/output/a.ts': "import '../pipeline/b.ts';\nexport { c } from '../input/c.ts';\n",
        'src/pipeline/b.ts': anything,
        'src/input/c.ts': anything,
        'src/cellar/d.ts': anything,
      },
      [
        'src/output/a.ts:1 output may not import from pipeline',
        'src/output/a.ts:2 output may not import from input',
        'src/cellar/d.ts:1 cellar is not a room of the house',
      ],
    ],
    [
      'an input agent that reads files, and sources that import tests',
      direction,
      {
        'src/input/a.ts':
          "import { readFile } from 'node:fs/promises';\nimport { createHash } from 'node:crypto';\n",
        'src/cli/b.ts': "import { until } from '../../test/support/until.ts';\n",
      },
      [
        'src/input/a.ts:1 input may not import node:fs/promises',
        'src/cli/b.ts:1 imports test/support/until.ts, which is not part of the program',
      ],
    ],
    [
      'a cycle over three files, told once',
      noCycles,
      {
        'src/core/a.ts': "import { b } from './b.ts';\n",
        'src/core/b.ts': "import { c } from './c.ts';\n",
        'src/core/c.ts': "import type { a } from './a.ts';\n",
        'src/core/d.ts': "import { a } from './a.ts';\n",
      },
      ['src/core/a.ts:1 is a cycle: src/core/a.ts -> src/core/b.ts -> src/core/c.ts -> src/core/a.ts'],
    ],
    [
      'a driver outside of the store',
      sqlInStoreOnly,
      {
        'src/server/a.ts': "import postgres from 'postgres';\nimport { sql } from 'drizzle-orm';\n",
        'schema/b.ts': "import { pgTable } from 'drizzle-orm/pg-core';\n",
        'src/store/c.ts': "import postgres from 'postgres';\n",
      },
      [
        'src/server/a.ts:1 imports postgres, but SQL lives in src/store',
        'src/server/a.ts:2 imports drizzle-orm, but SQL lives in src/store',
      ],
    ],
    [
      'SQL outside of the store, and raw SQL anywhere',
      parameterisedSql,
      {
        'src/pipeline/a.ts': 'const x = sql`select 1`;\n// sql`in a comment`\n',
        'src/store/b.ts': 'const x = sql`select 1`;\nconst y = sql.raw(x);\n',
      },
      [
        'src/pipeline/a.ts:1 has SQL, which lives in src/store',
        'src/store/b.ts:2 uses sql.raw: SQL gets its values as parameters',
      ],
    ],
    [
      'core with a clock',
      pureCore,
      { 'src/core/a.ts': '/** Not Date.now. */\nconst x = Date.now();\nconst y = new Date(0);\n' },
      ['src/core/a.ts:2 uses Date.now: core has no clock, no chance and no world'],
    ],
    [
      'names that say nothing',
      tellingNames,
      { 'src/core/index.ts': '', 'src/core/date-utils.ts': '', 'src/core/futile.ts': '' },
      [
        'src/core/index.ts:1 has a name that says nothing',
        'src/core/date-utils.ts:1 has a name that says nothing',
      ],
    ],
    [
      'a long file',
      shortFiles,
      { 'src/core/a.ts': '\n'.repeat(400), 'src/core/b.ts': '\n'.repeat(401) },
      ['src/core/b.ts:400 has 401 lines, at most 400'],
    ],
    [
      'default exports and barrels',
      namedExports,
      {
        'src/core/a.ts': 'export default 1;\n',
        'src/core/b.ts': "export * from './a.ts';\nexport {\n  x,\n} from './a.ts';\nexport { y };\n",
      },
      [
        'src/core/a.ts:1 has a default export',
        'src/core/b.ts:1 passes on the exports of others',
        'src/core/b.ts:2 passes on the exports of others',
      ],
    ],
    [
      'a promise without a number',
      numberedTodos,
      { 'src/core/a.ts': '// TODO: later\n// TODO(#12): later\n// TODO #13 later\n' },
      ['src/core/a.ts:1 has a TODO without an issue number'],
    ],
    [
      'a mock',
      noMocks,
      { 'test/core/a.test.ts': "vi.mock('x');\n" },
      ['test/core/a.test.ts:1 uses vi.mock(: modules are tested as they are'],
    ],
    [
      'a test of nothing',
      testsMirrorSources(['test/store/all.test.ts']),
      {
        'src/core/a.ts': '',
        'test/core/a.test.ts': '',
        'test/core/b.test.ts': '',
        'test/laws/c.test.ts': '',
        'test/store/all.test.ts': '',
      },
      ['test/core/b.test.ts:1 tests nothing: there is no src/core/b.ts'],
    ],
  ])('catch %s', (_name, rule, sources, expected) => {
    const files = Object.entries(sources).map(([path, text]) => ({ path, text }));
    expect(check(files, [rule])).toEqual(expected);
  });

  test('no import hides in a comment or a text, and none is missed', () => {
    const text = [
      "import a from 'a';",
      " * import b from 'b';",
      "// import c from 'c';",
      'import { type D, e } from "./d.ts";',
      "export const f = 'from';",
      "export type { G } from './g.ts';",
      'export function from() {}',
    ].join('\n');
    const found = importsOf({ path: 'src/core/x.ts', text }).map(({ specifier }) => specifier);
    expect(found).toEqual(['a', './d.ts', './g.ts']);
  });
});

function isIgnored(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    pattern.startsWith('*')
      ? name.endsWith(pattern.slice(1))
      : pattern !== '' && pattern.replace('/', '') === name,
  );
}
