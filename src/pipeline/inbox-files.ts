import { constants, type Dirent, type Stats } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../limits.ts';

/** A file in the folder of a scanner, as it was when it was looked at. */
export interface InboxFile {
  readonly scanner: string;
  readonly name: string;
  readonly path: string;
  readonly size: number;
  readonly changedAt: number;
  /** Tells a file from another one that took its name. */
  readonly inode: number;
}

/** Something in an inbox that is left alone. */
export interface InboxOddity {
  /** Its path within the inbox. */
  readonly place: string;
  readonly error: unknown;
}

/** What lies in an inbox. */
export interface InboxFiles {
  readonly files: readonly InboxFile[];
  readonly oddities: readonly InboxOddity[];
}

/** Lists the files in the folders of an inbox, and what is in the way. Throws where the inbox itself cannot be read. */
export async function readInbox(directory: string): Promise<InboxFiles> {
  const files: InboxFile[] = [];
  const oddities: InboxOddity[] = [];
  for (const folder of await readdir(directory, { withFileTypes: true })) {
    if (isHidden(folder.name)) continue;
    if (!folder.isDirectory()) {
      const error = new LeftAlone(`It is no folder of a scanner${whatElse(folder)}.`);
      oddities.push({ place: folder.name, error });
      continue;
    }
    try {
      await readFolder({ directory, scanner: folder.name }, files, oddities);
    } catch (error) {
      oddities.push({ place: folder.name, error });
    }
  }
  return { files, oddities };
}

/** Something that no inbox takes. */
class LeftAlone extends Error {
  override readonly name = 'Failure';
}

async function readFolder(
  { directory, scanner }: { directory: string; scanner: string },
  files: InboxFile[],
  oddities: InboxOddity[],
): Promise<void> {
  let count = 0;
  for (const entry of await readdir(join(directory, scanner), { withFileTypes: true })) {
    const { name } = entry;
    if (isHidden(name) || isUnfinished(name) || isOwn(entry)) continue;
    const path = join(directory, scanner, name);
    const about = entry.isFile() ? await statusOf(path) : undefined;
    if (about?.isFile() === true && count < limits.inboxFilesMax) {
      files.push({ scanner, name, path, ...identityOf(about) });
      count += 1;
      continue;
    }
    const reason = entry.isFile() ? unreachable(name) : `It is no regular file${whatElse(entry)}.`;
    if (reason !== undefined) oddities.push({ place: `${scanner}/${name}`, error: new LeftAlone(reason) });
  }
}

/** What is at a path itself, not where a link leads; undefined where nothing is any more. */
export async function statusOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function identityOf({ size, mtimeMs, ino }: Stats): Pick<InboxFile, 'size' | 'changedAt' | 'inode'> {
  return { size, changedAt: mtimeMs, inode: ino };
}

/** Whether a file is what it was. */
export function isSame(file: InboxFile, about: Stats): boolean {
  const { size, changedAt, inode } = identityOf(about);
  return about.isFile() && file.size === size && file.changedAt === changedAt && file.inode === inode;
}

/**
 * The bytes of a file, which is opened when the first are asked for: an error before would find nobody. A link that
 * somebody put in its place is not followed, a pipe not waited for.
 */
export async function* bytesOfFile(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    yield* file.createReadStream({ highWaterMark: limits.readerChunkBytesMax, autoClose: false });
  } finally {
    await file.close();
  }
}

function isHidden(name: string): boolean {
  return name.startsWith('.');
}

/** Names that programs give to files while they write them. */
function isUnfinished(name: string): boolean {
  return /\.(part|partial|tmp|swp|crdownload|filepart)$|~$/.test(name);
}

function isOwn(entry: Dirent): boolean {
  return entry.isDirectory() && (entry.name === 'old' || entry.name === 'failed');
}

function whatElse(entry: Dirent): string {
  if (entry.isSymbolicLink()) return ', but a link, which is not followed; put the thing itself here';
  if (entry.isDirectory()) return ', but a directory; move its files up';
  if (entry.isFile()) return '; move it into the folder with the name of its scanner';
  return ', but a pipe, socket or device';
}

/** Why a file that is listed cannot be found; undefined where it may just have gone. */
function unreachable(name: string): string | undefined {
  return name.includes('\ufffd') ? 'Its name is not UTF-8; rename it.' : undefined;
}
