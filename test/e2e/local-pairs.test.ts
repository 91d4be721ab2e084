import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { samplesFolder, withSamples } from '../support/samples.ts';
import { changesOfScan, newScanner, takeInFile } from '../support/taking-in.ts';

type Side = string | null;

/** What an independent reader found to differ between two scans of one laboratory network. */
interface Delta {
  readonly complete_A: boolean;
  readonly complete_B: boolean;
  readonly host_status: readonly (readonly [address: string, before: string, after: string])[];
  readonly host_only_in_A: readonly string[];
  readonly host_only_in_B: readonly string[];
  readonly hostnames: readonly (readonly [address: string, before: string[], after: string[]])[];
  readonly port_state: readonly (readonly [
    address: string,
    protocol: string,
    port: number,
    before: Side,
    after: Side,
  ])[];
  readonly service: readonly (readonly [address: string, protocol: string, port: number, ...unknown[]])[];
}

const folder = join(samplesFolder, 'local-pairs');
const pairs = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => name.endsWith('.delta.expected.json'))
      .map((name) => name.replace('.delta.expected.json', ''))
  : [];

const isShut = (state: Side) => state === 'closed' || state === 'filtered';

/** The entries that the known truth asks for, by the words of the contract. */
function entriesOf(delta: Delta): string[] {
  const gone = new Set([
    ...delta.host_status.filter(([, , after]) => after === 'down').map(([address]) => address),
    ...delta.host_only_in_A,
  ]);
  const came = new Set([
    ...delta.host_status.filter(([, before]) => before === 'down').map(([address]) => address),
    ...delta.host_only_in_B,
  ]);
  return [
    ...[...gone].map((address) => `host_gone ${address}`),
    ...[...came].map((address) => `host_new ${address}`),
    ...delta.hostnames
      .filter(([address]) => !gone.has(address) && !came.has(address))
      .map(([address]) => `name_changed ${address}`),
    ...delta.port_state.flatMap(([address, , port, before, after]) => {
      if (gone.has(address)) return []; // One entry for the host says it all.
      if (before === 'open' && isShut(after)) return [`port_closed ${address} ${port}`];
      if (after === 'open' && (isShut(before) || (before === null && came.has(address))))
        return [`port_opened ${address} ${port}`];
      return [];
    }),
    ...delta.service.map(([address, , port]) => `service_changed ${address} ${port}`),
  ].sort();
}

withSamples('the laboratory network before and after', () => {
  eachDatabase(({ database }) => {
    test.each(pairs)(
      '%s: the known differences come out as change entries, and nothing else',
      async (pair) => {
        const delta = JSON.parse(readFileSync(join(folder, `${pair}.delta.expected.json`), 'utf8')) as Delta;
        const scanner = await newScanner(database());
        await takeInFile(database(), scanner, join(folder, `${pair}-A.xml`));
        const after = await takeInFile(database(), scanner, join(folder, `${pair}-B.xml`));

        const found = (await changesOfScan(database(), after.scan.id)).sort();
        const isWhole = delta.complete_A && delta.complete_B;
        const expected = pair.startsWith('list-') ? [] : entriesOf(delta);
        if (isWhole) expect(found).toEqual(expected);
        else expect(found.filter((entry) => /gone|closed/.test(entry))).toEqual([]);
        expect(after.scan.complete).toBe(delta.complete_B);
      },
    );
  });
});

describe('the sample pairs', () => {
  test('are all here, or none is', () => {
    expect([0, 14]).toContain(pairs.length);
  });
});
