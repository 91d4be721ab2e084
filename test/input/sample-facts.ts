import { parseAddress } from '../../src/core/address.ts';

/** What an independent reader found in a sample of any tool; the fields differ from tool to tool. */
export interface SampleFacts {
  readonly format: string;
  readonly records?: readonly FactRecord[];
  readonly hosts?: readonly FactHost[];
  readonly ports_section?: readonly unknown[];
}

interface FactRecord {
  readonly ip?: string | null;
  readonly port?: number | null;
  readonly proto?: string | null;
  readonly protocol?: string | null;
  readonly transport?: string | null;
  readonly status?: string | null;
}

interface FactHost {
  readonly ip?: string;
  readonly addr?: string;
  readonly name?: string;
  readonly properties?: Readonly<Record<string, string>>;
  readonly ports?: readonly { readonly proto: string; readonly port: number }[];
  readonly services?: readonly { readonly port: number; readonly transport: string }[];
}

/** The open endpoints, each once and sorted, in the words of our own reading. */
export function expectedEndpoints({ records, hosts }: SampleFacts, port?: string): string[] {
  const lines = new Set<string>();
  const add = (address: string | undefined, written: string) => {
    const known = parseAddress(address ?? '');
    if (known !== undefined) lines.add(`${known} ${written} open`);
  };
  for (const record of records ?? []) {
    const protocol = record.proto ?? record.protocol ?? record.transport ?? 'tcp';
    if (protocol === 'icmp' || (record.status ?? 'open') !== 'open') continue;
    add(record.ip ?? undefined, record.port == null ? (port ?? '') : `${record.port}/${protocol}`);
  }
  for (const { ip, addr, name, properties, ports, services } of hosts ?? []) {
    const address = ip ?? addr ?? properties?.['host-ip'] ?? name;
    for (const entry of ports ?? []) add(address, `${entry.port}/${entry.proto}`);
    for (const entry of services ?? []) {
      const transport = entry.transport.toLowerCase();
      add(address, `${entry.port}/${transport === 'quic' ? 'udp' : transport}`);
    }
  }
  return [...lines].sort();
}
