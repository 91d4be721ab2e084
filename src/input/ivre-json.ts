import { addressAt, readAddress } from '../core/address.ts';
import type { CollapsedPorts, HostObservation, PortObservation } from '../core/observation.ts';
import type { InputAgent, ReportReader } from './agent.ts';
import { answersHeader, noEndMark } from './answer.ts';
import { firstRecords, openJsonReport, type RecordPlace } from './json-report.ts';
import {
  isObject,
  type JsonObject,
  memberOf,
  objectAt,
  objectsAt,
  readIsoTime,
  textAt,
  textsAt,
  writtenAt,
} from './json-value.ts';
import { byCodePoint, sortedPorts } from './merge.ts';
import { asState, readPort, short, textOf, toService } from './nmap-facts.ts';

/** IVRE's export of scanned hosts (`ivre scancli --json`): a host on each line, of any scans that were put into it. */
export const ivreJson: InputAgent = {
  name: 'ivre-json',
  title: 'IVRE JSON lines (scancli --json)',
  scattered: true,
  recognises: (head) => firstRecords(head, { count: 1 }).some(isHost) || isCutHost(head),
  open,
};

function isHost(value: JsonObject): boolean {
  const address = memberOf(value, 'addr');
  const isAddress = typeof address === 'string' || typeof address === 'number';
  return isAddress && (textAt(value, 'state') !== undefined || objectsAt(value, 'ports').some(isPort));
}

function isPort(port: JsonObject): boolean {
  return textAt(port, 'state_state') !== undefined || textAt(port, 'protocol') !== undefined;
}

/** A first host may be longer than what is looked at. */
function isCutHost(head: Uint8Array): boolean {
  const text = Buffer.from(head).toString('latin1');
  return /^\s*\{[^\n]*"addr"\s*:/.test(text) && /"state_state"\s*:|"state_reason_ttl"\s*:/.test(text);
}

function open(): ReportReader {
  return openJsonReport({
    header: () => answersHeader('ivre', { absent: 'unknown', warnings: [noEndMark] }),
    record(value, place) {
      const host = readHost(value, place);
      return typeof host === 'string' ? host : [host];
    },
    end: () => ({}),
  });
}

function readHost(value: JsonObject, place: RecordPlace): HostObservation | string {
  const written = addressOf(memberOf(value, 'addr'));
  const address = readAddress(written);
  if (!address.ok) return `the address "${short(written)}" is refused: ${address.reason}`;
  const lose = (reason: string) => place.log.lose({ offset: place.offset, address: address.address }, reason);
  const observedAt = readIsoTime(textAt(value, 'endtime')) ?? readIsoTime(textAt(value, 'starttime'));
  const names = objectsAt(value, 'hostnames').map((entry) => textAt(entry, 'name'));
  const state = textAt(value, 'state');
  const ports = sortedPorts(readPorts(value, lose));
  const collapsed = collapsedOf(value);
  const [mac] = textsAt(objectAt(value, 'addresses') ?? {}, 'mac');
  const isUp = state === 'up' || (state === undefined && ports.some((port) => port.state === 'open'));
  return {
    address: address.address,
    status: isUp ? 'up' : state === 'down' ? 'down' : 'unknown',
    ...textOf('reason', textAt(value, 'state_reason')),
    names: [...new Set(names.filter((name) => name !== undefined))].sort(byCodePoint),
    ...textOf('mac', mac),
    ports,
    collapsed,
    // Whether nmap gave up on a host is left out; a host without any port may be one.
    timedOut: isUp && ports.length === 0 && collapsed.length === 0,
    ...(observedAt === undefined ? {} : { observedAt }),
  };
}

/** Old exports have IPv4 addresses as numbers. */
function addressOf(written: unknown): string {
  if (typeof written === 'string') return written;
  const isV4 = typeof written === 'number' && Number.isInteger(written) && written >= 0 && written < 2 ** 32;
  return isV4 ? addressAt(BigInt(written)) : String(written).slice(0, 60);
}

function readPorts(value: JsonObject, lose: (reason: string) => void): PortObservation[] {
  const ports: PortObservation[] = [];
  for (const port of objectsAt(value, 'ports')) {
    if (memberOf(port, 'port') === -1) continue; // Scripts about the host.
    const key = readPort(textAt(port, 'protocol'), writtenAt(port, 'port'));
    const written = textAt(port, 'state_state');
    const state = asState(written);
    if (typeof key === 'string') lose(key);
    else if (state === undefined) {
      if (written !== undefined) lose(`"${short(written)}" is not a state of a port`);
    } else {
      const service = serviceOf(port);
      ports.push({
        port: key,
        state,
        ...textOf('reason', textAt(port, 'state_reason')),
        ...(service === undefined ? {} : { service }),
      });
    }
  }
  return ports;
}

function serviceOf(port: JsonObject) {
  return toService({
    name: textAt(port, 'service_name'),
    product: textAt(port, 'service_product'),
    version: textAt(port, 'service_version'),
    extrainfo: textAt(port, 'service_extrainfo'),
    tunnel: textAt(port, 'service_tunnel'),
    method: textAt(port, 'service_method'),
    cpes: textsAt(port, 'cpe'),
  });
}

/** `{"closed": [985, {"resets": 985}]}`, in new versions `{"closed": {"total": 985, "reasons": …}}`. */
function collapsedOf(value: JsonObject): CollapsedPorts[] {
  return Object.entries(objectAt(value, 'extraports') ?? {}).flatMap(([name, said]) => {
    const state = asState(name);
    const count = Array.isArray(said) ? said[0] : isObject(said) ? memberOf(said, 'total') : undefined;
    return state !== undefined && typeof count === 'number' && Number.isInteger(count) && count >= 0
      ? [{ state, count }]
      : [];
  });
}
