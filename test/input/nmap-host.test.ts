import { fc, test as law } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { type ReportEvent, ReportRefused } from '../../src/input/agent.ts';
import { type NmapHost, toObservations } from '../../src/input/nmap-facts.ts';
import { openHostReader } from '../../src/input/nmap-host.ts';
import { readHostReference } from '../../src/input/nmap-host-reference.ts';
import { essenceOf } from '../../src/input/nmap-record.ts';
import { nmapXml } from '../../src/input/nmap-xml.ts';
import { openSplitter, type RawRecord } from '../../src/input/xml-splitter.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { mutate, mutations, records } from './mutations.ts';
import { readWith } from './reading.ts';
import { samplesIn } from './samples.ts';

const essence = fc
  .tuple(fc.constantFrom(...records), mutations)
  .map(([record, changes]) => mutate(record, changes));

describe('the fast reader of host records', () => {
  test.each(records.slice(0, 4))('reads the regular shape by itself: %s', (record) => {
    expect(openHostReader()(record)).toBeDefined();
  });

  law.prop([essence], { numRuns: propertyRuns(1000) })(
    'agrees with the reference wherever it reads',
    (text) => {
      const fast = openHostReader()(text);
      if (fast !== undefined) expect(facts(fast)).toEqual(facts(readHostReference(text)));
    },
  );

  test('agrees with the reference on every record of every sample, and reads nearly all of them', () => {
    let all = 0;
    let fastReads = 0;
    for (const { path, bytes } of samplesIn('nmap-xml', /\.xml$/).filter(
      ({ name }) => !name.startsWith('local__'),
    )) {
      const read = openHostReader();
      for (const record of recordsOf(bytes())) {
        const text = essenceOf(record).bytes.toString();
        const fast = read(text);
        all += 1;
        if (fast === undefined) continue;
        fastReads += 1;
        expect(facts(fast), path).toEqual(facts(readHostReference(text)));
      }
    }
    expect(fastReads).toBeGreaterThanOrEqual(all * 0.98);
  });
});

describe('the digest of a record', () => {
  test('does not change with the times, nor with what follows the ports', () => {
    const before = documentOf(records[0] as string);
    const later = before
      .replaceAll(/(start|end)time="\d+"/g, '$1time="1799999999"')
      .replace('seconds="5"', 'seconds="9"');
    expect(digestsOf(later)).toEqual(digestsOf(before));
    expect(later).not.toBe(before);
  });

  test('changes with an element that matters behind the ports', () => {
    const before = documentOf(records[0] as string);
    const after = before.replace('<uptime', '<status state="down"/><uptime');
    expect(digestsOf(after)).not.toEqual(digestsOf(before));
  });

  law.prop([fc.constantFrom(...records), mutations, mutations], { numRuns: propertyRuns(1000) })(
    'two different observations never share one',
    (record, some, others) => {
      const seen = new Map<string, unknown>();
      for (const text of [
        record,
        mutate(record, some),
        mutate(record, others),
        mutate(mutate(record, some), others),
      ]) {
        for (const event of outcomesOf(text)) {
          if (seen.has(event.digest)) expect(event.outcome).toEqual(seen.get(event.digest));
          seen.set(event.digest, event.outcome);
        }
      }
    },
  );
});

function facts(host: NmapHost | string): unknown {
  return typeof host === 'string' ? host : { hosts: toObservations(host), problems: host.problems };
}

function documentOf(record: string): string {
  return `<?xml version="1.0"?>\n<nmaprun scanner="nmap" args="nmap 192.0.2.0/24">\n${record}\n</nmaprun>\n`;
}

function digestsOf(document: string): readonly string[] {
  return readWith(nmapXml.open(), Buffer.from(document)).runs[0]?.digests ?? [];
}

/** Every digest of a document with what its record says, but for the time, which is part of no digest. */
function outcomesOf(record: string): { digest: string; outcome: unknown }[] {
  const reader = nmapXml.open();
  let events: readonly ReportEvent[] = [];
  try {
    events = [...reader.write(Buffer.from(documentOf(record))), ...reader.end()];
  } catch (error) {
    if (!(error instanceof ReportRefused)) throw error;
  }
  return events.flatMap((event) => {
    if (event.kind !== 'record') return [];
    const outcome = event
      .read()
      .map((found) =>
        found.kind === 'host' ? { ...found.host, observedAt: undefined } : found.problem.reason,
      );
    return [{ digest: event.digest, outcome }];
  });
}

function recordsOf(bytes: Buffer): RawRecord[] {
  const found: RawRecord[] = [];
  const ignore = () => {};
  const splitter = openSplitter({
    tag: ignore,
    lost: ignore,
    junk: ignore,
    record: (record) => found.push({ ...record, bytes: Buffer.from(record.bytes) }),
  });
  splitter.write(bytes);
  splitter.end();
  return found;
}
