import { parseAddress } from '../core/address.ts';
import type { HostObservation } from '../core/observation.ts';
import type { InputAgent, ReportReader } from './agent.ts';
import { answersHeader, hostOfAnswer, noEndMark } from './answer.ts';
import { firstRecords, openJsonReport } from './json-report.ts';
import { type JsonObject, memberOf, objectAt, readIsoTime, textAt, writtenAt } from './json-value.ts';
import { readPort } from './nmap-facts.ts';

/** naabu's JSON lines (-json); versions before 2.2 wrote the port as an object. */
export const naabuJson: InputAgent = {
  name: 'naabu-json',
  title: 'naabu JSON lines (-json)',
  scattered: true,
  recognises: (head) => firstRecords(head).some(isRecord),
  open: openNaabu,
};

function isRecord(value: JsonObject): boolean {
  if (textAt(value, 'ip') === undefined && textAt(value, 'host') === undefined) return false;
  if (objectAt(value, 'port') !== undefined)
    return memberOf(objectAt(value, 'port') as JsonObject, 'Port') !== undefined;
  const isPort = writtenAt(value, 'port') !== undefined && textAt(value, 'rec_type') === undefined;
  return isPort && /^\d{4}-\d\d-\d\dT/.test(textAt(value, 'timestamp') ?? '');
}

function openNaabu(): ReportReader {
  return openJsonReport({
    header: () => answersHeader('naabu', { warnings: [noEndMark] }),
    record(value) {
      const host = readRecord(value);
      return typeof host === 'string' ? host : [host];
    },
    end: () => ({}),
  });
}

function readRecord(value: JsonObject): HostObservation | string {
  const host = textAt(value, 'host');
  const address = textAt(value, 'ip') ?? host;
  if (address === undefined) return 'the record names no address';
  const old = objectAt(value, 'port');
  const written = old === undefined ? writtenAt(value, 'port') : writtenAt(old, 'Port');
  const protocol =
    textAt(value, 'protocol') ?? (old !== undefined && memberOf(old, 'Protocol') === 1 ? 'udp' : 'tcp');
  const port = readPort(protocol.toLowerCase(), written);
  if (typeof port === 'string') return port;
  const names = host === undefined || parseAddress(host) !== undefined ? [] : [host];
  const observedAt = readIsoTime(textAt(value, 'timestamp'));
  return hostOfAnswer({ address, port, names, observedAt });
}
