import { afterAll, expect, test } from 'vitest';
import type { Running } from '../support/program.ts';
import { requires } from '../support/requires.ts';
import { follow } from './tour.ts';

requires('curl')('the page on evidence', () => {
  const background: Running[] = [];
  afterAll(() => Promise.all(background.map((program) => program.stop())));

  test('tells of a scanner that goes blind with commands that run and print what it says', async () => {
    expect(await follow('docs/history.md', background)).toBeGreaterThan(15);
  });
});
