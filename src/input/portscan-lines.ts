import { type PortKey, type Protocol, portKey, protocols } from '../core/endpoint.ts';
import type { HostObservation, Instant } from '../core/observation.ts';
import { type InputAgent, type ReportEvent, type RunEnd, scopeWanted } from './agent.ts';
import { hostOfAnswer } from './answer.ts';
import { readInstant } from './instant.ts';
import { type Line, openLineReader, strangeCharacters } from './line-reader.ts';
import { short } from './nmap-facts.ts';
import { openTranscoder } from './xml-encoding.ts';

/**
 * The uniform lines of the Dr. Portscan article (Linux Magazine 155/2013): one open port per line, as
 * `address port protocol [timestamp]`. The form says nothing about what was looked at.
 */
export const portscanLines: InputAgent = {
  name: 'portscan-lines',
  title: 'lines of "address port protocol [timestamp]"',
  scattered: true,
  recognises,
  open() {
    let events: ReportEvent[] = [];
    let hasBegun = false;
    let lost = 0;
    const push = (found: HostObservation | string | undefined, { number, offset }: Line) => {
      if (typeof found === 'string') {
        lost += 1;
        events.push({ kind: 'problem', problem: { offset, line: number, reason: found } });
      } else if (found !== undefined) events.push({ kind: 'host', host: found });
    };
    const lines = openLineReader((line) => push(readLine(line), line));
    const transcoder = openTranscoder();
    const write = (bytes: Uint8Array) => {
      events = hasBegun ? [] : [{ kind: 'run', run: header }];
      hasBegun = true;
      lines.write(bytes);
    };
    return {
      write(bytes) {
        write(transcoder.write(bytes));
        return events;
      },
      end() {
        write(transcoder.end());
        const rest = lines.end();
        events.push({ kind: 'end', end: endOf(rest, lost) });
        return events;
      },
    };
  },
};

const header = {
  tool: 'portscan-lines',
  names: false,
  status: true,
  absent: 'nothing_open',
  warnings: [`These lines do not say what was looked at: the scope ${scopeWanted}`],
} as const;

function recognises(head: Uint8Array): boolean {
  const text = Buffer.from(head).toString('latin1');
  const whole = text.split('\n', 200).slice(0, text.includes('\n') ? -1 : undefined);
  const said = whole.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  const first = said.slice(0, 20).filter((line) => parts(line) !== undefined);
  return said.length > 0 && first.length * 2 > Math.min(said.length, 20);
}

/** A last line without an end was cut off, perhaps within a number: it is not used. */
function endOf(rest: Line | undefined, lost: number): RunEnd {
  if (rest !== undefined)
    return { complete: false, reason: 'the last line has no end: the file was cut off' };
  return lost === 0 ? { complete: true } : { complete: false, reason: `${lost} line(s) could not be read` };
}

interface Parts {
  readonly address: string;
  readonly port: string;
  readonly protocol: string;
  readonly time: string | undefined;
}

/** The parts of a line without spaces around it: looking for the last ones in here would take quadratic time. */
function parts(line: string): Parts | undefined {
  const match = /^(\S{2,60})\s+(\d{1,5})(?:\/|\s+)(tcp|udp|sctp|ip)(?:\s+(\S.*))?$/i.exec(line);
  if (match === null) return undefined;
  const [, address, port, protocol, time] = match as unknown as [string, string, string, string, string?];
  return { address, port, protocol: protocol.toLowerCase(), time };
}

/** `address port tcp` with or without seconds since 1970, word by word: a regular expression takes three times as long. */
function readCommon(text: string): HostObservation | undefined {
  const addressEnd = text.indexOf(' ');
  const portEnd = text.indexOf(' ', addressEnd + 1);
  if (addressEnd < 0 || portEnd < 0 || !text.startsWith('tcp', portEnd + 1)) return undefined;
  const hasTime = text.length > portEnd + 4;
  if (hasTime && text.charAt(portEnd + 4) !== ' ') return undefined;
  const observedAt = hasTime ? readInstant(text.slice(portEnd + 5)) : undefined;
  const port = readPort('tcp', text.slice(addressEnd + 1, portEnd));
  if (typeof port === 'string' || (hasTime && observedAt === undefined)) return undefined;
  const host = hostOfAnswer({ address: text.slice(0, addressEnd), port, observedAt });
  return typeof host === 'string' ? undefined : host;
}

/** An observation, undefined for a line that says nothing, or the reason why it cannot be read. */
function readLine({ text, isCut }: Line): HostObservation | string | undefined {
  if (isCut) return 'the line is too long';
  if (strangeCharacters.test(text)) return 'the line holds control characters';
  const common = readCommon(text);
  if (common !== undefined) return common;
  const said = text.trim();
  if (said === '' || said.startsWith('#') || said === '\ufeff') return undefined;
  const found = parts(said.replace(/^\ufeff/, ''));
  if (found === undefined) return `"${short(said)}" is not "address port protocol [timestamp]"`;
  const port = readPort(found.protocol as Protocol, found.port);
  if (typeof port === 'string') return port;
  const observedAt = found.time === undefined ? undefined : readTime(found.time);
  if (found.time !== undefined && observedAt === undefined) return `"${short(found.time)}" is not a time`;
  return hostOfAnswer({ address: found.address, port, observedAt });
}

function readPort(protocol: Protocol, text: string): PortKey | string {
  const isNumber = /^(0|[1-9]\d{0,4})$/.test(text) && protocols.includes(protocol);
  const port = Number(text);
  if (!isNumber || port > (protocol === 'ip' ? 255 : 65535))
    return `"${short(text)}" is not a ${protocol} port`;
  return portKey(protocol, port);
}

/** Seconds since 1970, ISO 8601, or `YYYY-MM-DD hh:mm:ss`; without a zone it is UTC. */
export function readTime(text: string): Instant | undefined {
  if (/^\d+$/.test(text)) return readInstant(text);
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)\s?(Z|UTC|[+-]\d\d:?\d\d)?$/.exec(
    text,
  );
  if (match === null) return undefined;
  const [, date, time, zone] = match;
  const offset = zone === undefined || zone === 'UTC' ? 'Z' : zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2');
  const instant = Date.parse(`${date}T${time}${offset}`);
  return Number.isFinite(instant) && instant > 0 ? instant : undefined;
}
