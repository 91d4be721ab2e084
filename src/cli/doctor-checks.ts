import { existsSync } from 'node:fs';
import { access, constants, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Place, withoutPassword } from '../config.ts';
import { type Api, readPages } from './api.ts';
import { explain } from './failure.ts';
import { openPlace } from './place-options.ts';
import { timeText } from './row-values.ts';
import { type ScannerNode, type ScannerRow, scannerFields, scannerRow } from './scanner-row.ts';

/** One thing that was looked at. */
export interface Check {
  readonly name: 'node' | 'disk' | 'database' | 'server' | 'clock' | 'scanner';
  readonly result: 'ok' | 'warning' | 'error';
  readonly detail: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** Looks at everything, one after the other. */
export async function* checksOf(place: Place): AsyncGenerator<Check> {
  yield nodeCheck(process.versions.node);
  if (place.kind === 'embedded') yield* directoryChecks(place.directory);
  if (place.kind === 'embedded' && !existsSync(join(place.directory, 'pglite'))) {
    yield {
      name: 'database',
      result: 'ok',
      detail: `There is none in ${place.directory} yet; serve and ingest make it.`,
    };
    return;
  }
  yield* apiChecks(place);
}

/** The first release of Node 20 that can load what we need. */
const nodeMin = [20, 19] as const;

/** Whether this Node is new enough. */
export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNew = major > nodeMin[0] || (major === nodeMin[0] && minor >= nodeMin[1]);
  if (isNew) return { name: 'node', result: 'ok', detail: `Node.js ${version}.` };
  const detail = `Node.js ${version} is too old.`;
  return { name: 'node', result: 'error', detail, remedy: `Install ${nodeMin.join('.')} or later.` };
}

const diskWarning = 1e9;
const diskError = 1e8;

async function* directoryChecks(directory: string): AsyncGenerator<Check> {
  const existing = nearestExisting(resolve(directory));
  try {
    await access(existing, constants.W_OK);
  } catch {
    const detail = `${existing} cannot be written.`;
    yield {
      name: 'disk',
      result: 'error',
      detail,
      remedy: 'Change its owner or mode, or choose another with --data.',
    };
    return;
  }
  const { bavail, bsize } = await statfs(existing);
  yield diskCheck(bavail * bsize, existing);
}

/** Whether so many free bytes are enough. */
export function diskCheck(free: number, directory: string): Check {
  const detail = `${(free / 1e9).toFixed(1)} GB free for ${directory}.`;
  if (free >= diskWarning) return { name: 'disk', result: 'ok', detail };
  return { name: 'disk', result: free < diskError ? 'error' : 'warning', detail, remedy: 'Free some space.' };
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

async function* apiChecks(place: Place): AsyncGenerator<Check> {
  const name = place.kind === 'server' ? 'server' : 'database';
  try {
    const api = await openPlace(place, 'existing');
    try {
      const scanners = await scannersOf(api);
      yield { name, result: 'ok', detail: `${placeText(place)} answers${writable[name]}` };
      yield clockCheck(scanners, Date.now());
      yield* scannerChecks(scanners);
    } finally {
      await api.close();
    }
  } catch (error) {
    yield { name, result: 'error', detail: explain(error).sentence };
  }
}

/** Opening a database applies missing migrations, so that it can be written is known by then. */
const writable = { server: '.', database: ', can be written, and has the present schema.' } as const;

function placeText(place: Place): string {
  if (place.kind === 'server') return `The server ${place.url}`;
  return place.kind === 'postgres'
    ? `PostgreSQL at ${withoutPassword(place.url)}`
    : `The embedded database in ${place.directory}`;
}

async function scannersOf(api: Api): Promise<ScannerRow[]> {
  const rows: ScannerRow[] = [];
  for await (const nodes of readPages<ScannerNode>(api, { document, field: 'scanners' })) {
    rows.push(...nodes.map(scannerRow));
  }
  return rows;
}

const document = /* GraphQL */ `
  query ($first: Int, $after: String) {
    scanners(first: $first, after: $after) {
      nodes { ${scannerFields} }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

const skewMs = 60_000;

/** A clock that stands before what was received already is wrong, or was. */
export function clockCheck(scanners: readonly Pick<ScannerRow, 'lastReceivedAt'>[], now: number): Check {
  const latest = Math.max(0, ...scanners.map(({ lastReceivedAt }) => Date.parse(lastReceivedAt ?? '') || 0));
  const detail = `It is ${timeText(new Date(now).toISOString())}`;
  if (latest <= now + skewMs) return { name: 'clock', result: 'ok', detail: `${detail}.` };
  return {
    name: 'clock',
    result: 'error',
    detail: `${detail}, but a report was received at ${timeText(new Date(latest).toISOString())}.`,
    remedy: 'Set the clock; synchronise it with NTP.',
  };
}

type Expected = Pick<ScannerRow, 'name' | 'expectEverySeconds' | 'dueAt' | 'overdue' | 'retiredAt'>;

/** Scanners that are silent for longer than is expected of them, as the API says. */
export function scannerChecks(scanners: readonly Expected[]): Check[] {
  const expected = scanners.filter(
    (scanner) => scanner.expectEverySeconds !== null && scanner.retiredAt === null,
  );
  const overdue = expected.filter((scanner) => scanner.overdue);
  if (overdue.length === 0) {
    const detail = `${scanners.length} scanners, ${expected.length} of them with an expectation, none overdue.`;
    return [{ name: 'scanner', result: 'ok', detail }];
  }
  return overdue.map(({ name, dueAt }) => ({
    name: 'scanner',
    result: 'error',
    detail: `"${name}" is overdue${dueAt === null ? '' : `: its scan was due at ${timeText(dueAt)}`}.`,
    remedy: 'Look after it, or change what is expected: drportscan scanner set --expect-every.',
  }));
}
