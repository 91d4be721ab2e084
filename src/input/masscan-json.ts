import type { PortKey } from '../core/endpoint.ts';
import type { HostObservation, RawState } from '../core/observation.ts';
import type { InputAgent, ReportReader } from './agent.ts';
import { type Answer, answersHeader, hostOfAnswer, noEndMark } from './answer.ts';
import { readInstant } from './instant.ts';
import { firstRecords, openJsonReport, type RecordPlace } from './json-report.ts';
import { type JsonObject, objectAt, objectsAt, textAt, writtenAt } from './json-value.ts';
import { masscanService } from './masscan-banner.ts';
import { asState, readPort, short } from './nmap-facts.ts';

/**
 * masscan's JSON: the list of -oJ as versions write it (1.0.4 without brackets, 1.0.5 with a comma too many) and
 * the lines of -oD. A record is one answer.
 */
export const masscanJson: InputAgent = {
  name: 'masscan-json',
  title: 'masscan JSON (-oJ, -oD)',
  scattered: true,
  recognises: (head) => firstRecords(head).some(isRecord),
  open,
};

function isRecord(value: JsonObject): boolean {
  if (textAt(value, 'ip') === undefined) return false;
  if (textAt(value, 'rec_type') !== undefined) return true;
  return objectsAt(value, 'ports').some((port) => textAt(port, 'proto') !== undefined);
}

function open(): ReportReader {
  let hasLines = false;
  let isFinished = false;
  return openJsonReport({
    header: () => answersHeader('masscan', hasLines ? { warnings: [noEndMark] } : {}),
    record(value, place) {
      if (value['finished'] === 1) {
        isFinished = true;
        return undefined;
      }
      hasLines ||= textAt(value, 'rec_type') !== undefined;
      return readRecord(value, place);
    },
    strange(text) {
      const isEnd = /^\{\s*finished\s*:\s*1\s*\}$/.test(text);
      isFinished ||= isEnd;
      return isEnd;
    },
    end: ({ isClosedList }) =>
      hasLines || isClosedList || isFinished
        ? {}
        : { partial: 'the file ends before the list of its records does' },
  });
}

function readRecord(value: JsonObject, { offset, log }: RecordPlace): readonly HostObservation[] | string {
  const address = textAt(value, 'ip');
  if (address === undefined) return 'the record names no address';
  const observedAt = readInstant(writtenAt(value, 'timestamp') ?? '');
  const ports = textAt(value, 'rec_type') === undefined ? objectsAt(value, 'ports') : [flatPort(value)];
  if (ports.length === 0) return 'the record names no port';
  const hosts: HostObservation[] = [];
  for (const port of ports) {
    const answer = readAnswer(port);
    const host = typeof answer === 'string' ? answer : hostOfAnswer({ ...answer, address, observedAt });
    if (typeof host === 'string') log.lose({ offset, address }, host);
    else hosts.push(host);
  }
  return hosts;
}

/** The form of -oD has the port in the record itself. */
function flatPort(value: JsonObject): JsonObject {
  const data = objectAt(value, 'data') ?? {};
  const service = textAt(data, 'service_name');
  return {
    port: value['port'],
    proto: value['proto'],
    ...data,
    ...(service === undefined ? {} : { service: { name: service } }),
  };
}

function readAnswer(port: JsonObject): Omit<Answer, 'address'> | string {
  const protocol = textAt(port, 'proto');
  if (protocol === 'icmp') return {}; // An answer to a ping is not a port.
  const key: PortKey | string = readPort(protocol, writtenAt(port, 'port'));
  if (typeof key === 'string') return key;
  const written = textAt(port, 'status');
  const state: RawState | undefined = asState(written ?? 'open'); // Whoever sends a banner is open.
  if (state === undefined) return `"${short(written)}" is not a state of a port`;
  const service = masscanService(textAt(objectAt(port, 'service') ?? {}, 'name'));
  return { port: key, state, reason: textAt(port, 'reason'), service };
}
