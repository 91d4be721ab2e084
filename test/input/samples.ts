import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { portOf, protocolOf } from '../../src/core/endpoint.ts';
import type { HostObservation, PortObservation } from '../../src/core/observation.ts';

const root = new URL('../../../shared/samples/', import.meta.url).pathname;

/** Why the suites over the shared samples do not run; empty where they do. The samples are not in the repository. */
export const missingSamples = existsSync(root)
  ? ''
  : `needs the shared samples at ${root}, which are not there`;

/** A file among the shared samples. */
export interface Sample {
  readonly path: string;
  readonly name: string;
  readonly bytes: () => Buffer;
}

/** The samples of one folder whose names fit. */
export function samplesIn(folder: string, fits: RegExp): Sample[] {
  if (missingSamples !== '') return [];
  return readdirSync(root + folder)
    .filter((name) => fits.test(name) && !name.endsWith('.expected.json'))
    .map((name) => ({
      path: `${folder}/${name}`,
      name,
      bytes: () => readFileSync(`${root}${folder}/${name}`),
    }));
}

/** One sample by its path. */
export function sample(path: string): Sample {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return { path, name, bytes: () => readFileSync(root + path) };
}

/** A port as an independent reader found it. */
export interface ExpectedPort {
  readonly proto: string;
  readonly port: number;
  readonly state: string;
  readonly service?:
    | { readonly name?: string | null; readonly product?: string; readonly version?: string }
    | string
    | null;
}

/** A host as an independent reader found it; the XML and the grepable form differ in their words. */
export interface ExpectedHost {
  readonly addresses?: readonly { readonly addr: string; readonly type: string }[];
  readonly addr?: string;
  readonly name?: string | null;
  readonly status: string | null;
  readonly hostnames?: readonly { readonly name: string }[];
  readonly ports: readonly ExpectedPort[];
}

/** What an independent reader found in a sample. */
export interface Expected {
  readonly runs: readonly {
    readonly scanner?: string;
    readonly version?: string;
    readonly start?: number | string | null;
    readonly complete: boolean;
    readonly host_count?: number;
    readonly finished?: { readonly time?: string; readonly exit?: string; readonly errormsg?: string } | null;
    readonly hosts: readonly ExpectedHost[];
  }[];
  readonly wellformed?: boolean;
  readonly canonical_sha256: string;
}

/** What is expected of a sample of nmap or masscan, if anything is. */
export function expectedOf(file: Sample): Expected | undefined {
  return factsOf(file) as Expected | undefined;
}

/** What is expected of a sample of any tool, if anything is. */
export function factsOf({ path }: Sample): unknown {
  const file = `${root}${path}.expected.json`;
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** The lines that `canonical_sha256` is made of. */
export function canonicalLines(
  hosts: readonly HostObservation[],
  statusOf = (host: HostObservation): string => host.status,
): string[] {
  return hosts.flatMap((host) => [
    `${host.address}\t${statusOf(host)}`,
    ...host.ports.map((port) => canonicalPort(host.address, port)),
  ]);
}

function canonicalPort(address: string, { port, state, service }: PortObservation): string {
  return [address, protocolOf(port), portOf(port), state, service?.name ?? 'None'].join('\t');
}

/** `canonical_sha256` of these lines. */
export function canonicalSha(lines: readonly string[]): string {
  return createHash('sha256')
    .update([...lines].sort().join('\n'))
    .digest('hex');
}
