import { expect, test } from 'vitest';
import { decideScan } from '../../src/pipeline/scan-status.ts';
import { rowCounts } from '../laws/stored.ts';
import { onDatabase } from '../support/databases.ts';
import { on, receivedAt, uploadsTo, web } from './uploading.ts';

const lines = '10.0.0.1:80\n10.0.0.2:443\n';
const hour = 3600_000;

onDatabase('pglite', ({ database }) => {
  const { scannerOf, upload } = uploadsTo(database);

  async function again(scanner: number, ...given: [report: string, more?: Parameters<typeof upload>[2]]) {
    const [result] = await upload(scanner, ...given);
    return { id: result?.scan.id, repeated: result?.repeated, note: result?.note };
  }

  test('the same report is another look where another time is given with it, and the same where the same is', async () => {
    const scanner = await scannerOf();
    const at = [receivedAt - 2 * hour, receivedAt - hour].map((observedAt) => ({ observedAt }));
    const [one, two] = [await again(scanner, lines, at[0]), await again(scanner, lines, at[1])];
    expect([one.repeated, two.repeated]).toEqual([false, false]);
    const before = await rowCounts(database());
    expect(await again(scanner, lines, at[0])).toEqual({ ...one, repeated: true });
    expect(await again(scanner, lines, at[1])).toEqual({ ...two, repeated: true });
    expect(await rowCounts(database())).toEqual(before);
  });

  test('whoever sends a report without a time again is told how to say that it is another look', async () => {
    const scanner = await scannerOf();
    await upload(scanner, lines);
    expect((await again(scanner, lines)).note).toMatch(/says no time: .* --observed-at/);
  });

  test.each([
    ['addresses', { addresses: ['10.0.0.0/25'] }, {}],
    ['addresses', {}, { addresses: ['10.0.0.0/25'] }],
    ['addresses, ports', { addresses: ['10.0.0.0/25'] }, { addresses: ['10.0.0.0/26'], ports: '22' }],
    ['', { addresses: ['10.0.0.0/25'], ports: '80,22' }, { addresses: ['10.0.0.0/25'], ports: '22,80/tcp' }],
  ])('a repetition says which options it ignores: %s', async (ignored, first, second) => {
    const scanner = await scannerOf();
    const one = await again(scanner, on(1, { hosts: [web] }), first);
    const two = await again(scanner, on(1, { hosts: [web] }), second);
    expect(two).toMatchObject({ id: one.id, repeated: true });
    expect(two.note ?? '').toMatch(ignored === '' ? /^$/ : `ignored: ${ignored}. `);
    if (ignored !== '') expect(two.note).toMatch(`"scan discard ${one.id}"`);
  });

  test('the report of a discarded scan is taken in with other options, once; with the same it says how to go on', async () => {
    const scanner = await scannerOf();
    const wrong = { addresses: ['10.0.0.0/30'] };
    const one = await again(scanner, on(1, { hosts: [web] }), wrong);
    await decideScan(database(), Number(one.id), { action: 'discard', now: receivedAt });
    const same = await again(scanner, on(1, { hosts: [web] }), wrong);
    expect(same).toMatchObject({ id: one.id, repeated: true });
    expect(same.note).toMatch(`"scan restore ${one.id}"`);

    const two = await again(scanner, on(1, { hosts: [web] }));
    expect(two).toMatchObject({ repeated: false, note: undefined });
    expect(two.id).not.toBe(one.id);
    expect(await again(scanner, on(1, { hosts: [web] }))).toMatchObject({ id: two.id, repeated: true });
  });

  test('a file with several runs is repeated run by run, also with a time', async () => {
    const scanner = await scannerOf();
    const file = on(1, { hosts: [web] }) + on(2, { hosts: [web] });
    const given = { observedAt: receivedAt - hour };
    const first = await upload(scanner, file, given);
    const second = await upload(scanner, file, given);
    expect(second.map(({ scan, repeated }) => [scan.id, repeated])).toEqual(
      first.map(({ scan }) => [scan.id, true]),
    );
    expect(first).toHaveLength(2);
  });
});
