import type { HostObservation, Instant, PortObservation } from '../core/observation.ts';
import { type InputAgent, type ReportEvent, scopeWanted } from './agent.ts';
import { readInstant } from './instant.ts';
import { masscanService } from './masscan-banner.ts';
import { type NmapHost, toObservations } from './nmap-facts.ts';
import { openHostReader } from './nmap-host.ts';
import { readHostReference } from './nmap-host-reference.ts';
import { nmapEnd } from './nmap-run.ts';
import { endFacts, scannerOf, startOf } from './nmap-xml.ts';
import { openXmlReader, type RecordProblem } from './nmap-xml-reader.ts';
import type { RawRecord } from './xml-splitter.ts';
import { attributeOf } from './xml-tag.ts';

/**
 * masscan's "nmap XML" (src/out-xml.c): a `<host>` per answer, without status, names or scope. Banners are
 * ignored except for the name of the service, which masscan found out by talking to it.
 */
export const masscanXml: InputAgent = {
  name: 'masscan-xml',
  title: 'masscan XML (-oX)',
  scattered: true,
  recognises: (head) => scannerOf(head) === 'masscan',
  open() {
    const read = openHostReader();
    return openXmlReader({
      header: ({ nmaprun }) => {
        const version = attributeOf(nmaprun, 'version');
        const { startedAt, warnings } = startOf(nmaprun, []);
        return {
          tool: 'masscan',
          ...(version === undefined ? {} : { version }),
          ...(startedAt === undefined ? {} : { startedAt }),
          names: false,
          status: true,
          absent: 'nothing_open',
          warnings: [...warnings, noScope],
        };
      },
      end: (run, damage) => nmapEnd({ ...endFacts(run), writesExit: false, damage }),
      record: (record, report) => readRecord(record, read, report),
    });
  },
};

const noScope = `masscan does not write what it looked at: the scope ${scopeWanted}`;

function readRecord(
  { bytes, offset }: RawRecord,
  read: (text: string) => NmapHost | undefined,
  report: (problem: RecordProblem) => ReportEvent,
): readonly ReportEvent[] {
  const text = withoutPings(bytes.toString());
  const host = read(text) ?? readHostReference(text);
  if (typeof host === 'string') return [report({ offset, reason: host, isLoss: true })];
  if (bytes.includes(0)) host.problems.push('the record holds NUL bytes');
  const observedAt = readInstant(/^<host endtime="(\d{1,11})"/.exec(text)?.[1] ?? '');
  host.status ??= 'up';
  const observations = toObservations(host);
  const address = observations[0]?.address;
  return [
    ...observations.map((seen): ReportEvent => ({ kind: 'host', host: asAnswer(seen, observedAt) })),
    ...host.problems.map((reason) => report({ offset, reason, address, isLoss: true })),
    ...host.remarks.map((reason) => report({ offset, reason, address, isLoss: false })),
  ];
}

const ping = /<port\s(?:[^<>]*\s)?protocol\s*=\s*["']icmp["']/y;
const portEnd = '</port>';

/**
 * A record without `<port protocol="icmp" portid="0">`, which is an answer to a ping and no port. Each place is looked
 * at once: one expression for all of it takes quadratic time.
 */
function withoutPings(text: string): string {
  let kept = '';
  let from = 0;
  let end = 0;
  for (let at = text.indexOf('<port'); at >= 0; at = text.indexOf('<port', Math.max(at + 1, from))) {
    ping.lastIndex = at;
    if (!ping.test(text)) continue;
    if (end < at) end = text.indexOf(portEnd, at);
    if (end < 0) break;
    kept += text.slice(from, at);
    from = end + portEnd.length;
  }
  return kept + text.slice(from);
}

function asAnswer(host: HostObservation, observedAt: Instant | undefined): HostObservation {
  const ports = host.ports.map((port): PortObservation => withTime(port, observedAt));
  return { ...host, ports, ...(observedAt === undefined ? {} : { observedAt }) };
}

function withTime({ service, ...port }: PortObservation, observedAt: Instant | undefined): PortObservation {
  const found = masscanService(service?.name);
  return {
    ...port,
    ...(found === undefined ? {} : { service: found }),
    ...(observedAt === undefined ? {} : { observedAt }),
  };
}
