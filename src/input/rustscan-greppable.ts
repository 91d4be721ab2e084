import { readAddress } from '../core/address.ts';
import type { HostObservation, PortObservation } from '../core/observation.ts';
import type { InputAgent, ReportReader } from './agent.ts';
import { answersHeader, noEndMark } from './answer.ts';
import { firstLines, mostLinesFit, openLineReport } from './line-report.ts';
import { sortedPorts } from './merge.ts';
import { readPort, short } from './nmap-facts.ts';
import { headText } from './xml-encoding.ts';

const answer = /^(\S+) -> \[([\d, ]*)\]$/;

/** RustScan's greppable output (-g): `192.0.2.1 -> [22,80]`. */
export const rustscanGreppable: InputAgent = {
  name: 'rustscan-greppable',
  title: 'RustScan greppable (-g)',
  scattered: true,
  recognises(head) {
    const lines = firstLines(headText(head), 20);
    return mostLinesFit(lines, answer);
  },
  open,
};

function open(): ReportReader {
  return openLineReport({
    header: () => answersHeader('rustscan', { warnings: [noEndMark] }),
    line: readLine,
    end: () => ({}),
  });
}

function readLine(written: string): HostObservation | string | undefined {
  const text = written.trim();
  if (text === '') return undefined;
  const match = answer.exec(text);
  if (match === null) return `"${short(text)}" is not "address -> [ports]"`;
  const [, host, list] = match as unknown as [string, string, string];
  const address = readAddress(host);
  if (!address.ok) return `the address "${short(host)}" is refused: ${address.reason}`;
  const ports: PortObservation[] = [];
  for (const word of list.split(',')) {
    const port = readPort('tcp', word.trim());
    if (typeof port === 'string') return port;
    ports.push({ port, state: 'open' });
  }
  return {
    address: address.address,
    status: 'up',
    names: [],
    ports: sortedPorts(ports),
    collapsed: [],
    timedOut: false,
  };
}
