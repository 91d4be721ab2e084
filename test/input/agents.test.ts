import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { agents } from '../../src/input/agents.ts';

const root = new URL('../../docs/formats/', import.meta.url).pathname;
const pages = new Map(
  readdirSync(root)
    .filter((name) => name !== 'README.md')
    .map((name) => [name, readFileSync(root + name, 'utf8')]),
);

test.each(agents.map(({ name }) => name))('%s is described on one page, and in the overview', (name) => {
  const found = [...pages].filter(([, text]) => text.includes(`| \`${name}\` |`)).map(([page]) => page);
  expect(found).toHaveLength(1);
  expect(readFileSync(`${root}README.md`, 'utf8')).toContain(`\`${name}\``);
});

test.each([...pages])(
  '%s names agents, a line to push, and what is read, concluded and not',
  (_page, text) => {
    const named = [...text.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name);
    const known = new Set(agents.map(({ name }) => name));
    expect(named.filter((name) => !known.has(name as string))).toEqual([]);
    expect(named.length).toBeGreaterThan(0);
    expect(text).toMatch(/^drportscan push \S+ --scanner \S+/m);
    for (const part of ['**Read:**', '**Concluded:**', '**Not:**']) expect(text).toContain(part);
    expect(text.length).toBeLessThan(2500);
  },
);

test('no two agents have one name, and names say the tool and the format', () => {
  const names = agents.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
});
