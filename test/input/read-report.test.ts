import { gzipSync } from 'node:zlib';
import { fc, test as law } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { ReportRefused } from '../../src/input/agent.ts';
import { agents } from '../../src/input/agents.ts';
import { detectAgent } from '../../src/input/detect.ts';
import { limits } from '../../src/limits.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { mutate, mutations, records } from './mutations.ts';
import { ownSamples, sampleHints } from './own-samples.ts';
import { readBytes, readWith } from './reading.ts';

const xml = `<?xml version="1.0"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="nmap 192.0.2.0/24" start="5" version="7.94">
<scaninfo type="syn" protocol="tcp" numservices="99" services="1-99"/>
${records.join('\n')}
<host><!-- </host> --><address addr="192.0.2.77" addrtype="ipv4"/></host>
<runstats><finished time="9" exit="success"/></runstats>
</nmaprun>
`;
const grepable = `# Nmap 7.94 scan initiated Mon Nov 23 04:06:56 2026 as: nmap -v -oG x 192.0.2.0/24
# Ports scanned: TCP(2;22,80) UDP(0;) SCTP(0;) PROTOCOLS(0;)
Host: 192.0.2.1 (a.example)\tStatus: Up
Host: 192.0.2.1 (a.example)\tPorts: 22/open/tcp//ssh//OpenSSH 9.2p1, 80 ways/, 80/closed/tcp//http///\tIgnored State: filtered (9)
Host: 192.0.2.2 ()\tStatus: Timeout
# Nmap done at Mon Nov 23 04:06:58 2026 -- 256 IP addresses (2 hosts up) scanned in 1.31 seconds
`;
const lines = `# a comment
192.0.2.1 22 tcp 2026-11-23 04:06:56
2001:DB8::1 53 udp 1795406796

192.0.2.1 80 tcp
`;
const jsonl = `{"drportscan":1,"tool":"nmap","names":true,"status":true,"absent":"down","warnings":[]}
{"address":"192.0.2.1","status":"up","names":[],"timedOut":false,"ports":[{"port":"22/tcp","state":"open"}],"collapsed":[]}
{"end":true,"complete":true}
`;
const reports = [xml, grepable, lines, jsonl].map((text) => Buffer.from(text));

describe('a report says the same', () => {
  law.prop(
    [fc.constantFrom(...reports), fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 })],
    {
      numRuns: propertyRuns(300),
    },
  )('wherever its bytes are cut', (bytes, shares) => {
    const agent = detectAgent(bytes);
    const cuts = shares.map((share) => Math.floor(share * bytes.length));
    expect(readWith(agent.open(), bytes, cuts)).toEqual(readWith(agent.open(), bytes));
  });

  test.each(reports)('byte by byte, and packed: %s', async (bytes) => {
    const whole = await readBytes(bytes);
    expect(whole.runs).toHaveLength(1);
    expect(await readBytes(bytes, 1)).toEqual(whole);
    expect(await readBytes(gzipSync(bytes), 7)).toEqual(whole);
    const half = Math.floor(bytes.length / 2);
    const members = [gzipSync(bytes.subarray(0, half)), gzipSync(bytes.subarray(half))];
    expect(await readBytes(Buffer.concat(members))).toEqual(whole);
  });

  law.prop([fc.constantFrom(...reports), mutations], { numRuns: propertyRuns(500) })(
    'whatever is broken in it, and nothing crashes',
    (bytes, changes) => {
      const broken = Buffer.from(mutate(bytes.toString(), changes));
      for (const agent of agents) {
        const [whole, split] = [[], [broken.length >> 1, broken.length >> 2]].map((cuts) => {
          try {
            return readWith(agent.open(), broken, cuts);
          } catch (error) {
            if (error instanceof ReportRefused) return error.code;
            throw error;
          }
        });
        expect(split).toEqual(whole);
      }
    },
  );
});

describe('packed reports', () => {
  test.each([
    ['gzip in gzip', gzipSync(gzipSync(reports[0] as Buffer)), 'CORRUPT'],
    ['a bomb', gzipSync(Buffer.concat([Buffer.from('<nmaprun '), Buffer.alloc(40 << 20)])), 'TOO_LARGE'],
    ['nothing', Buffer.alloc(0), 'EMPTY'],
    ['gzip of nothing', gzipSync(Buffer.alloc(0)), 'EMPTY'],
    ['gzip that is cut off in its first bytes', gzipSync(reports[0] as Buffer).subarray(0, 12), 'CORRUPT'],
  ])('%s is refused', async (_name, bytes, code) => {
    await expect(readBytes(bytes)).rejects.toMatchObject({ name: 'ReportRefused', code });
  });

  test('a gzip that is cut off is read as far as it goes, and its run is partial', async () => {
    const packed = gzipSync(reports[0] as Buffer);
    const { runs, problems } = await readBytes(packed.subarray(0, packed.length - 12), 100);
    expect(runs[0]?.hosts.length).toBeGreaterThan(0);
    expect(runs[0]?.end?.complete).toBe(false);
    expect(problems.at(-1)?.reason).toMatch(/cut off/);
  });
});

test.each([
  ['<ncrackrun args="">', /ncrack/],
  ['<html><body>404</body></html>', /web page/],
  [
    '<?xml version="1.0"?>\n<!DOCTYPE nmaprun>\n<!-- Nmap 7.95 > -->\n<nmap',
    /ends before it says which tool/,
  ],
  ['<?xml version="1.0" encoding', /ends before it says which tool/],
  ['<?xml version="1.0"?><!-- > --><report>', /XML of another tool/],
  ['{"a": 1}', /JSON/],
  [
    '<nmapdiff version="1"><scandiff><a><nmaprun scanner="nmap" args="nmap x" start="5"/></a>',
    /the output of ndiff/,
  ],
  ['hello', /nothing in its beginning/],
])('%s is refused with a sentence that says what it seems to be', (text, reason) => {
  expect(() => detectAgent(Buffer.from(text))).toThrow(reason);
  expect(() => detectAgent(Buffer.from(text))).toThrow(/docs\/formats.* nmap-xml, /);
});

test.each(agents.map(({ name }) => name))('no bytes are no report of %s', async (format) => {
  const reading = readBytes(Buffer.alloc(0), 1, { format, hints: sampleHints });
  await expect(reading).rejects.toMatchObject({ code: 'EMPTY' });
  await expect(reading).rejects.toThrow(/send "\[\]" with --format masscan-json/);
});

test.each(['[]', '[\n]\n', '{finished: 1}\n'])(
  '%s of masscan is a scan in which nothing answered',
  async (text) => {
    const { runs } = await readBytes(Buffer.from(text), 9, { format: 'masscan-json' });
    expect(runs).toMatchObject([{ hosts: [], end: { complete: true } }]);
  },
);

test('an end that says success does not make a run complete whose record was lost', async () => {
  const { runs } = await readBytes(Buffer.from(xml.replace('portid="22"', 'portid="99999"')));
  expect(runs[0]?.end).toEqual({
    endedAt: 9000,
    complete: false,
    reason: '1 host record(s) could not be read as a whole',
  });
});

describe('problems', () => {
  const broken = ownSamples.map(({ agent, bytes }) => {
    const text = bytes.toString().replaceAll(/192\.0\.2\.\d+/g, '999.1.1.1');
    return [agent, Buffer.from(text.repeat(1 + Math.ceil(60_000 / text.length) * 20))] as const;
  });

  test.each(broken)('of %s are told up to a limit, however many there are', async (format, bytes) => {
    const { problems } = await readBytes(bytes, 64 << 10, { format, hints: sampleHints });
    expect(problems.length).toBeLessThanOrEqual(limits.problemsMax);
    if (problems.length === limits.problemsMax)
      expect(problems.at(-1)?.reason).toMatch(/further problems are not told/);
  });
});

test.each([
  [undefined, 'portscan-lines'],
  ['naabu-lines', 'naabu-lines'],
  ['nmap-xml', 'nmap-xml'],
])('with the format %s, lines are read as %s', async (format, name) => {
  const agent: string[] = [];
  const options = { onAgent: (found: { name: string }) => void agent.push(found.name) };
  await readBytes(Buffer.from(lines), 7, format === undefined ? options : { ...options, format });
  expect(agent).toEqual([name]);
});
