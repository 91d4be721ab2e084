import type { HostObservation } from '../core/observation.ts';
import type { InputAgent, ReportReader } from './agent.ts';
import { answersHeader, hostOfAnswer, noEndMark } from './answer.ts';
import { firstLines, mostLinesFit, openLineReport } from './line-report.ts';
import { readPort, short, textOf } from './nmap-facts.ts';
import { headText } from './xml-encoding.ts';

const answer = /^(TCP|UDP|SCTP) open\s+(\S+?)\s*\[\s*(\d+)\]\s+from\s+(\S+)(?:\s|$)/;
const ping = /^Host: (\S+) \(.*?\)\s+Ports: 0\/open\/icmp/;

/** The lines of unicornscan, and of masscan in its manner (-oU): the names of services are looked up in a table. */
export const masscanUnicornscan: InputAgent = {
  name: 'masscan-unicornscan',
  title: 'unicornscan lines, masscan -oU',
  scattered: true,
  recognises(head) {
    const lines = firstLines(headText(head), 20).filter((line) => !line.startsWith('#'));
    return lines.some((line) => answer.test(line)) && mostLinesFit(lines, /^(TCP|UDP|SCTP|Host:) /);
  },
  open,
};

function open(): ReportReader {
  const marks = { isMasscan: false, hasEnded: false };
  return openLineReport({
    header: () =>
      marks.isMasscan ? answersHeader('masscan') : answersHeader('unicornscan', { warnings: [noEndMark] }),
    line(text) {
      if (!text.startsWith('#')) return readLine(text);
      if (text.startsWith('#masscan')) marks.isMasscan = true;
      if (isEnd(text)) marks.hasEnded = true;
      return undefined;
    },
    end: () =>
      marks.isMasscan && !marks.hasEnded ? { partial: 'the file ends before its last line, "# end"' } : {},
    isWhole: isEnd,
  });
}

function isEnd(text: string): boolean {
  return /^# end\s*$/.test(text);
}

function readLine(text: string): HostObservation | string | undefined {
  const match = answer.exec(text);
  if (match === null) {
    const pinged = ping.exec(text)?.[1];
    if (pinged !== undefined) return hostOfAnswer({ address: pinged });
    return text.trim() === '' ? undefined : `"${short(text)}" is not a line of this form`;
  }
  const [, protocol, name, port, address] = match as unknown as string[];
  const key = readPort(protocol?.toLowerCase(), port);
  if (typeof key === 'string') return key;
  const service = name === 'unknown' ? undefined : { ...textOf('name', name), probed: false };
  return hostOfAnswer({ address: address as string, port: key, service });
}
