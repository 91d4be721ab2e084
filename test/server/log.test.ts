import { expect, test } from 'vitest';
import { createLog } from '../../src/server/log.ts';

function lineOf(entry: Record<string, unknown>): string {
  let written = '';
  createLog({ write: (line) => (written += line) }).info(entry, 'said');
  return written;
}

test('a line has no byte that a terminal acts on', () => {
  const line = lineOf({ banner: '\u001b[2J\u009b31m\u202etxt\u200b\u2028\nnext' });
  expect(line).toMatch(/^[\x20-\x7e]*\n$/);
  expect(JSON.parse(line)).toMatchObject({
    banner: '\u001b[2J\u009b31m\u202etxt\u200b\u2028\nnext',
    msg: 'said',
  });
});

test('a long value is cut', () => {
  expect(lineOf({ banner: 'x'.repeat(100_000) }).length).toBeLessThan(1200);
});
