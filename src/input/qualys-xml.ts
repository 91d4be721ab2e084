import { parseAddress } from '../core/address.ts';
import type { Instant, PortObservation } from '../core/observation.ts';
import type { InputAgent, ReportReader } from './agent.ts';
import { answersHeader } from './answer.ts';
import { readIsoTime } from './json-value.ts';
import { sortedPorts } from './merge.ts';
import { readPort, short, textOf } from './nmap-facts.ts';
import type { RunOutcome } from './report-run.ts';
import {
  attributeIn,
  childOf,
  childrenOf,
  childText,
  nameOf,
  textContent,
  type XmlNode,
} from './xml-element.ts';
import { headText } from './xml-encoding.ts';
import { openXmlReport, type XmlPlace } from './xml-report.ts';

/**
 * Qualys: the report of one scan (`SCAN`), or of assets (`ASSET_DATA_REPORT`), which collects many scans and
 * therefore closes nothing. Open are the ports of the lists 82023 and 82004 and those with a finding.
 */
export const qualysXml: InputAgent = {
  name: 'qualys-xml',
  title: 'Qualys scan or asset report XML',
  scattered: true,
  recognises: (head) =>
    /<(SCAN\s+value=|ASSET_DATA_REPORT[\s>])/.test(headText(head).replace(/<!DOCTYPE[^>]*>/, '')),
  open,
};

interface Facts {
  isAssets: boolean;
  status: string | undefined;
  startedAt: Instant | undefined;
  durationMs: number;
}

function open(): ReportReader {
  const facts: Facts = { isAssets: false, status: undefined, startedAt: undefined, durationMs: 0 };
  return openXmlReport({
    shape: { records: ['KEY', 'IP', 'HOST', 'GENERATION_DATETIME'] },
    root: /^(SCAN|ASSET_DATA_REPORT)$/,
    header: () => answersHeader('qualys'),
    tag(tag) {
      facts.isAssets ||= tag.name === 'ASSET_DATA_REPORT';
    },
    record(element, place) {
      const name = nameOf(element);
      if (name === 'KEY') onKey(element, facts);
      else if (name === 'HOST') onAsset(element, place);
      else if (name === 'IP' && !facts.isAssets) onScanned(element, place);
    },
    end: () => endOf(facts),
  });
}

function onKey(element: XmlNode, facts: Facts): void {
  const text = textContent(element);
  const key = attributeIn(element, 'value');
  if (key === 'STATUS') facts.status = text;
  else if (key === 'DATE') facts.startedAt = readIsoTime(text);
  else if (key === 'DURATION') {
    const [, hours, minutes, seconds] = /^(\d{1,4}):(\d\d):(\d\d)$/.exec(text) ?? [];
    if (seconds !== undefined)
      facts.durationMs = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  }
}

function endOf({ isAssets, status, startedAt, durationMs }: Facts): RunOutcome {
  if (isAssets) return { partial: 'a report of assets collects what many scans found' };
  const endedAt = startedAt === undefined ? undefined : startedAt + durationMs;
  return status === 'FINISHED'
    ? { endedAt }
    : { endedAt, partial: `the scan is not finished: "${short(status)}"` };
}

/** One host of a scan: its findings stand in categories, which name the port where they are about one. */
function onScanned(element: XmlNode, place: XmlPlace): void {
  const ports: PortObservation[] = [];
  const take = taker(ports, place);
  for (const category of childrenOf(element).flatMap(childrenOf)) {
    if (nameOf(category) !== 'CAT') continue;
    const port = attributeIn(category, 'port');
    if (port !== undefined) take(attributeIn(category, 'protocol'), port);
    for (const finding of childrenOf(category))
      readList(attributeIn(finding, 'number'), childText(finding, 'RESULT'), take);
  }
  const name = attributeIn(element, 'name');
  tellHost({ written: attributeIn(element, 'value'), name, ports }, place);
}

/** One asset; what was fixed is no longer there. */
function onAsset(element: XmlNode, place: XmlPlace): void {
  const ports: PortObservation[] = [];
  const list = childOf(element, 'VULN_INFO_LIST');
  for (const finding of list === undefined ? [] : childrenOf(list)) {
    if (nameOf(finding) !== 'VULN_INFO' || childText(finding, 'VULN_STATUS') === 'Fixed') continue;
    const take = taker(ports, place, readIsoTime(childText(finding, 'LAST_FOUND')));
    const port = childText(finding, 'PORT');
    if (port !== undefined) take(childText(finding, 'PROTOCOL'), port);
    readList(childText(finding, 'QID'), childText(finding, 'RESULT'), take);
  }
  const name = childText(element, 'DNS');
  tellHost({ written: childText(element, 'IP'), name, ports }, place);
}

type Take = (protocol: string | undefined, port: string | undefined, service?: string) => void;

function taker(ports: PortObservation[], { offset, log }: XmlPlace, observedAt?: Instant): Take {
  return (protocol, written, service) => {
    const port = readPort(protocol?.toLowerCase(), written);
    if (typeof port === 'string') {
      log.lose({ offset }, port);
      return;
    }
    const name = service === undefined || service === 'unknown' ? {} : textOf('name', service);
    ports.push({
      port,
      state: 'open',
      ...('name' in name ? { service: { ...name, probed: true } } : {}),
      ...(observedAt === undefined ? {} : { observedAt }),
    });
  };
}

/** The tables of 82023 (open TCP services) and 82004 (open UDP services): a port and its service on each line. */
function readList(number: string | undefined, result: string | undefined, take: Take): void {
  const protocol = number === '82023' ? 'tcp' : number === '82004' ? 'udp' : undefined;
  if (protocol === undefined || result === undefined) return;
  for (const line of result.split(/\r?\n/).slice(1)) {
    const columns = line.split('\t');
    if (line.trim() !== '') take(protocol, columns[0]?.trim(), columns[3]?.trim());
  }
}

interface Found {
  readonly written: string | undefined;
  readonly name: string | undefined;
  readonly ports: readonly PortObservation[];
}

function tellHost({ written, name, ports }: Found, { offset, log }: XmlPlace): void {
  const address = parseAddress(written ?? '');
  if (address === undefined) {
    log.lose({ offset }, `"${short(written)}" is not an address`);
    return;
  }
  const isNamed = name !== undefined && !/^(No registered hostname|Unknown)$/i.test(name);
  const times = ports.flatMap(({ observedAt }) => observedAt ?? []);
  log.host({
    address,
    status: 'up',
    names: isNamed ? Object.values(textOf('name', name)) : [],
    ports: sortedPorts(ports),
    collapsed: [],
    timedOut: false,
    ...(times.length === 0 ? {} : { observedAt: Math.max(...times) }),
  });
}
