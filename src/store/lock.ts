import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Another process has the embedded database open. */
export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse';
}

/**
 * Takes the exclusive lock of a database directory: PGlite itself has none, and two processes would
 * silently lose each other's rows. A lock left by a dead process is taken over. Gives the release.
 */
export function lockDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'drportscan.lock');
  const mine = `${process.pid} ${startOf(process.pid) ?? ''}`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (tryWrite(path, mine)) return () => release(path, mine);
    const holder = readHolder(path);
    if (holder !== undefined && isAlive(holder)) {
      throw new DirectoryInUse(
        `the database in ${directory} is in use by process ${holder.pid}; stop it, or talk to its server`,
      );
    }
    rmSync(path, { force: true });
  }
  throw new DirectoryInUse(`the lock ${path} could not be taken; another process keeps taking it`);
}

interface Holder {
  readonly pid: number;
  readonly start: string;
}

function tryWrite(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function release(path: string, mine: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === mine) rmSync(path, { force: true });
}

function readHolder(path: string): Holder | undefined {
  const [pid, start = ''] = existsSync(path) ? readFileSync(path, 'utf8').split(' ') : [];
  return pid === undefined || !/^\d+$/.test(pid) ? undefined : { pid: Number(pid), start };
}

function isAlive({ pid, start }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = startOf(pid);
  return start === '' || now === undefined || now === start; // Another start time: the number was given away anew.
}

/** When a process started, where the system tells (Linux): field 22 of /proc/PID/stat. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined; // No such file: another system, or the process is gone.
  }
}
