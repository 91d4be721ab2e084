import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type InboxFile, isSame, statusOf } from './inbox-files.ts';

/** Where a file goes when it is done with, and what is written down beside it. */
export interface Errand {
  readonly folder: 'old' | 'failed';
  readonly value: object;
}

const notes = { old: '.receipt.json', failed: '.error.json' } as const;

/**
 * Puts a file away with its note, which goes first: a file is never away without it. Leaves alone what took the place
 * of the file meanwhile (`changed`); another process may have been faster (`gone`).
 */
export async function putAway(
  file: InboxFile,
  { folder, value }: Errand,
): Promise<'away' | 'gone' | 'changed'> {
  const target = join(dirname(file.path), folder);
  await realFolder(target);
  const about = await statusOf(file.path);
  if (about === undefined) return 'gone';
  if (!isSame(file, about)) return 'changed';

  const name = await freeName(target, file.name);
  const note = join(target, `${name}${notes[folder]}`);
  await writeFile(note, `${JSON.stringify(value, null, 2)}\n`);
  try {
    await rename(file.path, join(target, name));
    return 'away';
  } catch (error) {
    if ((await statusOf(join(target, name))) === undefined) await rm(note, { force: true });
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'gone';
    throw error;
  }
}

/** A link would let whoever may write into an inbox move files to anywhere. */
async function realFolder(path: string): Promise<void> {
  const about = await statusOf(path);
  if (about?.isDirectory() === true) return;
  if (about !== undefined)
    throw Object.assign(new Error(`${path} is not a directory`), { code: 'ENOTDIR', path });
  await mkdir(path, { recursive: true }); // Another process may make it just now.
}

/** Characters of a name that leave room for a number and the end of the note's name. */
const nameCharactersMax = 60;
const nameBytesMax = 220;

/** The name, or one with a number before it where there is one already; names that leave no room are cut. */
async function freeName(directory: string, name: string): Promise<string> {
  const taken = new Set(await readdir(directory));
  const short = Buffer.byteLength(name) <= nameBytesMax ? name : name.slice(-nameCharactersMax);
  let candidate = short;
  for (let n = 2; taken.has(candidate); n += 1) candidate = `${n}-${short}`;
  return candidate;
}
