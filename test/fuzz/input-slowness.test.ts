import { describe, expect, test } from 'vitest';
import { ReportRefused } from '../../src/input/agent.ts';
import { detectAgent } from '../../src/input/detect.ts';
import { limits } from '../../src/limits.ts';
import { ownSamples, sampleHints } from '../input/own-samples.ts';
import { readBytes } from '../input/reading.ts';

/** What a text that is slow to read repeats: openings without an end, separators, blanks, digits, whole small records. */
const pieces = [
  ...[
    ' ',
    '\t',
    '\n',
    '\r\n',
    '\r',
    'a',
    '1',
    '.',
    ',',
    ', ',
    ':',
    ';',
    '/',
    '-',
    '=',
    '"',
    "'",
    '\\',
    '\\\\"',
  ],
  ...[
    '<',
    '>',
    '</',
    '/>',
    '<a>',
    '<a ',
    '<!--',
    '-->',
    '<![CDATA[',
    '<?a',
    '&',
    '&#65;',
    '&amp;',
    '<!DOCTYPE',
  ],
  ...['{', '}', '[', ']', '{"a":', '[[', '"a":1,', '{}', '{},', 'null,', '"\\u0041', '1e9', '\u001b[1m'],
  ...[
    '(',
    ')',
    '(a',
    '#',
    '# ',
    'Host: ',
    'Ports: ',
    '22/open/tcp//ssh///, ',
    '192.0.2.9 ',
    '192.0.2.9:80\n',
  ],
  ...['<host>', '</host>', '<port ', '<host ', ' a="b"', 'Nmap scan report for a (', '80,', '1-2,', 'x (y) '],
];

// The promise (F24) is 2 seconds for a megabyte. Time that grows with the square takes far more for an eighth of one.
const bytesMax = 128 << 10;
const secondsMax = 1.5;

/** Where in a sample the piece is repeated, as shares of its length. */
const places = Number(process.env.FC_RUNS ?? 0) > 0 ? [0, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 1] : [0.6];

describe.each(
  ownSamples.map(({ agent, path, bytes }) => ({ name: path.split('/').slice(-2).join('/'), agent, bytes })),
)('$name', ({ agent, bytes }) => {
  test('no piece makes its reader slow, however often it stands there', { timeout: 600_000 }, async () => {
    const slow: string[] = [];
    for (const piece of pieces) {
      const filling = Buffer.alloc(bytesMax, piece);
      for (const place of places) {
        const at = Math.floor(place * bytes.length);
        const started = cpuSeconds();
        await outcome(agent, Buffer.concat([bytes.subarray(0, at), filling, bytes.subarray(at)]));
        const seconds = cpuSeconds() - started;
        if (seconds > secondsMax) slow.push(`${JSON.stringify(piece)} at ${place}: ${seconds.toFixed(1)} s`);
      }
    }
    expect(slow).toEqual([]);
  });
});

test.each(pieces.map((piece) => [JSON.stringify(piece), piece]))(
  'no beginning of %s makes the detection slow',
  (_name, piece) => {
    const slow: string[] = [];
    for (const { path, bytes } of [{ path: 'nothing', bytes: Buffer.alloc(0) }, ...ownSamples]) {
      const half = bytes.subarray(0, bytes.length / 2);
      const head = Buffer.concat([half, Buffer.alloc(limits.detectBytesMax, piece)]);
      const started = cpuSeconds();
      try {
        detectAgent(head.subarray(0, limits.detectBytesMax));
      } catch (error) {
        expect(error).toBeInstanceOf(ReportRefused);
      }
      const seconds = cpuSeconds() - started;
      if (seconds > secondsMax) slow.push(`after ${path}: ${seconds.toFixed(1)} s`);
    }
    expect(slow).toEqual([]);
  },
);

/** What this process has worked so far: on a busy machine, more time goes by. */
function cpuSeconds(): number {
  return process.cpuUsage().user / 1e6;
}

async function outcome(format: string, bytes: Buffer): Promise<void> {
  try {
    await readBytes(bytes, 64 << 10, { format, hints: sampleHints });
  } catch (error) {
    if (!(error instanceof ReportRefused)) throw error;
  }
}
