import { Buffer } from 'node:buffer';
import { familyOf } from '../core/address.ts';
import { portOf, protocolOf } from '../core/endpoint.ts';
import type { NdiffHost, NdiffPort, NdiffScan } from '../core/ndiff-facts.ts';
import type { HostObservation, PortObservation } from '../core/observation.ts';
import type { InputAgent, ReportEvent, RunEnd, RunHeader } from '../input/agent.ts';
import { agentNamed, detectAgent } from '../input/detect.ts';
import { newGatherer } from '../input/gather.ts';
import { unpack } from '../input/gunzip.ts';
import { openNmapDocument } from '../input/nmap-document.ts';
import { limits } from '../limits.ts';
import { withProgress } from './report-file.ts';

/** One report as ndiff sees it. */
export interface NdiffSide {
  readonly file: string;
  readonly scan: NdiffScan;
  readonly problems: readonly string[];
}

/**
 * Reads a report for ndiff's comparison: nmap's XML word for word, every other format by what its own reader
 * finds. Throws ReportRefused.
 */
export function readNdiffSide(file: string, format: string | undefined): Promise<NdiffSide> {
  return withProgress(file, async (bytes) => {
    const unpacking = { isTruncated: false };
    const chunks = unpack(bytes, unpacking, { reportBytesMax: limits.reportBytesMax });
    const head = await readHead(chunks);
    const agent = format === undefined ? detectAgent(head) : agentNamed(format);
    const isDocument = agent.name === 'nmap-xml' || agent.name === 'masscan-xml';
    const reader = isDocument ? documentReader() : observationReader(agent);
    reader.write(head);
    for await (const chunk of chunks) reader.write(chunk);
    const { scan, problems } = reader.end();
    const cut = unpacking.isTruncated ? ['the gzip is cut off'] : [];
    return { file, scan, problems: [...problems, ...cut] };
  });
}

interface NdiffReader {
  write(bytes: Uint8Array): void;
  end(): { readonly scan: NdiffScan; readonly problems: readonly string[] };
}

function documentReader(): NdiffReader {
  const document = openNmapDocument();
  return { write: (bytes) => inPieces(bytes, (piece) => document.write(piece)), end: () => document.end() };
}

/** Any format by its own reader; several records of one host are one host. */
function observationReader(agent: InputAgent): NdiffReader {
  const reader = agent.open();
  const hosts = newGatherer();
  const problems: string[] = [];
  let header: RunHeader | undefined;
  let end: RunEnd | undefined;
  const take = (event: ReportEvent): void => {
    if (event.kind === 'run') header ??= event.run;
    else if (event.kind === 'end') end = event.end;
    else if (event.kind === 'host') hosts.add(event.host);
    else if (event.kind === 'record') event.read().forEach(take);
    else if (problems.length < problemsMax) problems.push(event.problem.reason);
  };
  return {
    write: (bytes) => inPieces(bytes, (piece) => reader.write(piece).forEach(take)),
    end() {
      reader.end().forEach(take);
      return { scan: scanOf(header, end, Array.from(hosts.drain(), hostOf)), problems };
    },
  };
}

const problemsMax = 20;

/** As readers want it: what they read must fit in memory. */
function inPieces(bytes: Uint8Array, write: (piece: Uint8Array) => void): void {
  for (let at = 0; at < bytes.length; at += limits.readerChunkBytesMax)
    write(bytes.subarray(at, at + limits.readerChunkBytesMax));
}

async function readHead(chunks: AsyncGenerator<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let length = 0; length < limits.detectBytesMax; ) {
    const next = await chunks.next();
    if (next.done === true) break;
    parts.push(next.value);
    length += next.value.length;
  }
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
}

function scanOf(
  header: RunHeader | undefined,
  end: RunEnd | undefined,
  hosts: readonly NdiffHost[],
): NdiffScan {
  const seconds = (instant: number | undefined) =>
    instant === undefined ? undefined : Math.floor(instant / 1000);
  const [startedAt, endedAt] = [seconds(header?.startedAt), seconds(end?.endedAt)];
  return {
    ...(header === undefined ? {} : { scanner: header.tool }),
    ...(header?.version === undefined ? {} : { version: header.version }),
    ...(header?.args === undefined ? {} : { args: header.args }),
    ...(startedAt === undefined ? {} : { start: startedAt }),
    ...(endedAt === undefined ? {} : { end: endedAt }),
    hosts,
    prescripts: [],
    postscripts: [],
  };
}

function hostOf({ address, status, names, mac, ports, collapsed }: HostObservation): NdiffHost {
  const own = { kind: `ipv${familyOf(address)}`, text: address };
  return {
    ...(status === 'unknown' ? {} : { state: status }),
    addresses: mac === undefined ? [own] : [own, { kind: 'mac', text: mac }],
    names,
    extraPorts: collapsed.map(({ state, count }) => ({ state, count })),
    ports: ports.map(portOfObservation).sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1)),
    systems: [],
    scripts: [],
  };
}

function portOfObservation({ port, state, service }: PortObservation): NdiffPort {
  const { name, product, version, extra, tunnel } = service ?? {};
  return {
    port: portOf(port),
    protocol: protocolOf(port),
    state,
    service: {
      ...(name === undefined ? {} : { name }),
      ...(product === undefined ? {} : { product }),
      ...(version === undefined ? {} : { version }),
      ...(extra === undefined ? {} : { extra }),
      ...(tunnel === undefined ? {} : { tunnel }),
    },
    scripts: [],
  };
}
