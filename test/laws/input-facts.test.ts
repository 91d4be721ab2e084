import { expect, test } from 'vitest';
import { parseAddress } from '../../src/core/address.ts';
import { readAddressSet } from '../../src/core/address-set.ts';
import { portOf, protocolOf, readPortSet } from '../../src/core/endpoint.ts';
import { type ReadHints, ReportRefused } from '../../src/input/agent.ts';
import { newGatherer } from '../../src/input/gather.ts';
import { type ReadReport, readBytes } from '../input/reading.ts';
import { expectedEndpoints, type SampleFacts } from '../input/sample-facts.ts';
import { factsOf, missingSamples, type Sample, samplesIn } from '../input/samples.ts';
import { skippedBecause } from '../support/requires.ts';

const withSamples = skippedBecause(missingSamples);

/** Which agent reads the files of a folder; the port goes with reports that leave it out. */
const folders: readonly (readonly [folder: string, fits: RegExp, agent: string, ports?: string])[] = [
  ['masscan-json', /./, 'masscan-json'],
  ['local-pairs', /^masscan-.*\.(nd)?json$/, 'masscan-json'],
  ['masscan-list', /./, 'masscan-list'],
  ['local-pairs', /^masscan-.*\.list$/, 'masscan-list'],
  ['masscan-unicornscan', /./, 'masscan-unicornscan'],
  ['local-pairs', /\.unicornscan$/, 'masscan-unicornscan'],
  ['masscan-stdout', /./, 'masscan-stdout'],
  ['naabu', /\.jsonl?$/, 'naabu-json'],
  ['naabu', /\.txt$/, 'naabu-lines'],
  ['local-pairs', /^zmap-.*\.csv$/, 'zmap-csv', '22/tcp'],
  ['zgrab2', /./, 'zgrab2-json', '443/tcp'],
  ['rustscan', /^subnet/, 'rustscan-console'],
  ['rustscan', /^recon/, 'nmap-normal'],
  ['nmap-normal', /./, 'nmap-normal'],
  ['local-pairs', /\.nmap$/, 'nmap-normal'],
  ['nessus', /./, 'nessus-xml'],
  ['openvas', /./, 'openvas-xml'],
  ['qualys', /./, 'qualys-xml'],
  ['nexpose', /./, 'nexpose-xml'],
  ['shodan', /./, 'shodan-json'],
  ['censys', /./, 'censys-json'],
  ['ivre', /./, 'ivre-json'],
];

/** Files that are not read, and why. */
const refused: Readonly<Record<string, RegExp>> = {
  'local-pairs/masscan-nothing-A.json': /EMPTY/,
  'local-pairs/masscan-nothing-B.json': /EMPTY/,
  'local-pairs/masscan-nothing-A.list': /EMPTY/,
  'local-pairs/masscan-nothing-B.list': /EMPTY/,
  'nessus/django-DefectDojo__nessus_many_vuln.csv': /CSV of Nessus/,
  'nessus/ruby-nessus__example_v1.nessus': /version 1/,
  'nessus/ruby-nessus__example_v_wrong.nessus': /version that is not known/,
  'openvas/agent_openvas__ip_range_openvas_result.csv': /CSV of OpenVAS/,
  'openvas/agent_openvas__openvas_result.csv': /CSV of OpenVAS/,
  'openvas/django-DefectDojo__many_vuln.csv': /CSV of OpenVAS/,
  'openvas/django-DefectDojo__report_combine_v2.csv': /CSV of OpenVAS/,
  'qualys/django-DefectDojo__Qualys_Sample_Report.csv': /CSV of Qualys/,
};

/** Files of which a part cannot be used, and why. */
const lossy: Readonly<Record<string, RegExp>> = {
  'naabu/PFE__scans_naabu.txt': /"hackerone.com" is a name/,
  'nessus/ksyp_nessus-parser__scan.nessus': /has no IP address/,
  'zgrab2/zgrab2__redis-default-inline-extra.json': /names no address/,
};

const files = folders.flatMap(([folder, fits, agent, ports]) =>
  samplesIn(folder, fits).map((file) => ({ file, path: file.path, agent, ports })),
);

withSamples('every shared sample of these tools is read to its facts', () => {
  test.each(files.filter(({ path }) => refused[path] === undefined))(
    '$path is of $agent',
    async ({ file, agent, ports }) => {
      const found = await readSample(file, ports);
      expect(found.agent).toBe(agent);
      expect(problemsOf(found.report)).toEqual(
        lossy[file.path] === undefined ? [] : [expect.stringMatching(lossy[file.path] as RegExp)],
      );
      const facts = factsOf(file) as SampleFacts | undefined;
      if (facts !== undefined) expect(endpointsOf(found.report)).toEqual(expectedEndpoints(facts, ports));
      else expect(summaryOf(found.report)).toMatchSnapshot();
    },
  );

  test.each(Object.entries(refused))('%s is refused: %s', async (path, reason) => {
    const found = files.find((entry) => entry.path === path);
    await expect(readSample((found as (typeof files)[number]).file, undefined)).rejects.toSatisfy(
      (error) => error instanceof ReportRefused && reason.test(`${error.code} ${error.message}`),
    );
  });

  test('no file of these folders is forgotten', () => {
    const known = new Set(files.map(({ path }) => path));
    const all = [...new Set(folders.map(([folder]) => folder))]
      .filter((folder) => folder !== 'local-pairs')
      .flatMap((folder) => samplesIn(folder, /./).map(({ path }) => path));
    expect(all.filter((path) => !known.has(path))).toEqual([]);
  });
});

withSamples('the normal and the XML form of one run of nmap say the same', () => {
  test.each(samplesIn('local-pairs', /\.nmap$/))('$path', async (file) => {
    const [xml] = samplesIn('local-pairs', new RegExp(`^${file.name.replace('.nmap', '')}\\.xml$`));
    const [normal, exact] = [await readBytes(file.bytes()), await readBytes((xml as Sample).bytes())];
    expect(statesOf(normal)).toEqual(statesOf(exact));
    expect(normal.runs.map(({ run }) => [run.addresses, run.names, run.status, run.absent])).toEqual(
      exact.runs.map(({ run }) => [run.addresses, run.names, run.status, run.absent]),
    );
    expect(normal.runs.map(({ end }) => end?.complete)).toEqual(exact.runs.map(({ end }) => end?.complete));
  });
});

async function readSample(file: Sample, ports: string | undefined) {
  const found = { agent: '' };
  const reading = ports === undefined ? undefined : readPortSet(ports);
  const own = readAddressSet(['192.0.2.7']);
  const hints: ReadHints = {
    ...(reading?.ok ? { ports: reading.ports } : {}),
    ...(own.ok ? { addresses: own.addresses } : {}),
  };
  const report = await readBytes(file.bytes(), 4096, {
    hints,
    onAgent: ({ name }) => {
      found.agent = name;
    },
  });
  return { agent: found.agent, report };
}

function problemsOf({ problems }: ReadReport): string[] {
  return [...new Set(problems.map(({ reason }) => reason.replace(/host-00\d/, 'host')))];
}

/** `address port/protocol state` of everything open or said to be otherwise, each once. */
function endpointsOf(report: ReadReport): string[] {
  return statesOf(report).flatMap((run) => run.filter((line) => line.endsWith(' open')));
}

function statesOf({ runs }: ReadReport): string[][] {
  return runs.map(({ hosts }) => {
    const gatherer = newGatherer();
    for (const host of hosts) gatherer.add(host);
    return [...gatherer.drain()]
      .flatMap(({ address, status, timedOut, ports }) => [
        `${address} ${status}${timedOut ? ' timed out' : ''}`,
        ...ports.map(
          ({ port, state }) => `${parseAddress(address)} ${portOf(port)}/${protocolOf(port)} ${state}`,
        ),
      ])
      .sort();
  });
}

function summaryOf(report: ReadReport) {
  const states = statesOf(report).flat();
  return {
    complete: report.runs.map(({ end }) => end?.reason ?? end?.complete),
    hosts: states.filter((line) => !line.includes('/')).length,
    endpoints: states.filter((line) => line.includes('/')).length,
    open: states.filter((line) => line.endsWith(' open')).length,
  };
}
