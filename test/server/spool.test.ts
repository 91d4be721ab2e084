import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ReportRejected } from '../../src/core/errors.ts';
import type { UploadResult } from '../../src/graphql/context.ts';
import { limits } from '../../src/limits.ts';
import { openSpool, type Spool, type TakeIn } from '../../src/server/spool.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const taken = { repeated: false } as UploadResult;

interface Opened {
  readonly spool: Spool;
  readonly directory: string;
  /** What was taken in. */
  readonly reports: string[];
}

async function open(judge: (report: string) => void = () => undefined): Promise<Opened> {
  const reports: string[] = [];
  const takeIn: TakeIn = async (_upload, paths) => {
    const text = (await Promise.all(paths.map((path) => readFile(path, 'utf8')))).join('');
    judge(text);
    reports.push(text);
    return taken;
  };
  const directory = temporaryDirectory();
  const spool = await openSpool(takeIn, directory);
  onTestFinished(() => spool.close());
  return { spool, directory, reports };
}

async function* bytes(...texts: readonly (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) {
    if (typeof text !== 'string') throw text;
    yield Buffer.from(text);
  }
}

async function filesIn(directory: string): Promise<string[]> {
  const names = await readdir(directory, { recursive: true, withFileTypes: true });
  return names.filter((entry) => entry.isFile()).map(({ name }) => name);
}

test('a report is taken in when its last part is here, in the order of the parts', async () => {
  const { spool, reports } = await open();
  const { id } = await spool.create({ scannerId: 1 }, 3);
  await spool.receive(id, 3, bytes('c', 'C'));
  await spool.receive(id, 1, bytes('a'));
  expect(reports).toEqual([]);
  expect((await spool.find(id))?.received).toEqual([
    { part: 1, bytes: 1 },
    { part: 3, bytes: 2 },
  ]);
  const { result } = await spool.receive(id, 2, bytes('b'));
  expect(reports).toEqual(['abcC']);
  expect(result).toBe(taken);
});

test.each([
  ['an unknown format', { format: 'bogus' }, 'format', /There is no format "bogus"/],
  ['a time in the future', { observedAt: Date.UTC(9999, 0) }, 'observedAt', /in the future/],
])('%s is refused before anything is sent', async (_name, about, field, said) => {
  const { spool } = await open();
  const creating = spool.create({ scannerId: 1, ...about }, 1);
  await expect(creating).rejects.toMatchObject({ name: 'BadInput', field });
  await expect(creating).rejects.toThrow(said);
});

test('a part that is sent again replaces the first', async () => {
  const { spool, reports } = await open();
  const { id } = await spool.create({ scannerId: 1 }, 2);
  await spool.receive(id, 1, bytes('old'));
  await spool.receive(id, 1, bytes('new'));
  await spool.receive(id, 2, bytes('!'));
  expect(reports).toEqual(['new!']);
});

test('a part that breaks off does not count, and leaves nothing behind', async () => {
  const { spool, directory, reports } = await open();
  const { id } = await spool.create({ scannerId: 1 }, 1);
  await expect(spool.receive(id, 1, bytes('half', new Error('gone')))).rejects.toThrow('gone');
  expect(await filesIn(directory)).toEqual([]);
  expect((await spool.find(id))?.received).toEqual([]);
  await spool.receive(id, 1, bytes('whole'));
  expect(reports).toEqual(['whole']);
});

test('a part that breaks off does not harm the one that is here', async () => {
  const { spool, reports } = await open();
  const { id } = await spool.create({ scannerId: 1 }, 2);
  await spool.receive(id, 1, bytes('good'));
  await expect(spool.receive(id, 1, bytes('ba', new Error('gone')))).rejects.toThrow('gone');
  await spool.receive(id, 2, bytes('!'));
  expect(reports).toEqual(['good!']);
});

test('a report that is refused says why, and may be sent again', async () => {
  const { spool, reports } = await open((text) => {
    if (text === 'bad') throw new ReportRejected('NOT_A_REPORT', 'This is no report');
  });
  const { id } = await spool.create({ scannerId: 1 }, 1);
  await expect(spool.receive(id, 1, bytes('bad'))).rejects.toThrow('This is no report');
  expect((await spool.find(id))?.failure).toBe('This is no report');
  const upload = await spool.receive(id, 1, bytes('good'));
  expect(upload.failure).toBeUndefined();
  expect(reports).toEqual(['good']);
});

test('what went wrong on our side is not told', async () => {
  const { spool } = await open(() => {
    throw new Error('secret');
  });
  const { id } = await spool.create({ scannerId: 1 }, 1);
  await expect(spool.receive(id, 1, bytes('x'))).rejects.toThrow('secret');
  expect((await spool.find(id))?.failure).toBe('Unexpected error.');
});

test('nothing comes after the last part', async () => {
  const { spool, reports } = await open();
  const { id } = await spool.create({ scannerId: 1 }, 1);
  await spool.receive(id, 1, bytes('a'));
  await expect(spool.receive(id, 1, bytes('b'))).rejects.toThrow('All parts of the upload are here');
  expect(reports).toEqual(['a']);
});

test.each([0, 3, -1, 1.5, Number.NaN])('there is no part %d of two', async (part) => {
  const { spool } = await open();
  const { id } = await spool.create({ scannerId: 1 }, 2);
  await expect(spool.receive(id, part, bytes('a'))).rejects.toThrow('the parts 1 to 2');
});

test('an unknown upload is not found', async () => {
  const { spool } = await open();
  await expect(spool.receive('x', 1, bytes('a'))).rejects.toThrow('There is no such upload');
  expect(await spool.find('x')).toBeUndefined();
});

test('the number of prepared uploads is limited', async () => {
  const { spool } = await open();
  for (let count = 0; count < limits.preparedUploadsMax; count += 1) await spool.create({ scannerId: 1 }, 1);
  await expect(spool.create({ scannerId: 1 }, 1)).rejects.toThrow('Too many uploads');
});

test('a spool that is closed leaves nothing behind, and one that is opened removes what a dead process left', async () => {
  const { spool, directory } = await open();
  const { id } = await spool.create({ scannerId: 1 }, 2);
  await spool.receive(id, 1, bytes('a'));
  await writeFile(join(directory, 'drportscan-spool-999999999-x'), '');
  await writeFile(join(directory, 'somebody-else'), '');
  const second = await openSpool(async () => taken, directory);
  expect((await readdir(directory)).filter((name) => name.includes('999999999'))).toEqual([]);
  await spool.close();
  await second.close();
  expect(await readdir(directory)).toEqual(['somebody-else']);
});
