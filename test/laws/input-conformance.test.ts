import { expect, test } from 'vitest';
import { parseAddress } from '../../src/core/address.ts';
import { portOf, protocolOf } from '../../src/core/endpoint.ts';
import type { HostObservation } from '../../src/core/observation.ts';
import { newGatherer } from '../../src/input/gather.ts';
import { type ReadReport, readBytes } from '../input/reading.ts';
import {
  canonicalLines,
  canonicalSha,
  type Expected,
  type ExpectedHost,
  type ExpectedPort,
  expectedOf,
  missingSamples,
  samplesIn,
} from '../input/samples.ts';
import { skippedBecause } from '../support/requires.ts';

const withSamples = skippedBecause(missingSamples);

/** Samples in which we differ from the independent reader on purpose. */
const exceptions: Readonly<Record<string, string>> = {
  'nmap-xml/python-libnmap__test_osclass.xml': 'the address was made unreadable before publishing: "IP"',
  'nmap-xml/seccubus__nmap_script_output.xml': 'the address was made unreadable before publishing: "x.x.x.x"',
};

/** Samples that have an end, but whose runs we do not take for complete. */
const partial: Readonly<Record<string, string>> = {
  'nmap-xml/United_Wi-Fi__nmap_scan.xml': 'saved by Zenmap, which leaves out "exit"',
  'nmap-xml/nmap__xml_test16.xml': 'saved by Zenmap, which leaves out "exit"',
  'nmap-xml/nmap__xml_test17.xml': 'saved by Zenmap, which leaves out "exit"',
  'nmap-xml/nmap__xml_test7.xml': '<extraports state="unknown">: not known to be closed',
  'nmap-xml/nmap__xml_test10.xml': '<extraports state="unknown">: not known to be closed',
  'nmap-xml/nmap__xml_test11.xml': '<extraports state="unknown">: not known to be closed',
  'nmap-xml/python-libnmap__extra_ports.xml': '<extraports state="unknown">: not known to be closed',
  'masscan-xml/ivre-test-samples__test-T22.xml': 'records were picked from a file, without <finished>',
  'masscan-xml/ivre-test-samples__test-T443.xml': 'records were picked from a file, without <finished>',
};

const isMasscan = /^(rb_)?masscan|masscan-|^test-T/;

const nmapXml = [
  ...samplesIn('nmap-xml', /\.xml$/),
  ...samplesIn('local-pairs', /\.xml$/).filter(({ name }) => !isMasscan.test(name)),
];

withSamples('every sample of nmap XML says what an independent reader found', () => {
  const regular = nmapXml.filter(({ path }) => exceptions[path] === undefined);

  test.each(regular)('$path', async (file) => {
    const expected = expectedOf(file) as Expected;
    const report = await readBytes(file.bytes(), 64 << 10);
    const hosts = report.runs.map((run) => run.hosts);

    expect(canonicalSha(canonicalLines(hosts.flat()))).toBe(expected.canonical_sha256);
    expect(report.runs.map(({ end }) => end?.complete)).toEqual(
      expected.runs.map((run) => isComplete(run) && partial[file.path] === undefined),
    );
    expect(report.runs.map(({ run }) => run.startedAt)).toEqual(expected.runs.map(startOf));
    for (const [index, run] of expected.runs.entries()) {
      if (run.hosts.length !== run.host_count && run.host_count !== undefined) continue;
      expect(hosts[index]?.map(hostFacts)).toEqual(run.hosts.map(expectedFacts));
    }
  });

  test.each(Object.entries(exceptions))('except %s: %s', async (path) => {
    const file = nmapXml.find((sample) => sample.path === path);
    const { runs, problems } = await readBytes((file as (typeof nmapXml)[0]).bytes());
    expect(runs[0]?.hosts).toEqual([]);
    expect(runs[0]?.end?.complete).toBe(false);
    expect(problems).toHaveLength(1);
  });
});

const masscanXml = [
  ...samplesIn('masscan-xml', /\.xml$/),
  ...samplesIn('local-pairs', /^masscan-basic.*\.xml$/),
];

withSamples('every sample of masscan XML holds the open ports an independent reader found', () => {
  test.each(masscanXml)('$path', async (file) => {
    const report = await readBytes(file.bytes(), 1000);
    expect(portFacts(report)).toEqual(expectedPorts(expectedOf(file) as Expected));
    expect(report.problems).toEqual([]);
    expect(report.runs.map(({ end }) => end?.complete)).toEqual([partial[file.path] === undefined]);
  });
});

const grepable = [
  ...samplesIn('nmap-grepable', /\.(gnmap|oG)$/),
  ...samplesIn('masscan-grepable', /\.gnmap$/),
  ...samplesIn('local-pairs', /\.gnmap$/),
].filter(({ bytes }) => bytes().length < 1_000_000);

withSamples('every grepable sample says what an independent reader found', () => {
  test.each(grepable)('$path', async (file) => {
    const expected = expectedOf(file) as Expected;
    const report = await readBytes(file.bytes(), 1000);
    expect(portFacts(report)).toEqual(expectedPorts(expected));
    expect(hostLines(report)).toEqual(expectedHostLines(expected));
    expect(report.problems).toEqual([]);
    expect(report.runs.map(({ end }) => end?.complete)).toEqual(
      expected.runs.map(({ complete }) => complete),
    );
  });

  test('nmap-grepable/local__sn-65536-hosts.gnmap', async () => {
    const [file] = samplesIn('nmap-grepable', /^local__sn-65536-hosts\.gnmap$/);
    const { runs } = await readBytes((file as (typeof grepable)[0]).bytes(), 64 << 10);
    const expected = expectedOf(file as (typeof grepable)[0]) as Expected;
    expect(canonicalSha(canonicalLines(runs[0]?.hosts ?? [], () => 'Up'))).toBe(expected.canonical_sha256);
  });
});

withSamples('the XML and the grepable form of one run say the same', () => {
  const pairs = samplesIn('local-pairs', /\.gnmap$/).filter(({ name }) => !isMasscan.test(name));

  test.each(pairs)('$path', async (file) => {
    const xml = nmapXml.find(({ path }) => path === file.path.replace('.gnmap', '.xml'));
    const both = await Promise.all([readBytes(file.bytes()), readBytes((xml as typeof file).bytes())]);
    const [left, right] = both.map((report) =>
      portFacts(report).map(([endpoint, state]) => [endpoint, state]),
    );
    expect(left).toEqual(right);
    const [plain, rich] = both.map(({ runs }) =>
      runs.map(({ run }) => [run.addresses, run.names, run.status, run.absent]),
    );
    expect(plain).toEqual(rich);
  });
});

function isComplete({ complete, finished }: Expected['runs'][number]): boolean {
  const exit = finished?.exit;
  return (
    complete &&
    finished !== null &&
    finished?.errormsg === undefined &&
    (exit === undefined || exit === 'success')
  );
}

function startOf({ start }: Expected['runs'][number]): number | undefined {
  return start === undefined || start === null ? undefined : Number(start) * 1000;
}

interface HostFacts {
  readonly address: string;
  readonly names: readonly string[];
  readonly ports: readonly {
    readonly port: string;
    readonly state: string;
    readonly product: string | undefined;
    readonly version: string | undefined;
  }[];
}

/** What both readers say about a host; a status that the file leaves out is ours to conclude. */
function hostFacts({ address, names, ports }: HostObservation): HostFacts {
  return {
    address,
    names,
    ports: ports.map(({ port, state, service }) => ({
      port: `${portOf(port)}/${protocolOf(port)}`,
      state,
      product: service?.product,
      version: service?.version,
    })),
  };
}

function expectedFacts({ addresses, hostnames, ports }: ExpectedHost): HostFacts {
  return {
    address: parseAddress(addresses?.find(({ type }) => type !== 'mac')?.addr ?? '') as string,
    names: [...new Set(hostnames?.map(({ name }) => name))].sort(),
    ports: [...ports].sort(byKey).map(({ port, proto, state, service }) => ({
      port: `${port}/${proto}`,
      state,
      product: (typeof service === 'object' && service?.product) || undefined,
      version: (typeof service === 'object' && service?.version) || undefined,
    })),
  };
}

function byKey(a: ExpectedPort, b: ExpectedPort): number {
  const order = ['tcp', 'udp', 'sctp', 'ip'];
  return order.indexOf(a.proto) - order.indexOf(b.proto) || a.port - b.port;
}

/** Each endpoint once, with its state and the words for its service. */
function portFacts({ runs }: ReadReport): string[][] {
  const gatherers = runs.map(({ hosts }) => {
    const gatherer = newGatherer();
    for (const host of hosts) gatherer.add(host);
    return gatherer;
  });
  const facts = gatherers.flatMap((gatherer, run) =>
    [...gatherer.drain()].flatMap(({ address, ports }) =>
      ports.map(({ port, state }) => [`${run} ${address} ${portOf(port)}/${protocolOf(port)}`, state]),
    ),
  );
  return facts.sort();
}

function expectedPorts({ runs }: Expected): string[][] {
  const states = new Map<string, string>();
  for (const [run, { hosts }] of runs.entries()) {
    for (const { addr, addresses, ports } of hosts) {
      const address = parseAddress(addr ?? addresses?.[0]?.addr ?? '');
      for (const { port, proto, state } of ports) {
        if (proto !== 'icmp') states.set(`${run} ${address} ${port}/${proto}`, state);
      }
    }
  }
  return [...states].sort();
}

function hostLines({ runs }: ReadReport): string[] {
  const lines = runs.flatMap(({ hosts }, run) =>
    hosts.map(
      (host) => `${run} ${host.address} ${host.names.join()} ${host.timedOut ? 'timeout' : host.status}`,
    ),
  );
  return [...new Set(lines)].sort();
}

function expectedHostLines({ runs }: Expected): string[] {
  const lines = runs.flatMap(({ hosts }, run) =>
    hosts.map(({ addr, name, status }) => `${run} ${addr} ${name ?? ''} ${status?.toLowerCase() ?? 'up'}`),
  );
  return [...new Set(lines)].sort();
}
