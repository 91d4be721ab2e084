import { parseAddress } from '../core/address.ts';
import type { PortKey } from '../core/endpoint.ts';
import type { Instant, PortObservation, RawState } from '../core/observation.ts';
import type { InputAgent, ReportReader } from './agent.ts';
import { answersHeader } from './answer.ts';
import { readIsoTime } from './json-value.ts';
import { byCodePoint, sortedPorts } from './merge.ts';
import { asState, readPort, short, textOf, toService } from './nmap-facts.ts';
import type { RunOutcome } from './report-run.ts';
import { textContent } from './xml-element.ts';
import { headText } from './xml-encoding.ts';
import { attributesOf, openXmlReport, type XmlPlace } from './xml-report.ts';
import type { XmlTag } from './xml-tag.ts';

/** Nexpose's and InsightVM's report "XML Export" (`NexposeReport`, versions 1 and 2). Ports are named with their state. */
export const nexposeXml: InputAgent = {
  name: 'nexpose-xml',
  title: 'Nexpose / InsightVM report XML',
  scattered: true,
  recognises: (head) => /<NexposeReport[\s>]/.test(headText(head)),
  open,
};

interface OpenPort {
  readonly port: PortKey;
  readonly state: RawState;
  name: string | undefined;
  product: string | undefined;
  version: string | undefined;
}

interface OpenHost {
  readonly address: string | undefined;
  readonly isAlive: boolean;
  readonly mac: string | undefined;
  readonly names: string[];
  readonly ports: PortObservation[];
  port: OpenPort | undefined;
}

interface Facts {
  host: OpenHost | undefined;
  endedAt: Instant | undefined;
  unfinished: string | undefined;
}

function open(): ReportReader {
  const facts: Facts = { host: undefined, endedAt: undefined, unfinished: undefined };
  return openXmlReport({
    shape: { records: ['name'], skipped: ['tests', 'VulnerabilityDefinitions'] },
    root: /^NexposeReport$/,
    header: () => answersHeader('nexpose'),
    tag: (tag, place) => onTag(tag, facts, place),
    record(element) {
      const name = textContent(element);
      if (name !== '') facts.host?.names.push(name);
    },
    end: () => endOf(facts),
  });
}

function onTag(tag: XmlTag, facts: Facts, place: XmlPlace): void {
  switch (tag.name) {
    case 'scan':
      if (tag.kind !== 'end') onScan(tag, facts);
      break;
    case 'node':
      if (facts.host !== undefined) tellHost(facts.host, place);
      facts.host = tag.kind === 'start' ? newHost(tag, place) : undefined;
      break;
    case 'endpoint':
      if (facts.host !== undefined) onEndpoint(tag, facts.host, place);
      break;
    case 'service':
      if (tag.kind !== 'end' && facts.host?.port !== undefined)
        facts.host.port.name ??= attributesOf(tag, ['name']).name;
      break;
    case 'fingerprint':
      if (tag.kind !== 'end' && facts.host?.port !== undefined) onFingerprint(tag, facts.host.port);
      break;
    default: // Everything else says nothing that an observation holds.
  }
}

function onScan(tag: XmlTag, facts: Facts): void {
  const { endTime, status } = attributesOf(tag, ['endTime', 'status']);
  const at = readCompactTime(endTime);
  if (at !== undefined) facts.endedAt = Math.max(facts.endedAt ?? 0, at);
  if (status !== 'finished') facts.unfinished ??= status ?? 'unknown';
}

/** `20210228T225429678`; it names no zone and is taken as UTC. */
function readCompactTime(text: string | undefined): Instant | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})$/.exec(text ?? '');
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction] = match;
  return readIsoTime(`${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction}`);
}

function newHost(tag: XmlTag, { offset, log }: XmlPlace): OpenHost {
  const node = attributesOf(tag, ['address', 'status', 'hardware-address']);
  const address = parseAddress(node.address ?? '');
  if (address === undefined) log.lose({ offset }, `"${short(node.address)}" is not an address`);
  return {
    address,
    isAlive: node.status === 'alive',
    mac: node['hardware-address']?.replace(
      /^([\dA-Fa-f]{2})(?=[\dA-Fa-f]{10}$)|([\dA-Fa-f]{2})(?=(?:[\dA-Fa-f]{2})+$)/g,
      '$1$2:',
    ),
    names: [],
    ports: [],
    port: undefined,
  };
}

function onEndpoint(tag: XmlTag, host: OpenHost, { offset, log }: XmlPlace): void {
  if (host.port !== undefined) host.ports.push(observationOf(host.port));
  host.port = undefined;
  if (tag.kind === 'end') return;
  const { protocol, port: written, status } = attributesOf(tag, ['protocol', 'port', 'status']);
  const port = readPort(protocol?.toLowerCase(), written);
  const state = asState(status?.toLowerCase());
  if (typeof port === 'string') log.lose({ offset, address: host.address }, port);
  else if (state !== undefined) {
    host.port = { port, state, name: undefined, product: undefined, version: undefined };
    if (tag.kind === 'empty') onEndpoint({ ...tag, kind: 'end' }, host, { offset, log });
  } else if (status !== 'unknown')
    log.lose({ offset, address: host.address }, `"${short(status)}" is not a state of a port`);
}

function onFingerprint(tag: XmlTag, port: OpenPort): void {
  const { product, version } = attributesOf(tag, ['product', 'version']);
  if (port.product === undefined) port.version = version;
  port.product ??= product;
}

function observationOf({ port, state, name, product, version }: OpenPort): PortObservation {
  const service = toService({
    name: name === '<unknown>' ? undefined : name?.toLowerCase(),
    product,
    version,
    extrainfo: undefined,
    tunnel: undefined,
    method: product === undefined ? undefined : 'probed',
    cpes: [],
  });
  return { port, state, ...(service === undefined ? {} : { service }) };
}

function tellHost({ address, isAlive, mac, names, ports, port }: OpenHost, { log }: XmlPlace): void {
  if (address === undefined) return;
  const all = port === undefined ? ports : [...ports, observationOf(port)];
  log.host({
    address,
    status: isAlive || all.length > 0 ? 'up' : 'unknown',
    names: [...new Set(names)].sort(byCodePoint),
    ...textOf('mac', mac),
    ports: sortedPorts(all),
    collapsed: [],
    timedOut: false,
  });
}

function endOf({ endedAt, unfinished, host }: Facts): RunOutcome {
  if (host !== undefined) return { endedAt, partial: 'the file ends inside a node' };
  return unfinished === undefined ? { endedAt } : { endedAt, partial: `a scan is "${short(unfinished)}"` };
}
