import { type Import, importsOf, type Rule, type SourceFile, targetOf, type Violation } from './rules.ts';

interface Room {
  /** The rooms and single files that it may import, besides itself. */
  readonly rooms: readonly string[];
  /** The packages it may import; all unless told. */
  readonly packages?: RegExp;
  /** The modules of Node it may import; all unless told. */
  readonly node?: RegExp;
}

const NONE = /(?!)/;
const NO_INPUT_OUTPUT =
  /^(?!node:(fs|net|tls|http|https|http2|dgram|dns|child_process|worker_threads)(\/|$))/;

/** Who may import what: the table of the house. A folder or file of src that does not stand here is a violation. */
const rooms: Readonly<Record<string, Room>> = {
  core: { rooms: [], packages: NONE, node: NONE },
  input: { rooms: ['core', 'limits.ts'], node: NO_INPUT_OUTPUT },
  inventory: { rooms: ['core', 'limits.ts'], node: NO_INPUT_OUTPUT },
  store: { rooms: ['core', 'limits.ts', 'schema'] },
  output: { rooms: ['core', 'limits.ts'] },
  pipeline: {
    rooms: ['core', 'input', 'inventory', 'store', 'output', 'limits.ts', 'log.ts', 'config.ts'],
  },
  graphql: {
    rooms: ['core', 'limits.ts'],
    packages: /^(graphql|graphql-yoga|graphql-ws|@pothos\/[a-z-]+)(\/|$)/,
    node: NONE,
  },
  server: {
    rooms: [
      'core',
      'input',
      'inventory',
      'store',
      'output',
      'pipeline',
      'graphql',
      'limits.ts',
      'log.ts',
      'config.ts',
    ],
  },
  web: { rooms: ['core'], node: NONE },
  cli: {
    rooms: [
      'core',
      'input',
      'inventory',
      'store',
      'output',
      'pipeline',
      'graphql',
      'server',
      'limits.ts',
      'log.ts',
      'config.ts',
    ],
  },
  schema: { rooms: ['core'] },
  'limits.ts': { rooms: [], packages: NONE, node: NONE },
  'config.ts': { rooms: ['core', 'limits.ts'] },
  'log.ts': { rooms: ['limits.ts'] },
  'main.ts': { rooms: ['cli'] },
};

/** Imports go one way only. */
export const direction: Rule = function* (file) {
  const from = roomOf(file.path);
  if (from === undefined) return;

  const room = rooms[from];
  if (!room) {
    yield { path: file.path, line: 1, message: `${from} is not a room of the house` };
    return;
  }
  for (const imported of importsOf(file)) {
    const message = refusal({ file, from, room, imported });
    if (message) yield { path: file.path, line: imported.line, message };
  }
};

/** No file imports itself, however long the way round. */
export const noCycles: Rule = function* (file, all) {
  const way = wayBack(file, all);
  if (!way || way.some((path) => path < file.path)) return; // A cycle is told once, by its first file.
  yield { path: file.path, line: 1, message: `is a cycle: ${[...way, file.path].join(' -> ')}` };
};

/** SQL and database drivers stay in the store; the tables, in schema. */
export const sqlInStoreOnly: Rule = function* (file) {
  const from = roomOf(file.path);
  if (from === undefined || from === 'store') return;

  const packages = from === 'schema' ? DRIVERS : new RegExp(`${DRIVERS.source}|^drizzle-orm(/|$)`);
  for (const { specifier, line } of importsOf(file)) {
    if (packages.test(specifier))
      yield violation(file, line, `imports ${specifier}, but SQL lives in src/store`);
  }
};

const DRIVERS = /^(postgres|pg|@electric-sql\/pglite)(\/|$)/;

/** `src/core/change.ts` stands in core, `src/main.ts` in main.ts, `schema/scans.ts` in schema; tests are free. */
function roomOf(path: string): string | undefined {
  const [top, room] = path.split('/');
  if (top === 'src') return room;
  return top === 'schema' ? 'schema' : undefined;
}

function refusal(place: {
  file: SourceFile;
  from: string;
  room: Room;
  imported: Import;
}): string | undefined {
  const { file, from, room, imported } = place;
  const { specifier } = imported;
  const target = targetOf(file, imported);
  if (target === undefined) {
    const allowed = specifier.startsWith('node:') ? room.node : room.packages;
    return !allowed || allowed.test(specifier) ? undefined : `${from} may not import ${specifier}`;
  }

  const to = roomOf(target);
  if (to === undefined) return `imports ${target}, which is not part of the program`;
  return to === from || room.rooms.includes(to) ? undefined : `${from} may not import from ${to}`;
}

/** The files between a file and itself along its imports, beginning with the file, or undefined. */
function wayBack(start: SourceFile, all: ReadonlyMap<string, SourceFile>): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const waiting = [start];
  for (let file = waiting.shift(); file; file = waiting.shift()) {
    for (const imported of importsOf(file)) {
      const target = targetOf(file, imported);
      const next = target === undefined ? undefined : all.get(target);
      if (!next) continue;
      if (next === start) return trace(file.path, start.path, cameFrom);
      if (cameFrom.has(next.path)) continue;
      cameFrom.set(next.path, file.path);
      waiting.push(next);
    }
  }
  return undefined;
}

function trace(end: string, start: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way = [end];
  while (way[0] !== start) way.unshift(cameFrom.get(way[0] ?? start) ?? start);
  return way;
}

function violation({ path }: SourceFile, line: number, message: string): Violation {
  return { path, line, message };
}
