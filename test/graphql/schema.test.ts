import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask } from '../server/ask.ts';
import { eachDatabase } from '../support/databases.ts';
import { seededServer } from './seeded-server.ts';

// One folder per noun; the name of a file says what its answer shows.
const folder = import.meta.dirname;
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.graphql'),
);

eachDatabase((place) => {
  const server = seededServer(place);

  test.each(files.sort())('%s', async (file) => {
    const { data, errors } = await ask(server.url(), readFileSync(join(folder, file), 'utf8'));
    const told = errors?.map(({ message, extensions }) => ({ message, code: extensions?.['code'] }));
    const answer = `${JSON.stringify({ data, errors: told }, null, 2)}\n`;
    await expect(answer).toMatchFileSnapshot(join(folder, file.replace('.graphql', '.json')));
    expect(server.failures()).toEqual([]);
  });
});
