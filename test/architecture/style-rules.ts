import { codeOf, places, type Rule } from './rules.ts';

const LINES_MAX = 400;

/** Names that say nothing about what is inside. */
export const tellingNames: Rule = function* ({ path }) {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/^(index|.*\b(utils?|helpers?|managers?|services?))\.ts$/.test(name)) {
    yield { path, line: 1, message: 'has a name that says nothing' };
  }
};

/** A file that is longer holds more than one thing. */
export const shortFiles: Rule = function* ({ path, text }) {
  const lines = text.split('\n').length - 1;
  if (lines > LINES_MAX) yield { path, line: LINES_MAX, message: `has ${lines} lines, at most ${LINES_MAX}` };
};

/** One name per thing: exports are named, and nobody passes on what others export. */
export const namedExports: Rule = function* (file) {
  if (!file.path.startsWith('src/')) return;
  yield* places(file, codeOf(file), /^export default\b/gm, 'has a default export');
  yield* places(
    file,
    codeOf(file),
    /^export (type )?(\*|\{[^}]*\}\s*from\b)/gm,
    'passes on the exports of others',
  );
};

/** Parameters only: raw SQL text is how injections begin. SQL templates stay in the store and the tables. */
export const parameterisedSql: Rule = function* (file) {
  if (!/^(src|schema)\//.test(file.path)) return;
  const code = codeOf(file);
  yield* places(file, code, /\bsql\.raw\b/g, 'uses $&: SQL gets its values as parameters');
  if (/^(src\/store|schema)\//.test(file.path)) return;
  yield* places(file, code, /\bsql`|\.unsafe\(/g, 'has SQL, which lives in src/store');
};

/** The core is a function of its arguments: no clock, no chance, no world. */
export const pureCore: Rule = function* (file) {
  if (!file.path.startsWith('src/core/')) return;
  const impure =
    /\b(Date\.now|new Date\(\)|Math\.random|process\.|Buffer\b|setTimeout|setInterval|setImmediate|fetch\(|console\.|performance\.|crypto\.|globalThis)/g;
  yield* places(file, codeOf(file), impure, 'uses $&: core has no clock, no chance and no world');
};

/** What is to be done later has a number under which it will be found. */
export const numberedTodos: Rule = function* (file) {
  yield* places(file, file.text, /\b(TODO|FIXME|XXX)\b(?!\s*\(?#\d+)/g, 'has a $& without an issue number');
};

/** Our own modules are tested as they are. */
export const noMocks: Rule = function* (file) {
  yield* places(
    file,
    codeOf(file),
    /\bvi\.(mock|doMock|hoisted)\(/g,
    'uses $&: modules are tested as they are',
  );
};

/** Rooms whose tests stand in a folder of the same name, in a file of the same name. */
const mirrored = ['core', 'input', 'inventory', 'store', 'output', 'pipeline', 'graphql', 'server', 'cli'];

/** `test/core/change.test.ts` tests `src/core/change.ts`; `exceptions` test a whole room. */
export function testsMirrorSources(exceptions: readonly string[]): Rule {
  return function* ({ path }, all) {
    const [, room, name] = /^test\/(?<room>[^/]+)\/(?<name>.+)\.test\.ts$/.exec(path) ?? [];
    if (!room || !mirrored.includes(room) || exceptions.includes(path)) return;
    if (all.has(`src/${room}/${name}.ts`)) return;
    yield { path, line: 1, message: `tests nothing: there is no src/${room}/${name}.ts` };
  };
}
