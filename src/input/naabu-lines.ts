import { readAddress } from '../core/address.ts';
import type { HostObservation } from '../core/observation.ts';
import type { InputAgent, ReportReader } from './agent.ts';
import { answersHeader, hostOfAnswer, noEndMark } from './answer.ts';
import { firstLines, openLineReport } from './line-report.ts';
import { readPort, short } from './nmap-facts.ts';
import { headText } from './xml-encoding.ts';

const answer = /^(?:\[([^\]\s]+)\]|([^\s[\]]+)):(\d{1,5})$/;

/** naabu's plain output: `192.0.2.1:80` on each line. Hosts that were given by name are written by name. */
export const naabuLines: InputAgent = {
  name: 'naabu-lines',
  title: 'naabu lines of "host:port"',
  scattered: true,
  recognises(head) {
    const lines = firstLines(headText(head), 50);
    return lines.length > 0 && lines.every((line) => answer.test(line)) && lines.some(hasAddress);
  },
  open,
};

function hasAddress(line: string): boolean {
  const match = answer.exec(line);
  return readAddress(match?.[1] ?? match?.[2] ?? '').ok;
}

function open(): ReportReader {
  return openLineReport({
    header: () => answersHeader('naabu', { warnings: [noEndMark] }),
    line: readLine,
    end: () => ({}),
  });
}

function readLine(written: string): HostObservation | string | undefined {
  const text = written.trim();
  if (text === '') return undefined;
  const match = answer.exec(text);
  if (match === null) return `"${short(text)}" is not "host:port"`;
  const host = (match[1] ?? match[2]) as string;
  const port = readPort('tcp', match[3]);
  if (typeof port === 'string') return port;
  if (!readAddress(host).ok && /[g-z]/i.test(host) && !host.includes(':'))
    return `"${short(host)}" is a name; naabu -json writes the address too`;
  return hostOfAnswer({ address: host, port });
}
