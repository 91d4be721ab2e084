import { fc, test as propertyTest } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { harmlessLines, safeJson, terminalLines, terminalText } from '../../src/cli/terminal-text.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { harmful, hostileText } from './hostile-text.ts';

const runs = { numRuns: propertyRuns(1000) };

describe('text for the terminal', () => {
  test.each([
    ['a colour', '\u001b[31mred', '\\u001b[31mred'],
    ['a title of the window, with C1 controls', '\u009d0;root\u009c', '\\u009d0;root\\u009c'],
    ['a direction that turns the line around', 'abc\u202etxt.exe', 'abc\\u202etxt.exe'],
    ['what has no width', 'pass\u200bword\ufeff', 'pass\\u200bword\\ufeff'],
    ['a second line', 'first\nsecond\r\tthird\u2028', 'first\\nsecond\\u000d\\tthird\\u2028'],
    ['half a character', 'x\ud800y', 'x\\ud800y'],
    ['invisible letters of a plane beyond', 'a\u{e0041}b', 'a\\u{e0041}b'],
    ['marks that pile up', `a${'\u0301'.repeat(6)}`, `a${'\u0301'.repeat(4)}\\u0301\\u0301`],
  ])('%s is written as its escape', (_name, text, expected) => {
    expect(terminalText(text)).toBe(expected);
  });

  test('letters of all scripts, signs and emoji stay as they are', () => {
    const text = 'nginx/1.22.1 (Debian) größe 日本語 العربية क्षि 🚀 — “x”';
    expect(terminalText(text)).toBe(text);
  });

  test('lines of our own keep their ends', () => {
    expect(terminalLines('one\n\u001btwo\n')).toBe('one\n\\u001btwo\n');
  });

  propertyTest.prop([hostileText], runs)('nothing harmful is left of any text', (text) => {
    expect(terminalText(text)).not.toMatch(harmful);
    expect(terminalText(terminalText(text))).toBe(terminalText(text));
  });
});

test('lines for other programs keep everything but control characters and directions', () => {
  expect(harmlessLines('a\u001b[2J\u009b31m\u202eb\r\n')).toBe('a\\u001b[2J\\u009b31m\\u202eb\\u000d\n');
  const kept = 'größe\t日本語 العربية\u200d🚀\ufeff\n\n x';
  expect(harmlessLines(kept)).toBe(kept);
});

describe('JSON', () => {
  propertyTest.prop([fc.oneof(fc.jsonValue(), hostileText, fc.dictionary(hostileText, hostileText))], runs)(
    'says the same without anything harmful',
    (value) => {
      const text = safeJson(JSON.stringify(value, null, 1));
      expect(text.replaceAll('\n', '')).not.toMatch(harmful);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    },
  );
});
