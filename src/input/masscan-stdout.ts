import type { HostObservation } from '../core/observation.ts';
import type { InputAgent, ReportReader } from './agent.ts';
import { answersHeader, hostOfAnswer, noEndMark } from './answer.ts';
import { firstLines, openLineReport } from './line-report.ts';
import { readPort, short } from './nmap-facts.ts';
import { headText } from './xml-encoding.ts';

const answer = /^Discovered open port (\d+)\/(\w+) on (\S+)\s*$/;
const banner = /^Banner on port \d+\/\w+ on \S+ /;

/** What masscan prints to a terminal: `Discovered open port 80/tcp on 192.0.2.1`. Its progress goes to standard error. */
export const masscanStdout: InputAgent = {
  name: 'masscan-stdout',
  title: 'masscan on the terminal ("Discovered open port …")',
  scattered: true,
  recognises(head) {
    const lines = firstLines(headText(head), 50);
    return (
      lines.some((line) => answer.test(line)) &&
      !/^(Nmap scan report for|# Nmap|Starting Nmap)/m.test(headText(head))
    );
  },
  open,
};

function open(): ReportReader {
  return openLineReport({
    header: () => answersHeader('masscan', { warnings: [noEndMark] }),
    line: readLine,
    end: () => ({}),
  });
}

/** What else masscan prints, where both of its outputs went into one file. */
const noise = /^(Starting masscan|Initiating |Scanning \d|rate:|-- forced options|\[[+-]\]|Warning:)/;

function readLine(written: string): HostObservation | string | undefined {
  const text = written.slice(written.lastIndexOf('\r') + 1).trim(); // Progress is overwritten by a return.
  const match = answer.exec(text);
  if (match === null) {
    if (text === '' || banner.test(text) || noise.test(text)) return undefined;
    return `"${short(text)}" is not a line of masscan`;
  }
  const [, port, protocol, address] = match as unknown as string[];
  if (protocol === 'icmp') return hostOfAnswer({ address: address as string });
  const key = readPort(protocol, port);
  return typeof key === 'string' ? key : hostOfAnswer({ address: address as string, port: key });
}
