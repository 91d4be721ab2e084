import { expect, test } from 'vitest';
import { progressLine } from '../../src/cli/progress.ts';

test.each([
  ['nothing', 0, '[........................] 0%  0.0 MB of 40.0 MB  0.0 MB/s  a.xml'],
  ['half', 20e6, '[############............] 50%  20.0 MB of 40.0 MB  10.0 MB/s  a.xml'],
  [
    'more than was there at first',
    50e6,
    '[########################] 100%  50.0 MB of 40.0 MB  25.0 MB/s  a.xml',
  ],
])('%s is done', (_name, done, line) => {
  expect(progressLine({ label: 'a.xml', done, total: 40e6, ms: 2000 })).toBe(line);
});

test('without a total there is no bar', () => {
  expect(progressLine({ label: 'standard input', done: 20e6, total: undefined, ms: 2000 })).toBe(
    '20.0 MB  10.0 MB/s  standard input',
  );
});
