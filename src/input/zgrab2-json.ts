import type { PortKey } from '../core/endpoint.ts';
import type { HostObservation, RawState } from '../core/observation.ts';
import type { InputAgent, ReadHints, ReportReader } from './agent.ts';
import { answersHeader, hostOfAnswer, noEndMark } from './answer.ts';
import { hintedPort } from './hinted-port.ts';
import { firstRecords, openJsonReport, type RecordPlace } from './json-report.ts';
import { isObject, type JsonObject, objectAt, readIsoTime, textAt, writtenAt } from './json-value.ts';
import { readPort, textOf } from './nmap-facts.ts';

/** zgrab2's JSON lines: what each module found at an address. Versions before 0.2 leave out the port. */
export const zgrab2Json: InputAgent = {
  name: 'zgrab2-json',
  title: 'zgrab2 JSON lines',
  scattered: true,
  recognises: (head) =>
    firstRecords(head).some((value) =>
      Object.values(objectAt(value, 'data') ?? {}).some(
        (grab) =>
          isObject(grab) && textAt(grab, 'status') !== undefined && textAt(grab, 'protocol') !== undefined,
      ),
    ),
  open,
};

function open(hints: ReadHints = {}): ReportReader {
  return openJsonReport({
    header: () => answersHeader('zgrab2', { warnings: [noEndMark] }),
    record: (value, place) => readRecord(value, hints, place),
    end: () => ({}),
  });
}

/** The state of a port by how the module's attempt ended (zgrab2, scanner.go); others say nothing about the port. */
const states: Readonly<Record<string, RawState>> = {
  success: 'open',
  'protocol-error': 'open',
  'application-error': 'open',
  'connection-refused': 'closed',
  'connection-timeout': 'filtered',
};

function readRecord(
  value: JsonObject,
  hints: ReadHints,
  { offset, log }: RecordPlace,
): readonly HostObservation[] | string {
  const address = textAt(value, 'ip');
  if (address === undefined) return 'the record names no address';
  const domain = textAt(value, 'domain');
  const grabs = Object.entries(objectAt(value, 'data') ?? {});
  const hosts: HostObservation[] = [];
  for (const [module, grab] of grabs) {
    const answer = isObject(grab)
      ? readGrab(grab, { hints, isAlone: grabs.length === 1 })
      : 'the module says nothing';
    if (answer === undefined) continue;
    const names = domain === undefined ? [] : [domain];
    const host =
      typeof answer === 'string' ? `${module}: ${answer}` : hostOfAnswer({ ...answer, address, names });
    if (typeof host === 'string') log.lose({ offset, address }, host);
    else
      hosts.push(
        host.ports.some(({ state }) => state === 'filtered') ? { ...host, status: 'unknown' } : host,
      );
  }
  return hosts;
}

interface Grab {
  readonly port: PortKey;
  readonly state: RawState;
  readonly reason: string;
  readonly service: HostObservation['ports'][number]['service'];
  readonly observedAt: number | undefined;
}

function readGrab(
  grab: JsonObject,
  { hints, isAlone }: { hints: ReadHints; isAlone: boolean },
): Grab | string | undefined {
  const reason = textAt(grab, 'status') ?? '';
  const state = Object.hasOwn(states, reason) ? states[reason] : undefined;
  if (state === undefined) return undefined;
  const written = writtenAt(grab, 'port');
  if (written === undefined && !isAlone) return 'several modules, and none names its port';
  const port = written === undefined ? hintedPort('zgrab2', hints) : readPort('tcp', written);
  if (typeof port === 'string') return port;
  const hasTls = objectAt(objectAt(grab, 'result') ?? {}, 'tls') !== undefined;
  const name = textOf('name', textAt(grab, 'protocol'));
  const service =
    state === 'open' ? { ...name, ...(hasTls ? { tunnel: 'ssl' } : {}), probed: true } : undefined;
  return { port, state, reason, service, observedAt: readIsoTime(textAt(grab, 'timestamp')) };
}
