import { expect, test } from 'vitest';
import type { HostObservation } from '../../src/core/observation.ts';
import { ReportRefused } from '../../src/input/agent.ts';
import { type ReadReport, readBytes } from '../input/reading.ts';
import { missingSamples, sample, samplesIn } from '../input/samples.ts';
import { skippedBecause } from '../support/requires.ts';

const withSamples = skippedBecause(missingSamples);

/** What must happen to each file in words of its own: refused with a code, or read to these facts. */
interface Outcome {
  readonly refused?: string;
  readonly hosts?: number;
  readonly complete?: boolean;
  readonly problems?: number;
  readonly like?: string;
}

const sameAsPlain = { like: 'local-pairs/syn-open-A.xml', complete: true, problems: 0 } as const;
const oneGoodPort = { hosts: 1, complete: false, problems: 1 } as const;
const refusedAddress = { hosts: 0, complete: false, problems: 1 } as const;

const outcomes: Readonly<Record<string, Outcome>> = {
  'attr_order.xml': sameAsPlain,
  'billion_laughs.xml': { refused: 'UNSAFE_XML' },
  'charref_ctrl.xml': { hosts: 19, complete: true, problems: 0 },
  'deep_nesting.xml': { hosts: 0, complete: false, problems: 1 },
  'double_lt.xml': { hosts: 19, complete: false, problems: 1 },
  'empty.xml': { refused: 'EMPTY' },
  'entities_in_values.xml': { hosts: 19, complete: true, problems: 0 },
  'fake_host_in_cdata.xml': { hosts: 19, complete: true, problems: 0 },
  'fake_host_in_comment.xml': { hosts: 19, complete: true, problems: 0 },
  'finished_error.xml': { hosts: 0, complete: false },
  'future_time.xml': { hosts: 1, complete: true, problems: 0 },
  'gnmap_truncated.gnmap': { complete: false },
  'gnmap_utf16.gnmap': { complete: true },
  'gzip.xml.gz': sameAsPlain,
  'gzip_bomb.xml.gz': { refused: 'TOO_LARGE' },
  'gzip_named_xml.xml': sameAsPlain,
  // Its name says otherwise, but the file is whole; gunzip.test.ts cuts one.
  'gzip_truncated.xml.gz': { hosts: 19, complete: true, problems: 0 },
  'host_end_in_attr.xml': { hosts: 19, complete: false, problems: 1 },
  'host_twice.xml': { hosts: 20, complete: true, problems: 0 },
  'html_error_page.xml': { refused: 'NOT_A_REPORT' },
  'huge_attr.xml': { hosts: 1, complete: true },
  'internal_entity_benign.xml': { refused: 'UNSAFE_XML' },
  'ip6_mapped.xml': { hosts: 1, complete: true, problems: 0 },
  'ip_999.xml': refusedAddress,
  'ip_empty.xml': refusedAddress,
  'ip_leadzero.xml': refusedAddress,
  'json_deep.json': { refused: 'NOT_A_REPORT' },
  'json_truncated.json': { complete: false, problems: 0 },
  'latin1_declared.xml': { hosts: 19, complete: true, problems: 0 },
  'lone_surrogate_ref.xml': { hosts: 19, complete: true, problems: 0 },
  'mac_only.xml': { hosts: 0, complete: true, problems: 1 },
  'many_attrs.xml': { hosts: 0, complete: false, problems: 1 },
  'neg_time.xml': { hosts: 1, complete: true, problems: 0 },
  'newline_before_decl.xml': sameAsPlain,
  'no_newlines.xml': sameAsPlain,
  'ns_prefix.xml': { refused: 'NOT_A_REPORT' },
  'param_entity.xml': { refused: 'UNSAFE_XML' },
  'port_exp.xml': oneGoodPort,
  'port_leadzero.xml': oneGoodPort,
  'port_neg.xml': oneGoodPort,
  'port_space.xml': oneGoodPort,
  'proto_pollution.xml': { hosts: 1, complete: true, problems: 0 },
  'quadratic_blowup.xml': { refused: 'UNSAFE_XML' },
  'single_quotes_ws.xml': sameAsPlain,
  'stdout_noise_after.xml': sameAsPlain,
  'stdout_noise_before.xml': sameAsPlain,
  'trunc_after_host.xml': { hosts: 8, complete: false, problems: 0 },
  'trunc_before_end.xml': { hosts: 19, complete: false, problems: 0 },
  'trunc_mid_tag.xml': { hosts: 5, complete: false, problems: 0 },
  'utf8_bom.xml': sameAsPlain,
  'xxe_http.xml': { hosts: 0, complete: true, problems: 0 },
};

withSamples('hostile files are read or refused as they must be', () => {
  test('there is an outcome for each of them', () => {
    expect(samplesIn('hostile', /./).map(({ name }) => name)).toEqual(Object.keys(outcomes).sort());
  });

  test.each(Object.entries(outcomes))('%s: %o', async (name, outcome) => {
    const started = performance.now();
    const read = await attempt(sample(`hostile/${name}`).bytes());
    const took = performance.now() - started;
    expect(took).toBeLessThan(2000);
    if (outcome.refused !== undefined || typeof read === 'string') {
      expect(read).toBe(outcome.refused);
      return;
    }
    if (outcome.hosts !== undefined) expect(hostsOf(read)).toHaveLength(outcome.hosts);
    if (outcome.complete !== undefined)
      expect(read.runs.map(({ end }) => end?.complete)).toEqual([outcome.complete]);
    if (outcome.problems !== undefined) expect(read.problems).toHaveLength(outcome.problems);
    if (outcome.like !== undefined) {
      const plain = await readBytes(sample('hostile/no_newlines.xml').bytes());
      expect(read.runs[0]?.hosts).toEqual(plain.runs[0]?.hosts);
    }
  });

  test.each([
    ['entities_in_values.xml', `a&b<c>d"e'f€A`],
    ['latin1_declared.xml', 'müller.lab.example'],
    ['lone_surrogate_ref.xml', '\ufffd'],
    ['charref_ctrl.xml', '\ufffd'],
  ])('%s gives a name with %s', async (name, part) => {
    const names = hostsOf(await readBytes(sample(`hostile/${name}`).bytes())).flatMap((host) => host.names);
    expect(names.filter((text) => text.includes(part))).toHaveLength(1);
    expect(names.join('')).not.toMatch(/[\0-\x1f]/);
  });

  test.each(['fake_host_in_cdata.xml', 'fake_host_in_comment.xml'])(
    '%s does not report the host that it hides',
    async (name) => {
      const hosts = hostsOf(await readBytes(sample(`hostile/${name}`).bytes()));
      expect(hosts.map(({ address }) => address)).not.toContain('203.0.113.66');
    },
  );

  test('nobody can pollute the prototype of objects', async () => {
    await readBytes(sample('hostile/proto_pollution.xml').bytes());
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test.each(samplesIn('lookalikes', /./))('$path is refused', async (file) => {
    expect(await attempt(file.bytes())).toMatch(/^(NOT_A_REPORT|UNSAFE_XML)$/);
  });
});

async function attempt(bytes: Uint8Array): Promise<ReadReport | string> {
  try {
    return await readBytes(bytes, 64 << 10);
  } catch (error) {
    if (error instanceof ReportRefused) return error.code;
    throw error;
  }
}

function hostsOf({ runs }: ReadReport): HostObservation[] {
  return runs.flatMap(({ hosts }) => hosts);
}
