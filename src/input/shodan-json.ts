import type { HostObservation, Service } from '../core/observation.ts';
import type { InputAgent, ReportReader, RunHeader } from './agent.ts';
import { hostOfAnswer, noEndMark } from './answer.ts';
import { firstRecords, openJsonReport, type RecordPlace } from './json-report.ts';
import {
  type JsonObject,
  objectAt,
  objectsAt,
  readIsoTime,
  textAt,
  textsAt,
  writtenAt,
} from './json-value.ts';
import { byCodePoint } from './merge.ts';
import { readPort, toService } from './nmap-facts.ts';

/**
 * Shodan's exports: `shodan download` (a banner on each line), a host, or the matches of a search. Each service
 * was seen at a time of its own.
 */
export const shodanJson: InputAgent = {
  name: 'shodan-json',
  title: 'Shodan JSON (download, host, search)',
  scattered: true,
  recognises: (head) =>
    /"_shodan"\s*:/.test(Buffer.from(head).toString('latin1')) || firstRecords(head).some(isHost),
  open,
};

function isHost(value: JsonObject): boolean {
  return (
    textAt(value, 'ip_str') !== undefined &&
    (Array.isArray(value['ports']) || writtenAt(value, 'port') !== undefined)
  );
}

/** Views from the Internet of many days: they do not test whether a host is up, and state no scope. */
export function internetHeader(tool: string): RunHeader {
  return {
    tool,
    names: false,
    status: false,
    absent: 'nothing_open',
    warnings: [
      `${tool} looks at addresses and ports on days of its own: a scope that goes with this export closes what ${tool} has forgotten.`,
      noEndMark,
    ],
  };
}

function open(): ReportReader {
  return openJsonReport({
    header: () => internetHeader('shodan'),
    record: readRecord,
    end: () => ({}),
  });
}

function readRecord(value: JsonObject, place: RecordPlace): readonly HostObservation[] | string {
  const lists = [...objectsAt(value, 'matches'), ...objectsAt(value, 'data')];
  if (lists.length === 0 && writtenAt(value, 'port') !== undefined) lists.push(value);
  if (lists.length === 0) {
    const isEmpty = Array.isArray(value['matches']) || Array.isArray(value['data']);
    return isEmpty ? [] : 'the record names neither a port nor any matches';
  }
  const hosts: HostObservation[] = [];
  for (const banner of lists) {
    const host = readBanner(banner, textAt(value, 'ip_str'));
    if (typeof host === 'string') place.log.lose({ offset: place.offset }, host);
    else hosts.push(host);
  }
  return hosts;
}

function readBanner(banner: JsonObject, hostAddress: string | undefined): HostObservation | string {
  const address = textAt(banner, 'ip_str') ?? hostAddress ?? writtenAt(banner, 'ip');
  if (address === undefined) return 'a banner names no address';
  const port = readPort(textAt(banner, 'transport') ?? 'tcp', writtenAt(banner, 'port'));
  if (typeof port === 'string') return port;
  const names = [...new Set(textsAt(banner, 'hostnames'))].sort(byCodePoint);
  const observedAt = readIsoTime(textAt(banner, 'timestamp'));
  return hostOfAnswer({ address, port, names, service: serviceOf(banner), observedAt });
}

function serviceOf(banner: JsonObject): Service | undefined {
  return toService({
    name: textAt(objectAt(banner, '_shodan') ?? {}, 'module'),
    product: textAt(banner, 'product'),
    version: textAt(banner, 'version'),
    extrainfo: textAt(banner, 'info'),
    tunnel: objectAt(banner, 'ssl') === undefined ? undefined : 'ssl',
    method: 'probed',
    cpes: textsAt(banner, 'cpe'),
  });
}
