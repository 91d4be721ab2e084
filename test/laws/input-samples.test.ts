import { expect, test } from 'vitest';
import { agents } from '../../src/input/agents.ts';
import { jsonlEnd, jsonlHost, jsonlRun } from '../../src/output/convert-jsonl.ts';
import { ownSamples, sampleHints } from '../input/own-samples.ts';
import { readBytes } from '../input/reading.ts';

test.each(ownSamples)('$path says what its golden file says', async ({ path, bytes, agent }) => {
  const found = { agent: '' };
  const onAgent = ({ name }: { readonly name: string }) => {
    found.agent = name;
  };
  const { runs, problems } = await readBytes(bytes, bytes.length, { hints: sampleHints, onAgent });
  expect(found.agent).toBe(agent);
  expect(problems).toEqual([]);
  const written = runs.map(({ run, hosts, end }) => {
    expect(end).toBeDefined();
    return jsonlRun(run) + hosts.map(jsonlHost).join('') + (end === undefined ? '' : jsonlEnd(end));
  });
  await expect(written.join('')).toMatchFileSnapshot(`${path}.expected.jsonl`);
});

test('every agent has a sample', () => {
  const known = new Set(ownSamples.map(({ agent }) => agent));
  expect(agents.map(({ name }) => name).filter((name) => !known.has(name))).toEqual(['drportscan-jsonl']);
});
