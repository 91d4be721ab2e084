import type { PortKey } from '../core/endpoint.ts';
import type { HostObservation, Instant, RawState } from '../core/observation.ts';
import type { InputAgent, ReportReader } from './agent.ts';
import { type Answer, answersHeader, hostOfAnswer, noEndMark } from './answer.ts';
import { readInstant } from './instant.ts';
import { firstRecords, openJsonReport, type RecordPlace } from './json-report.ts';
import { type JsonObject, objectAt, objectsAt, textAt, writtenAt } from './json-value.ts';
import { masscanService } from './masscan-banner.ts';
import { oddTimes } from './masscan-time.ts';
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
  const tellTime = oddTimes();
  return openJsonReport({
    header: () => answersHeader('masscan', hasLines ? { warnings: [noEndMark] } : {}),
    record(value, place) {
      if (value['finished'] === 1) {
        isFinished = true;
        return undefined;
      }
      hasLines ||= textAt(value, 'rec_type') !== undefined;
      tellTime(writtenAt(value, 'timestamp'), place);
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
  const isFlat = textAt(value, 'rec_type') !== undefined;
  const ports = isFlat ? [value] : objectsAt(value, 'ports');
  if (ports.length === 0) return 'the record names no port';
  const hosts: HostObservation[] = [];
  for (const port of ports) {
    const answer = isFlat ? readAnswer(port, objectAt(port, 'data') ?? {}) : readAnswer(port, port);
    const host = typeof answer === 'string' ? answer : hostOfAnswer(withPlace(answer, address, observedAt));
    if (typeof host === 'string') log.lose({ offset, address }, host);
    else hosts.push(host);
  }
  return hosts;
}

/** Written out, because a million of these are spread three times as slowly. */
function withPlace(
  { port, state, reason, service }: Omit<Answer, 'address'>,
  address: string,
  observedAt: Instant | undefined,
): Answer {
  return { address, port, state, reason, service, observedAt };
}

/** The form of -oD has the port in the record itself, and what is known of it apart. */
function readAnswer(port: JsonObject, about: JsonObject): Omit<Answer, 'address'> | string {
  const protocol = textAt(port, 'proto');
  if (protocol === 'icmp') return {}; // An answer to a ping is not a port.
  const key: PortKey | string = readPort(protocol, writtenAt(port, 'port'));
  if (typeof key === 'string') return key;
  const written = textAt(about, 'status');
  const state: RawState | undefined = asState(written ?? 'open'); // Whoever sends a banner is open.
  if (state === undefined) return `"${short(written)}" is not a state of a port`;
  const service = objectAt(about, 'service');
  const kind = service === undefined ? textAt(about, 'service_name') : textAt(service, 'name');
  return { port: key, state, reason: textAt(about, 'reason'), service: masscanService(kind) };
}
