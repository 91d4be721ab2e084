import type { HostObservation } from '../core/observation.ts';
import type { InputAgent, ReportReader } from './agent.ts';
import { answersHeader, hostOfAnswer } from './answer.ts';
import { openLineReport } from './line-report.ts';
import { readPort } from './nmap-facts.ts';
import { headText } from './xml-encoding.ts';

const escapes = /\u001b\[[\d;?]*[A-Za-z]/g;
const answer = /^Open (?:\[([^\]\s]+)\]|([\d.]+)):(\d{1,5})\s*$/;

/** What RustScan prints to a terminal, with colours and the output of the nmap that it starts, which is left alone. */
export const rustscanConsole: InputAgent = {
  name: 'rustscan-console',
  title: 'RustScan on the terminal ("Open …")',
  scattered: true,
  recognises(head) {
    const lines = headText(head).replace(escapes, '').split(/\r?\n/);
    return lines.some((line) => answer.test(line));
  },
  open,
};

function open(): ReportReader {
  return openLineReport({
    header: () => answersHeader('rustscan'),
    line: readLine,
    end: () => ({
      partial: 'what RustScan prints to a terminal is no report and closes nothing; -g writes one',
    }),
    isWhole: (text) => !/^Open /.test(text.replace(escapes, '')),
  });
}

/** Everything but answers is said to people: a banner, hints, scripts. */
function readLine(written: string): HostObservation | string | undefined {
  const text = written.replace(escapes, '');
  if (!text.startsWith('Open ')) return undefined;
  const match = answer.exec(text);
  if (match === null) return 'an "Open" line names no address and port';
  const port = readPort('tcp', match[3]);
  return typeof port === 'string' ? port : hostOfAnswer({ address: (match[1] ?? match[2]) as string, port });
}
