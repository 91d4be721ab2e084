import fc from 'fast-check';

/**
 * What no output may hold: control characters, directions, zero widths, separators of lines, half surrogates. Written
 * as numbers, not as the classes of Unicode that the program uses.
 */
export const harmful =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

const tricks = [
  '\u001b[2J',
  '\u001b]0;title\u0007',
  '\u001b]52;c;ZXZpbA==\u0007',
  '\u001b]8;;http://evil.example\u001b\\link\u001b]8;;\u001b\\',
  '\u009b31m',
  '\u0090q\u009c',
  '\r\n',
  '\u0000',
  '\b\b\b',
  '\u202e',
  '\u2066',
  '\u200b',
  '\u2028',
  '\ufeff',
  '\u061c',
  '\udc00',
  '\ud83d',
  '\u{e0041}',
  '=cmd|calc!A1',
  '"',
  "'",
  ',',
  '\t@SUM(1)',
  '日本',
  '🚀',
  'a',
];

/** Text as somebody would put it into a banner to harm who reads it. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...tricks), fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })))
  .map((parts) => parts.join(''));
