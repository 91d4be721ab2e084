import { expect, test } from 'vitest';
import { readBytes } from './reading.ts';

test.each([
  [
    'masscan-json',
    `[${'{"ip":"192.0.2.1","timestamp":"TIME","ports":[{"port":80,"proto":"tcp","status":"open"}]},'.repeat(2)}{"finished":1}]`,
  ],
  ['masscan-list', `#masscan\n${'open tcp 80 192.0.2.1 TIME\n'.repeat(2)}# end\n`],
])('a time of %s in milliseconds is told once, and nothing else is lost', async (format, text) => {
  const read = (time: string) => readBytes(Buffer.from(text.replaceAll('TIME', time)), 99, { format });
  const { runs, problems } = await read('1700000000000');
  expect(problems.map(({ reason }) => reason)).toEqual([
    expect.stringMatching(/"1700000000000" is no time in seconds since 1970/),
  ]);
  expect(runs[0]?.hosts.length).toBeGreaterThan(0);
  expect(runs[0]?.hosts[0]?.observedAt).toBeUndefined();
  expect((await read('1700000000')).problems).toEqual([]);
});
