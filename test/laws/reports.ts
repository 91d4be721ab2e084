import { createHash } from 'node:crypto';
import { setOfAddresses } from '../../src/core/address-set.ts';
import {
  formatPortSet,
  type PortKey,
  portOf,
  protocolOf,
  protocols,
  setOfPorts,
} from '../../src/core/endpoint.ts';
import type {
  CollapsedPorts,
  HostObservation,
  PortObservation,
  Service,
} from '../../src/core/observation.ts';
import { jsonlEnd, jsonlHost, jsonlRun } from '../../src/output/convert-jsonl.ts';
import { type HostPlan, instantOf, observe, type Presentation, type ScanPlan } from './world.ts';

export type Format = 'jsonl' | 'nmap-xml';

/** A scan as a report file, with what must be said beside it. */
export interface Report {
  readonly plan: ScanPlan;
  readonly text: string;
  readonly upload: { readonly addresses?: readonly string[]; readonly observedAt?: number };
}

/** Writes the scans of a history, and gives their plans the order of their real digests. */
export function reportsOf(
  scans: readonly ScanPlan[],
  how: { readonly format: Format; readonly presentation: Presentation },
): Report[] {
  const written = scans.map((plan, index) => ({ ...reportOf(plan, how), index }));
  const digests = written.map(({ text }) => sha256(text));
  const ranks = [...digests].sort();
  return written.map(({ plan, text, upload, index }) => {
    const rank = ranks.indexOf(digests[index] as string).toString(36);
    return { plan: { ...plan, digest: `${rank}${index}` }, text, upload };
  });
}

/** What a scan says about some of its addresses. */
export function partOf(plan: ScanPlan, part: readonly string[]): ScanPlan {
  return { ...plan, addresses: part, hosts: plan.hosts.filter(({ address }) => part.includes(address)) };
}

/** Writes one scan. Where the format cannot say something, the plan that comes back says so too. */
export function reportOf(
  planned: ScanPlan,
  { format, presentation }: { readonly format: Format; readonly presentation: Presentation },
): Report {
  const plan = format === 'nmap-xml' ? asNmapSaysIt(planned) : planned;
  const isCut = !plan.complete && plan.digest.startsWith('a');
  const lines = format === 'nmap-xml' ? nmapLines(plan, presentation) : jsonLines(plan, presentation);
  return {
    plan,
    text: (isCut ? lines.slice(0, -1) : lines).join(''),
    upload: {
      ...(format === 'nmap-xml' && plan.addresses !== undefined ? { addresses: plan.addresses } : {}),
      ...(isCut ? { observedAt: instantOf(plan) } : {}),
    },
  };
}

function jsonLines(plan: ScanPlan, presentation: Presentation): string[] {
  const { addresses, ports, names, status, absent, complete, digest, hosts } = plan;
  return [
    jsonlRun({
      tool: 'law',
      args: digest,
      names,
      status,
      absent,
      warnings: [],
      ...(addresses === undefined ? {} : { addresses: setOfAddresses(addresses) }),
      ...(ports === undefined ? {} : { ports: setOfPorts(ports) }),
    }),
    ...hosts.map((host) => jsonlHost(observe(host, plan, presentation))),
    jsonlEnd({ endedAt: instantOf(plan), complete }),
  ];
}

/** nmap tests hosts unless it only lists them, always names what it probed, and says what a missing host means. */
function asNmapSaysIt(plan: ScanPlan): ScanPlan {
  const service = (found: Service): Service => (found.probed ? { name: 'ssh', ...found } : found);
  const hosts = plan.hosts.map((host): HostPlan => {
    const services = new Map([...host.services].map(([port, found]) => [port, service(found)]));
    return { ...host, services };
  });
  return { ...plan, hosts, status: true, absent: plan.absent === 'unknown' ? 'down' : plan.absent };
}

function nmapLines(plan: ScanPlan, presentation: Presentation): string[] {
  const { names, absent, ports, complete, hosts, digest } = plan;
  const seconds = instantOf(plan) / 1000;
  const options = [
    names ? '' : '-n ',
    absent === 'nothing_open' ? '--open ' : '',
    ports?.length === 0 ? '-sn ' : '',
  ];
  const args = `nmap ${options.join('')}-oX ${digest}.xml -iL targets`;
  const exit = complete ? 'exit="success"' : 'exit="error" errormsg="broken"';
  return [
    `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE nmaprun>\n`,
    `<nmaprun scanner="nmap" args="${args}" start="${seconds - 3600}" version="7.95" xmloutputversion="1.05">\n`,
    ...scaninfos(ports ?? []),
    ...hosts.map((host) => hostElement(observe(host, plan, presentation), host)),
    `<runstats><finished time="${seconds}" timestr="" summary="" elapsed="1" ${exit}/><hosts up="0" down="0" total="0"/></runstats>\n</nmaprun>\n`,
  ];
}

function scaninfos(ports: readonly PortKey[]): string[] {
  return protocols.flatMap((protocol) => {
    const own = ports.filter((port) => protocolOf(port) === protocol).map(portOf);
    if (own.length === 0) return [];
    return [
      `<scaninfo type="syn" protocol="${protocol}" numservices="${own.length}" services="${own.join(',')}"/>\n`,
    ];
  });
}

function hostElement(host: HostObservation, { timedOut }: HostPlan): string {
  const { address, status, names, mac, ports, collapsed, observedAt } = host;
  const end =
    observedAt === undefined ? '' : ` starttime="${observedAt / 1000 - 60}" endtime="${observedAt / 1000}"`;
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  return [
    `<host${end}${timedOut ? ' timedout="true"' : ''}><status state="${status}" reason="user-set" reason_ttl="0"/>\n`,
    `<address addr="${address}" addrtype="${family}"/>\n`,
    mac === undefined ? '' : `<address addr="${mac}" addrtype="mac"/>\n`,
    `<hostnames>${names.map((name) => `<hostname name="${name}" type="PTR"/>`).join('')}</hostnames>\n`,
    `<ports>${extraPorts(collapsed)}${ports.map(portElement).join('')}</ports>\n</host>\n`,
  ].join('');
}

function extraPorts(collapsed: readonly CollapsedPorts[]): string {
  const states = [...new Set(collapsed.map(({ state }) => state))];
  return states
    .map((state) => {
      const own = collapsed.filter((entry) => entry.state === state);
      const count = own.reduce((sum, entry) => sum + entry.count, 0);
      const reasons = own.map(({ protocol, count: some, ports = [] }) => {
        const list = formatPortSet(ports).replace(/\/\w+/g, '');
        return `<extrareasons reason="resets" count="${some}" proto="${protocol}" ports="${list}"/>`;
      });
      return `<extraports state="${state}" count="${count}">${reasons.join('')}</extraports>\n`;
    })
    .join('');
}

function portElement({ port, state, service }: PortObservation): string {
  const attributes = (found: Service) =>
    [
      ['name', found.name],
      ['product', found.product],
      ['version', found.version],
      ['extrainfo', found.extra],
      ['method', found.probed ? 'probed' : 'table'],
    ]
      .flatMap(([name, value]) => (value === undefined ? [] : [` ${name}="${value}"`]))
      .join('');
  const element = service === undefined ? '' : `<service${attributes(service)} conf="10"/>`;
  return `<port protocol="${protocolOf(port)}" portid="${portOf(port)}"><state state="${state}" reason="syn-ack" reason_ttl="0"/>${element}</port>\n`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
