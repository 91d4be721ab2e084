import { parseAddress } from '../core/address.ts';
import type { HostObservation, Service } from '../core/observation.ts';
import type { InputAgent, ReportReader } from './agent.ts';
import { hostOfAnswer } from './answer.ts';
import { firstRecords, isAtTop, openJsonReport, type RecordPlace } from './json-report.ts';
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
import { internetHeader } from './shodan-json.ts';

/**
 * Hosts of Censys Search 2: a list of hits, one on each line, the answer of its API, or an object with an address
 * as the name of each host.
 */
export const censysJson: InputAgent = {
  name: 'censys-json',
  title: 'Censys JSON (hosts)',
  scattered: true,
  recognises: (head) =>
    firstRecords(head, { isRecord }).some(isHost) || /"service_name"\s*:/.test(beginningOf(head)),
  open,
};

function beginningOf(head: Uint8Array): string {
  const text = Buffer.from(head).toString('latin1');
  return /"ip"\s*:/.test(text) && /"services"\s*:\s*\[/.test(text) ? text : '';
}

function isHost(value: JsonObject): boolean {
  return textAt(value, 'ip') !== undefined && Array.isArray(value['services']);
}

/** The top may be the host itself or hold hosts: only what lies in a list or below an address is known to be one. */
function isRecord(path: readonly string[]): boolean {
  const [first] = path;
  if (path.length === 1 && first !== undefined) return first === '*' || parseAddress(first) !== undefined;
  return path.join('/') === 'result/hits/*' || path.join('/') === 'hits/*';
}

function open(): ReportReader {
  return openJsonReport({
    header: () => internetHeader('censys'),
    isRecord: isAtTop,
    record: readRecord,
    end: () => ({}),
  });
}

function readRecord(value: JsonObject, place: RecordPlace): readonly HostObservation[] | string {
  const found = hostsIn(value);
  if (found === undefined) return 'the record is no host';
  const hosts: HostObservation[] = [];
  for (const host of found) hosts.push(...readHost(host, place));
  return hosts;
}

function hostsIn(value: JsonObject): readonly JsonObject[] | undefined {
  if (isHost(value)) return [value];
  const result = objectAt(value, 'result');
  if (result !== undefined) return isHost(result) ? [result] : objectsAt(result, 'hits');
  if (Array.isArray(value['hits'])) return objectsAt(value, 'hits');
  const entries = Object.entries(value).filter(([name]) => parseAddress(name) !== undefined);
  if (entries.length === 0) return Object.keys(value).length === 0 ? [] : undefined;
  return entries
    .map(([, host]) => host as JsonObject)
    .filter((host) => typeof host === 'object' && host !== null);
}

function readHost(host: JsonObject, { offset, log }: RecordPlace): HostObservation[] {
  const address = textAt(host, 'ip') ?? '';
  const last = textAt(host, 'last_updated_at');
  const reverse = objectAt(objectAt(host, 'dns') ?? {}, 'reverse_dns') ?? {};
  const names = [...new Set(textsAt(reverse, 'names'))].sort(byCodePoint);
  const services = objectsAt(host, 'services');
  const hosts: HostObservation[] = [];
  for (const service of services) {
    const transport = textAt(service, 'transport_protocol') ?? 'TCP';
    const port = readPort(transport === 'QUIC' ? 'udp' : transport.toLowerCase(), writtenAt(service, 'port'));
    const observedAt = readIsoTime(textAt(service, 'observed_at') ?? last);
    const found =
      typeof port === 'string'
        ? port
        : hostOfAnswer({ address, port, names, service: serviceOf(service), observedAt });
    if (typeof found === 'string') log.lose({ offset, address }, found);
    else hosts.push(found);
  }
  return hosts;
}

function serviceOf(service: JsonObject): Service | undefined {
  const name = textAt(service, 'service_name');
  const [software] = objectsAt(service, 'software');
  return toService({
    name: name === 'UNKNOWN' ? undefined : name?.toLowerCase(),
    product: software === undefined ? undefined : textAt(software, 'product'),
    version: software === undefined ? undefined : textAt(software, 'version'),
    extrainfo: undefined,
    tunnel: /^HTTPS$/.test(textAt(service, 'extended_service_name') ?? '') ? 'ssl' : undefined,
    method: 'probed',
    cpes: [],
  });
}
