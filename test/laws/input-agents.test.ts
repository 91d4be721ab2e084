import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ReportRefused } from '../../src/input/agent.ts';
import { agentNamed, detectAgent } from '../../src/input/detect.ts';
import { newGatherer } from '../../src/input/gather.ts';
import { type OwnSample, ownSamples, sampleHints } from '../input/own-samples.ts';
import { type ReadReport, readBytes, readWith } from '../input/reading.ts';

/** Agents whose form says where it ends: whatever is missing there is noticed. */
const withEndMark: ReadonlySet<string> = new Set([
  'nmap-xml',
  'nmap-grepable',
  'nmap-normal',
  'masscan-xml',
  'masscan-grepable',
  'masscan-json',
  'masscan-list',
  'masscan-unicornscan',
  'nessus-xml',
  'openvas-xml',
  'qualys-xml',
  'nexpose-xml',
  'nmap-formatter-json',
]);

const samples = ownSamples.map((file) => ({ ...file, name: file.path.split('/').slice(-2).join('/') }));

describe.each(samples)('$name', ({ agent, path, bytes }) => {
  const open = () => agentNamed(agent).open(sampleHints);
  const whole = readWith(open(), bytes);
  const facts = openEndpoints(whole);
  const hasEndMark = withEndMark.has(agent) && !path.endsWith('.ndjson');

  test('says the same wherever it is cut in two, byte by byte, and packed', async () => {
    for (let cut = 0; cut <= bytes.length; cut += 1) expect(readWith(open(), bytes, [cut])).toEqual(whole);
    const options = { hints: sampleHints };
    expect(await readBytes(bytes, 1, options)).toEqual(whole);
    expect(await readBytes(gzipSync(bytes), 5, options)).toEqual(whole);
  });

  test('is known by its beginning', () => {
    expect(detectAgent(bytes).name).toBe(agent);
  });

  test('is partial wherever its end is missing, or says all that stands before', () => {
    const text = bytes.toString('latin1');
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const report = tryRead(agent, bytes.subarray(0, cut));
      const rest = text.slice(cut).trim();
      if (report === undefined || rest === '' || rest === '# end' || !isComplete(report)) continue;
      const isEnd = hasEndMark && text.slice(0, cut).trimEnd().length < text.trimEnd().length;
      if (rest.startsWith('<!--') || isWithinMark(text, cut)) continue;
      if (isEnd) expect(`complete although cut at ${cut}: ${rest.slice(0, 40)}`).toBe('');
      expect(bytes[cut - 1] === 0x0a || /[}\]]/.test(text[cut - 1] ?? '')).toBe(true);
    }
  });

  test('is partial, or says the same, whichever byte was overwritten', () => {
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = Buffer.from(bytes);
      damaged[at] = 0;
      const report = tryRead(agent, damaged);
      if (report === undefined || !isComplete(report)) continue;
      const place = `${at}: ${bytes.toString('latin1', Math.max(0, at - 20), at)}¶${bytes.toString('latin1', at, at + 20)}`;
      expect([place, openEndpoints(report)]).toEqual([place, facts]);
    }
  });
});

/** The last line of nmap and masscan counts what is known already. */
function isWithinMark(text: string, cut: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', cut - 1) + 1);
  return /^# (Nmap|Masscan) done at .{24}/.test(line);
}

function tryRead(agent: OwnSample['agent'], bytes: Buffer): ReadReport | undefined {
  try {
    return readWith(agentNamed(agent).open(sampleHints), bytes);
  } catch (error) {
    if (error instanceof ReportRefused) return undefined;
    throw error;
  }
}

/** Whether something could be closed by it. */
function isComplete({ runs }: ReadReport): boolean {
  return runs.length > 0 && runs.every(({ end }) => end?.complete === true);
}

function openEndpoints({ runs }: ReadReport): string[] {
  const gatherer = newGatherer();
  for (const host of runs.flatMap(({ hosts }) => hosts)) gatherer.add(host);
  return [...gatherer.drain()]
    .flatMap(({ address, timedOut, ports }) => [
      `${address} ${timedOut ? 'timed out' : ''}`,
      ...ports.filter(({ state }) => state === 'open').map(({ port }) => `${address} ${port}`),
    ])
    .sort();
}
