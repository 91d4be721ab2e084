import { parseAddress } from '../core/address.ts';
import type { PortObservation } from '../core/observation.ts';
import type { InputAgent, ReportReader } from './agent.ts';
import { answersHeader } from './answer.ts';
import { readCtime, readInstant } from './instant.ts';
import { readIsoTime } from './json-value.ts';
import { byCodePoint, sortedPorts } from './merge.ts';
import { readPort, short, textOf } from './nmap-facts.ts';
import { attributeIn, childrenOf, nameOf, textContent, type XmlNode } from './xml-element.ts';
import { headText } from './xml-encoding.ts';
import { attributesOf, openXmlReport, type XmlPlace } from './xml-report.ts';
import type { XmlTag } from './xml-tag.ts';

/**
 * Nessus' export (.nessus, version 2). A port is open where its port scanners say so, or where any plugin has
 * something to say about it; Nessus writes nothing about other ports.
 */
export const nessusXml: InputAgent = {
  name: 'nessus-xml',
  title: 'Nessus export (.nessus, version 2)',
  scattered: true,
  recognises: (head) => /<NessusClientData_v2[\s>]/.test(headText(head)),
  open,
};

interface OpenHost {
  readonly name: string;
  properties: ReadonlyMap<string, string>;
  readonly ports: PortObservation[];
}

function open(): ReportReader {
  let host: OpenHost | undefined;
  return openXmlReport({
    shape: { records: ['HostProperties'] },
    root: /^NessusClientData_v2$/,
    header: () => answersHeader('nessus', { warnings: [noList] }),
    tag(tag, place) {
      if (tag.name === 'ReportHost') {
        if (host !== undefined) tellHost(host, place);
        const { name } = attributesOf(tag, ['name']);
        host = tag.kind === 'start' ? { name: name ?? '', properties: new Map(), ports: [] } : undefined;
      } else if (tag.name === 'ReportItem' && tag.kind !== 'end') onItem(tag, host, place);
    },
    record(element) {
      if (host !== undefined) host.properties = propertiesOf(element);
    },
    end: () => (host === undefined ? {} : { partial: 'the file ends inside a host' }),
  });
}

const noList =
  'Nessus names the ports that it found open, some of them only because it found something there.';

function propertiesOf(element: XmlNode): ReadonlyMap<string, string> {
  const tags = childrenOf(element).filter((node) => nameOf(node) === 'tag');
  return new Map(tags.map((tag) => [attributeIn(tag, 'name') ?? '', textContent(tag)]));
}

/** Port 0 stands for the host. */
function onItem(tag: XmlTag, host: OpenHost | undefined, place: XmlPlace): void {
  const item = attributesOf(tag, ['port', 'protocol', 'svc_name', 'pluginName']);
  if (item.port === '0') return;
  const port = readPort(item.protocol?.toLowerCase(), item.port);
  if (host === undefined) place.log.lose(place, 'a finding stands outside of a host');
  else if (typeof port === 'string') place.log.lose(place, port);
  else {
    const isGuess = item.svc_name?.endsWith('?') === true;
    const name = textOf('name', item.svc_name?.replace(/\?$/, ''));
    const isNamed = name.name !== undefined && name.name !== 'unknown' && name.name !== 'general';
    const isScanner = /^(Nessus (SYN|TCP|UDP) scanner|netstat portscanner|Nessus SNMP Scanner)/i.test(
      item.pluginName ?? '',
    );
    host.ports.push({
      port,
      state: 'open',
      ...(isScanner ? textOf('reason', item.pluginName) : {}),
      ...(isNamed ? { service: { ...name, probed: !isGuess } } : {}),
    });
  }
}

function tellHost(host: OpenHost, { offset, log }: XmlPlace): void {
  const { properties, name, ports } = host;
  const written = properties.get('host-ip') ?? name;
  const address = parseAddress(written);
  if (address === undefined) {
    log.lose({ offset }, `the host "${short(name)}" has no IP address`);
    return;
  }
  const observedAt = endOf(properties);
  const names = ['host-fqdn', 'host-rdns']
    .map((key) => properties.get(key) ?? '')
    .filter((text) => text !== '');
  const mac = properties.get('mac-address')?.split(/\s+/)[0];
  log.host({
    address,
    status: 'up',
    names: [...new Set(names)].sort(byCodePoint),
    ...textOf('mac', mac),
    ports: sortedPorts(ports),
    collapsed: [],
    timedOut: observedAt === undefined, // A scan that was stopped leaves hosts without an end.
    ...(observedAt === undefined ? {} : { observedAt }),
  });
}

/** Times without a zone are those of the scanner; they are taken as UTC. */
function endOf(properties: ReadonlyMap<string, string>): number | undefined {
  return (
    readInstant(properties.get('HOST_END_TIMESTAMP') ?? '') ??
    readCtime(properties.get('HOST_END') ?? '') ??
    readIsoTime(properties.get('HOST_END_TIME') ?? properties.get('HOST_END'))
  );
}
