import { afterAll, expect, test } from 'vitest';
import type { Running } from '../support/program.ts';
import { requires } from '../support/requires.ts';
import { follow } from './tour.ts';

requires('curl')('the page on targets', () => {
  const background: Running[] = [];
  afterAll(() => Promise.all(background.map((program) => program.stop())));

  test('declares what should be and tells what deviates with commands that run and print what it says', async () => {
    expect(await follow('docs/target.md', background)).toBeGreaterThan(8);
  });
});
