import { isUtf8 } from 'node:buffer';
import type { HostObservation } from '../core/observation.ts';
import type { InputAgent, RecordEvent, ReportEvent } from './agent.ts';
import { readInstant } from './instant.ts';
import { type NmapHost, short, toObservations } from './nmap-facts.ts';
import { openHostReader } from './nmap-host.ts';
import { readHostReference } from './nmap-host-reference.ts';
import { addressOf, essenceOf, type RecordEssence } from './nmap-record.ts';
import { nmapEnd, nmapHeader, portsOfScaninfo } from './nmap-run.ts';
import { openXmlReader, type RecordProblem, type TagsOfRun } from './nmap-xml-reader.ts';
import { headText } from './xml-encoding.ts';
import { attributeOf, type XmlTag } from './xml-tag.ts';

/** nmap's XML report, of any version since 2.54 (2000). */
export const nmapXml: InputAgent = {
  name: 'nmap-xml',
  title: 'nmap XML (-oX)',
  scattered: false,
  recognises: (head) => isNmapRun(headText(head)) && scannerOf(head) !== 'masscan',
  open() {
    const read = openHostReader();
    let hasPorts = false;
    return openXmlReader({
      header: (run) => {
        const { nmaprun } = run;
        const { ports, warnings } = portsOfScaninfo(run.scaninfos);
        hasPorts = ports === undefined ? run.scaninfos.length > 0 : ports.length > 0;
        return nmapHeader({
          tool: attributeOf(nmaprun, 'scanner') ?? 'nmap',
          version: attributeOf(nmaprun, 'version'),
          args: attributeOf(nmaprun, 'args'),
          ...startOf(nmaprun, warnings),
          ports,
        });
      },
      end: (run, damage) => nmapEnd({ ...endFacts(run), writesExit: true, damage }),
      record: (record, report) => {
        const essence = essenceOf(record);
        const { offset } = record;
        return [
          {
            kind: 'record',
            digest: essence.digest,
            address: () => addressOf(essence),
            read: () => readRecord(essence, read, { offset, report, hasPorts }),
          },
        ];
      },
    });
  },
};

/** ndiff puts the headers of both runs into what it writes. */
function isNmapRun(text: string): boolean {
  return /<nmaprun[\s>]/.test(text) && !/<nmapdiff[\s>]/.test(text);
}

/** The tool that says it wrote this XML. */
export function scannerOf(head: Uint8Array): string | undefined {
  const text = headText(head);
  return isNmapRun(text) ? /<nmaprun\s[^>]*?\bscanner\s*=\s*["'](\w+)["']/.exec(text)?.[1] : undefined;
}

/** The start of a run; a time that is none is a warning. */
export function startOf(nmaprun: XmlTag, warnings: readonly string[]) {
  const text = attributeOf(nmaprun, 'start');
  const startedAt = text === undefined ? undefined : readInstant(text);
  if (text === undefined || startedAt !== undefined) return { startedAt, warnings };
  return { startedAt, warnings: [...warnings, `The start "${short(text)}" is not a time and is ignored.`] };
}

/** What both dialects hand to `nmapEnd`. */
export function endFacts({ nmaprun, finished, isClosed }: TagsOfRun) {
  return { version: attributeOf(nmaprun, 'version'), finished, isClosed };
}

interface Place {
  readonly offset: number;
  readonly report: (problem: RecordProblem) => ReportEvent;
  /** The run looked at ports. */
  readonly hasPorts: boolean;
}

function readRecord(
  essence: RecordEssence,
  read: (text: string) => NmapHost | undefined,
  { offset, report, hasPorts }: Place,
): readonly RecordEvent[] {
  const text = essence.bytes.toString();
  const host = read(text) ?? readHostReference(text);
  if (typeof host === 'string') return [report({ offset, reason: host, isLoss: true }) as RecordEvent];
  if (essence.bytes.includes(0)) host.problems.push('the record holds NUL bytes');
  if (hasPorts && isWithoutPorts(host, text)) host.timedOut = true;
  if (!isUtf8(essence.bytes)) host.problems.push('the record holds bytes that are not UTF-8');
  const { observedAt } = essence;
  const observations = toObservations(host);
  const hosts = observations.map((seen): RecordEvent => ({ kind: 'host', host: withTime(seen, observedAt) }));
  if (host.problems.length === 0 && host.remarks.length === 0) return hosts;
  const address = observations[0]?.address;
  const told = (reason: string, isLoss: boolean) =>
    report({ offset, reason, address, isLoss }) as RecordEvent;
  return [
    ...hosts,
    ...host.problems.slice(0, PROBLEMS_PER_HOST).map((reason) => told(reason, true)),
    ...host.remarks.map((reason) => told(reason, false)),
  ];
}

/**
 * Of each host that is up, nmap writes `<ports>`, also where none is open; unless it gave up on the host, which versions
 * before 7.92 say in no other way (nmap.cc, "due to host timeout").
 */
function isWithoutPorts({ status }: NmapHost, text: string): boolean {
  return status === 'up' && !text.includes('<ports');
}

const PROBLEMS_PER_HOST = 10; // More say nothing new about one record.

function withTime(host: HostObservation, observedAt: number | undefined): HostObservation {
  return observedAt === undefined ? host : { ...host, observedAt };
}
