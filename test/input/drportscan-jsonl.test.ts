import { fc, test as law } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { addressAt, lastPosition } from '../../src/core/address.ts';
import { portKey, protocols } from '../../src/core/endpoint.ts';
import { bigintLine, normalise, numberLine } from '../../src/core/intervals.ts';
import { type HostObservation, rawStates } from '../../src/core/observation.ts';
import { drportscanJsonl } from '../../src/input/drportscan-jsonl.ts';
import { newGatherer } from '../../src/input/gather.ts';
import { byCodePoint } from '../../src/input/merge.ts';
import { portscanLines } from '../../src/input/portscan-lines.ts';
import { jsonlEnd, jsonlHost, jsonlRun } from '../../src/output/convert-jsonl.ts';
import { portscanLinesOf } from '../../src/output/convert-lines.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { readWith } from './reading.ts';

const instant = fc.integer({ min: 1, max: 253_402_300_799_999 });
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 8 });
const key = fc
  .tuple(fc.constantFrom(...protocols), fc.nat(255))
  .map(([protocol, port]) => portKey(protocol, port));
const service = fc.record(
  {
    name: text,
    product: text,
    version: text,
    extra: text,
    tunnel: text,
    cpe: fc.array(text, { minLength: 1, maxLength: 2 }),
    probed: fc.boolean(),
  },
  { requiredKeys: ['probed'] },
);
const port = fc.record(
  { port: key, state: fc.constantFrom(...rawStates), reason: text, service, observedAt: instant },
  { requiredKeys: ['port', 'state'] },
);
const portSet = fc.array(key, { maxLength: 5 }).map((keys) =>
  normalise(
    numberLine,
    keys.map((first) => ({ first, last: first })),
  ),
);
const address = fc
  .oneof(fc.bigInt(0n, lastPosition[4]), fc.bigInt(lastPosition[6] - 9999n, lastPosition[6]))
  .map(addressAt);
const host: fc.Arbitrary<HostObservation> = fc.record(
  {
    address,
    status: fc.constantFrom('up', 'down', 'unknown'),
    reason: text,
    names: fc.uniqueArray(text, { maxLength: 3 }).map((names) => names.sort(byCodePoint)),
    mac: text,
    vendor: text,
    ports: fc
      .uniqueArray(port, { selector: (entry) => entry.port, maxLength: 5 })
      .map((all) => all.sort((a, b) => a.port - b.port)),
    collapsed: fc.array(
      fc.record(
        {
          state: fc.constantFrom(...rawStates),
          count: fc.nat(65_536),
          protocol: fc.constantFrom(...protocols),
          ports: portSet,
        },
        { requiredKeys: ['state', 'count'] },
      ),
      { maxLength: 2 },
    ),
    timedOut: fc.boolean(),
    observedAt: instant,
  },
  { requiredKeys: ['address', 'status', 'names', 'ports', 'collapsed', 'timedOut'] },
);
const run = fc.record(
  {
    tool: text,
    version: text,
    args: text,
    startedAt: instant,
    ports: portSet,
    addresses: fc.array(fc.bigInt(0n, lastPosition[4]), { maxLength: 4 }).map((all) =>
      normalise(
        bigintLine,
        all.map((first) => ({ first, last: first })),
      ),
    ),
    names: fc.boolean(),
    status: fc.boolean(),
    absent: fc.constantFrom('down', 'nothing_open', 'unknown'),
    warnings: fc.array(text, { maxLength: 2 }),
  },
  { requiredKeys: ['tool', 'names', 'status', 'absent', 'warnings'] },
);
const end = fc.record(
  { endedAt: instant, complete: fc.boolean(), reason: text },
  { requiredKeys: ['complete'] },
);

describe('our JSON lines', () => {
  law.prop([run, fc.array(host, { maxLength: 4 }), end], { numRuns: propertyRuns(300) })(
    'lose nothing of a report',
    (header, hosts, last) => {
      const written = Buffer.from(jsonlRun(header) + hosts.map(jsonlHost).join('') + jsonlEnd(last));
      expect(drportscanJsonl.recognises(written)).toBe(true);
      const report = readWith(drportscanJsonl.open(), written);
      expect(report.problems).toEqual([]);
      expect(report.runs).toEqual([{ run: header, hosts, digests: [], end: last }]);
    },
  );

  test.each([
    ['{"address":"010.0.0.1","status":"up"}', /ambiguous/],
    ['{"address":"10.0.0.1","status":"so"}', /"status" is none of/],
    ['{"address":"10.0.0.1","status":"up","ports":[{"port":"99999/tcp","state":"open"}]}', /not a port/],
    ['[1', /not a JSON object/],
    [`${'['.repeat(100_000)}`, /not a JSON object/],
    ['{"__proto__":{"address":"10.0.0.1"},"status":"up"}', /refused/],
  ])('%s is a problem and makes the run partial', (line, reason) => {
    const header = '{"drportscan":1,"tool":"x","names":true,"status":true,"absent":"down"}';
    const { runs, problems } = readWith(
      drportscanJsonl.open(),
      Buffer.from(`${header}\n${line}\n{"end":true,"complete":true}\n`),
    );
    expect(problems).toEqual([expect.objectContaining({ line: 2, reason: expect.stringMatching(reason) })]);
    expect(runs[0]?.end?.complete).toBe(false);
  });
});

law.prop([fc.uniqueArray(host, { selector: (entry) => entry.address, maxLength: 4 })])(
  'the uniform lines keep every open port with its time',
  (hosts) => {
    const written = hosts.map((entry) => portscanLinesOf(entry, { endedAt: 5000 })).join('');
    const gatherer = newGatherer();
    for (const entry of readWith(portscanLines.open(), Buffer.from(written)).runs[0]?.hosts ?? [])
      gatherer.add(entry);
    const expected = hosts
      .map(({ address: name, ports, observedAt }) => [
        name,
        ports
          .filter(({ state }) => state === 'open')
          .map((seen) => [seen.port, seen.observedAt ?? observedAt ?? 5000]),
      ])
      .filter(([, ports]) => (ports as unknown[]).length > 0);
    expect(
      [...gatherer.drain()].map((seen) => [seen.address, seen.ports.map((p) => [p.port, p.observedAt])]),
    ).toEqual(expected);
  },
);

law.prop([fc.array(host, { minLength: 1, maxLength: 4 }), fc.nat()])(
  'what is gathered of a host does not depend on the order of its records',
  (records, seed) => {
    const one = (all: readonly HostObservation[]) => {
      const gatherer = newGatherer();
      for (const record of all) gatherer.add({ ...record, address: '192.0.2.1' });
      return [...gatherer.drain()];
    };
    const turned = records.map((_, index) => records[(index + seed) % records.length] as HostObservation);
    expect(one(turned.reverse())).toEqual(one(records));
  },
);
