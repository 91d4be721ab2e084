import { readPorts } from '../core/endpoint.ts';
import type { HostObservation } from '../core/observation.ts';
import type { InputAgent, ReportReader, RunHeader } from './agent.ts';
import { readInstant } from './instant.ts';
import { openJsonReport, type RecordPlace } from './json-report.ts';
import { isObject, type JsonObject, textAt, writtenAt } from './json-value.ts';
import { asProtocol, type NmapHost, newNmapHost, readPort, toObservations, toService } from './nmap-facts.ts';
import { addPort, portStatus } from './nmap-host.ts';
import { nmapHeader } from './nmap-run.ts';

/**
 * What nmap-formatter makes of nmap's XML (`json`, also with its names in snake case). It leaves out the ports
 * that nmap collapses and all but one protocol of the scan.
 */
export const nmapFormatterJson: InputAgent = {
  name: 'nmap-formatter-json',
  title: 'nmap-formatter JSON',
  scattered: false,
  recognises: (head) =>
    /^\ufeff?\s*\{\s*"scanner"\s*:[\s\S]{0,20000}?"scan_?info"\s*:/i.test(Buffer.from(head).toString('utf8')),
  open,
};

/** The names of fields without case and underscores: both spellings are one. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll('_', '');
}

function plainObject(value: unknown): JsonObject {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [plain(name), member]));
}

function plainList(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.map(plainObject) : [];
}

function open(): ReportReader {
  const fields = new Map<string, string>();
  let hostsUp = 0;
  return openJsonReport({
    header: () => headerOf(fields),
    isRecord: (path) => path.length === 2 && plain(path[0] as string) === 'host' && path[1] === '*',
    field(path, value) {
      if (path.length <= 3 && fields.size < fieldsMax) fields.set(path.map(plain).join('/'), value);
    },
    record(value, place) {
      const hosts = readHost(plainObject(value), place);
      if (hosts.some(({ status }) => status === 'up')) hostsUp += 1;
      return hosts;
    },
    end: () => endOf(fields, hostsUp),
  });
}

const fieldsMax = 100;

function headerOf(fields: ReadonlyMap<string, string>): RunHeader {
  const protocol = asProtocol(fields.get('scaninfo/protocol'));
  const services = fields.get('scaninfo/services') ?? '';
  const reading = protocol === undefined || services === '' ? undefined : readPorts(protocol, services);
  return nmapHeader({
    tool: fields.get('scanner') || 'nmap',
    version: fields.get('version') || undefined,
    args: fields.get('args') || undefined,
    startedAt: readInstant(fields.get('start') ?? ''),
    ports: reading?.ok ? reading.ports : undefined,
    warnings: [],
  });
}

function endOf(fields: ReadonlyMap<string, string>, hostsUp: number) {
  const endedAt = readInstant(fields.get('runstats/finished/time') ?? '');
  const exit = fields.get('runstats/finished/exit') ?? '';
  const stated = Number(fields.get('runstats/hosts/up') ?? 0);
  if (exit !== 'success') return { endedAt, partial: 'the run is not said to have ended with success' };
  return stated > hostsUp
    ? { endedAt, partial: `${stated} hosts were up, but ${hostsUp} are listed` }
    : { endedAt };
}

function readHost(value: JsonObject, { offset, log }: RecordPlace): readonly HostObservation[] {
  const host: NmapHost = newNmapHost();
  const status = plainObject(value['status']);
  host.status = textAt(status, 'state');
  host.reason = textAt(status, 'reason');
  for (const entry of plainList(value['hostaddress'])) {
    host.addresses.push({
      address: textAt(entry, 'address'),
      type: textAt(entry, 'addresstype'),
      vendor: textAt(entry, 'vendor'),
    });
  }
  for (const entry of plainList(plainObject(value['hostnames'])['hostname'])) {
    const name = textAt(entry, 'name');
    if (name !== undefined) host.names.push(name);
  }
  for (const port of plainList(value['port'])) {
    const state = plainObject(port['state']);
    addPort(
      host,
      readPort(textAt(port, 'protocol'), writtenAt(port, 'portid')),
      portStatus(textAt(state, 'state'), textAt(state, 'reason')),
      serviceOf(plainObject(port['service'])),
    );
  }
  const observedAt = readInstant(writtenAt(value, 'endtime') ?? '');
  const found = toObservations(host);
  const address = found[0]?.address;
  for (const reason of host.problems) log.lose({ offset, address }, reason);
  for (const reason of host.remarks) log.remark({ offset, address }, reason);
  // Whether nmap gave up on a host is left out; a host without any port may be one.
  const timedOut = host.status === 'up' && host.ports.length === 0;
  return found.map((seen) => ({ ...seen, timedOut, ...(observedAt === undefined ? {} : { observedAt }) }));
}

function serviceOf(service: JsonObject) {
  const cpes = service['cpe'];
  return toService({
    name: textAt(service, 'name'),
    product: textAt(service, 'product'),
    version: textAt(service, 'version'),
    extrainfo: textAt(service, 'extrainfo'),
    tunnel: undefined,
    method: textAt(service, 'method'),
    cpes: Array.isArray(cpes) ? cpes.filter((cpe) => typeof cpe === 'string') : [],
  });
}
