import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/program.ts';
import { isInstalled, skippedBecause } from '../support/requires.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { makeSmallNetwork, type SmallNetwork, whyNoNetwork } from './small-network.ts';

/** Hosts with their open ports. Every other port of them is closed, every other address is nobody's. */
type Truth = Readonly<Record<string, readonly number[]>>;

const network = '10.77.0.0/28';
const ports = [22, 25, 80, 443, 8080];
const before: Truth = { '10.77.0.2': [22, 80], '10.77.0.3': [443], '10.77.0.4': [22, 25], '10.77.0.6': [] };
const after: Truth = { '10.77.0.2': [22, 8080], '10.77.0.3': [443, 80], '10.77.0.5': [25], '10.77.0.6': [] };

/** A scanner of the field: how it is run, and what its reports do not say. */
interface Scanner {
  /** Its arguments for each form of report, and what is said at the upload. */
  readonly forms: Readonly<
    Record<string, { readonly args: readonly string[]; readonly about: readonly string[] }>
  >;
  readonly args: (at: SmallNetwork, file: string) => readonly string[];
  /** Ports that it looks at. */
  readonly ports: readonly number[];
  /** Whether it tests hosts for being up, so that it tells of hosts that come and go. */
  readonly tellsHosts: boolean;
}

const scope = ['--addresses', network, '--ports', ports.join(',')];
const zmapScope = ['--addresses', network, '--ports', '80/tcp'];
const zmapFields = ['-f', 'saddr,sport,classification,success'];

const scanners: Readonly<Record<string, Scanner>> = {
  nmap: {
    forms: {
      xml: { args: ['-oX'], about: [] },
      grepable: { args: ['-oG'], about: [] },
      normal: { args: ['-oN'], about: ['--ports', ports.join(',')] },
    },
    args: (_, file) => [file, '-n', '-sS', '-v', '-p', ports.join(','), '--exclude', '10.77.0.1', network],
    ports,
    tellsHosts: true,
  },
  masscan: {
    forms: Object.fromEntries(
      ['-oX', '-oJ', '-oD', '-oL', '-oG', '-oU'].map((form) => [form, { args: [form], about: scope }]),
    ),
    args: ({ wire, address, gatewayMac }, file) => [
      ...[file, network, '-p', ports.join(','), '--rate', '200', '--wait', '1'],
      ...['--interface', wire, '--adapter-ip', address, '--router-mac', gatewayMac.replaceAll(':', '-')],
    ],
    ports,
    tellsHosts: false,
  },
  zmap: {
    forms: {
      list: { args: ['-o'], about: zmapScope },
      csv: { args: ['-O', 'csv', ...zmapFields, '-o'], about: zmapScope },
      json: { args: ['-O', 'json', ...zmapFields, '-o'], about: zmapScope },
    },
    args: ({ wire, address, gatewayMac }, file) => [
      ...[file, '-p', '80', '-r', '200', '--cooldown-time', '1', '-b', '/dev/null'],
      ...['-i', wire, '-S', address, '-G', gatewayMac, '--quiet', network],
    ],
    ports: [80],
    tellsHosts: false,
  },
};

/** What must be told: `+ 10.77.0.2:22`, and for those who tell of hosts `+ 10.77.0.5`. */
function truth({ ports: covered, tellsHosts }: Scanner): string[] {
  const lines: string[] = [];
  for (const host of Object.keys({ ...before, ...after })) {
    const [was, is] = [before[host], after[host]];
    if (tellsHosts && (was === undefined) !== (is === undefined))
      lines.push(`${is === undefined ? '-' : '+'} ${host}`);
    for (const port of covered) {
      const [wasOpen, isOpen] = [was?.includes(port) === true, is?.includes(port) === true];
      // A host that went takes its ports with it, in one entry.
      if (wasOpen === isOpen || (tellsHosts && is === undefined)) continue;
      lines.push(`${isOpen ? '+' : '-'} ${host}:${port}`);
    }
  }
  return lines.sort();
}

interface Change {
  readonly kind: string;
  readonly address: string;
  readonly port: number | null;
}

/** The changes of the newest scan. A host that is new only because a port of it opened is that port. */
async function told(data: string, { tellsHosts }: Scanner): Promise<string[]> {
  const printed = await runCli(['changes', '--no-baseline', '--output', 'jsonl', '--data', data]);
  expect(printed.code, printed.stderr).toBe(0);
  const signs: Readonly<Record<string, string>> = {
    ...{ port_opened: '+', port_closed: '-', port_reopened: '+' },
    ...(tellsHosts ? { host_new: '+', host_gone: '-' } : {}),
  };
  return printed.stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Change)
    .filter(({ kind }) => tellsHosts || !kind.startsWith('host_'))
    .map(({ kind, address, port }) => `${signs[kind] ?? kind} ${address}${port === null ? '' : `:${port}`}`)
    .sort();
}

const missing = Object.keys(scanners).filter((name) => !isInstalled(name));
const reasonOf = (name: string) =>
  missing.includes(name) ? `needs the program ${name}, which is not installed` : whyNoNetwork();

for (const [name, scanner] of Object.entries(scanners)) {
  skippedBecause(reasonOf(name))(`real ${name} in a network of its own`, () => {
    test('what changed between two scans is told, and nothing else, in every form of report', async () => {
      const at = await makeSmallNetwork();
      const [directory, data] = [temporaryDirectory(), temporaryDirectory()];
      const scanAll = async (round: string) => {
        for (const [form, { args }] of Object.entries(scanner.forms))
          await at.scan(name, [...args, ...scanner.args(at, join(directory, `${round}${form}`))]);
      };
      await at.become(before);
      await scanAll('before');
      await at.become(after);
      await scanAll('after');

      for (const [form, { about }] of Object.entries(scanner.forms)) {
        const files = ['before', 'after'].map((round) => join(directory, `${round}${form}`));
        const database = join(data, form);
        const taken = await runCli([
          'ingest',
          ...files,
          '--scanner',
          name,
          '--create',
          '--data',
          database,
          ...about,
        ]);
        const seen = [
          form,
          ...files.map((file) => readFileSync(file, 'utf8')),
          taken.stdout,
          taken.stderr,
        ].join('\n');
        expect(taken.code, seen).toBe(0);
        expect(taken.stdout, seen).not.toMatch(/partial|problem/);
        expect(await told(database, scanner), seen).toEqual(truth(scanner));
      }
    });
  });
}
