import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Running } from '../support/program.ts';
import { requires } from '../support/requires.ts';
import { follow } from './tour.ts';

requires('nmap')('README', () => requires('curl')('for a visitor', tour));

function tour(): void {
  const background: Running[] = [];
  afterAll(() => Promise.all(background.map((program) => program.stop())));

  test('every command runs and prints what it says', async () => {
    expect(await follow('README.md', background)).toBeGreaterThan(10);
  });
}

const pages = readdirSync('docs', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => join('docs', name));

test.each(['README.md', ...pages])('files that %s names exist', (page) => {
  const named = readFileSync(page, 'utf8').matchAll(/\]\((?!http|#)([^)#]+)(?:#[^)]*)?\)/g);
  const paths = [...named].map(([, path = '']) => join(dirname(page), path));
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
});
