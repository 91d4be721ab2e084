import { readdirSync, readFileSync } from 'node:fs';
import { readAddressSet } from '../../src/core/address-set.ts';
import { readPortSet } from '../../src/core/endpoint.ts';
import type { ReadHints } from '../../src/input/agent.ts';

const root = new URL('../samples/', import.meta.url).pathname;

/** A hand-written sample of the repository; its folder is named after its agent. */
export interface OwnSample {
  readonly agent: string;
  readonly path: string;
  readonly bytes: Buffer;
}

/** Every sample of the repository. Its golden file, with the same name and `.expected.jsonl`, says what it says. */
export const ownSamples: readonly OwnSample[] = readdirSync(root).flatMap((agent) =>
  readdirSync(root + agent)
    .filter((name) => !name.endsWith('.expected.jsonl'))
    .map((name) => ({
      agent,
      path: `${root}${agent}/${name}`,
      bytes: readFileSync(`${root}${agent}/${name}`),
    })),
);

const ports = readPortSet('443/tcp');
const addresses = readAddressSet(['192.0.2.7', '2001:db8::7']);

/** What goes with the samples that leave it out: zmap's port, and the addresses of the host of a listing. */
export const sampleHints: ReadHints = {
  ports: ports.ok ? ports.ports : undefined,
  addresses: addresses.ok ? addresses.addresses : undefined,
};
