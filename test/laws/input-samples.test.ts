import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { jsonlEnd, jsonlHost, jsonlRun } from '../../src/output/convert-jsonl.ts';
import { readBytes } from '../input/reading.ts';

const root = new URL('../samples/', import.meta.url).pathname;
const formats = ['nmap-xml', 'nmap-grepable', 'portscan-lines'];
const files = formats.flatMap((format) =>
  readdirSync(root + format)
    .filter((name) => !name.endsWith('.expected.jsonl'))
    .map((name) => `${format}/${name}`),
);

test.each(files)('%s says what its golden file says', async (file) => {
  const { runs, problems } = await readBytes(readFileSync(root + file));
  expect(problems).toEqual([]);
  const written = runs.map(({ run, hosts, end }) => {
    expect(end).toBeDefined();
    return jsonlRun(run) + hosts.map(jsonlHost).join('') + (end === undefined ? '' : jsonlEnd(end));
  });
  await expect(written.join('')).toMatchFileSnapshot(`${root}${file}.expected.jsonl`);
});
