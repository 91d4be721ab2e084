import type { HostObservation } from '../core/observation.ts';
import type { InputAgent, ReportReader } from './agent.ts';
import { answersHeader, hostOfAnswer } from './answer.ts';
import { readInstant } from './instant.ts';
import { firstLines, mostLinesFit, openLineReport } from './line-report.ts';
import { masscanService } from './masscan-banner.ts';
import { oddTimes } from './masscan-time.ts';
import { asState, readPort, short } from './nmap-facts.ts';
import { headText } from './xml-encoding.ts';

const answer = /^(open|closed|banner) (\w+) (\d+) (\S+) (\d+)(?: (\S+))?/;

/** masscan's list (-oL): a line per answer, between `#masscan` and `# end`. */
export const masscanList: InputAgent = {
  name: 'masscan-list',
  title: 'masscan list (-oL)',
  scattered: true,
  recognises(head) {
    const lines = firstLines(headText(head), 20).filter((line) => !line.startsWith('#'));
    return mostLinesFit(lines, answer);
  },
  open,
};

function open(): ReportReader {
  const marks = { hasBegun: false, hasEnded: false };
  const tellTime = oddTimes();
  return openLineReport({
    header: () => answersHeader('masscan'),
    line(text, { offset, number }, log) {
      if (!text.startsWith('#'))
        return readOpen(text) ?? readAny(text, (time) => tellTime(time, { offset, line: number, log }));
      if (text.startsWith('#masscan')) marks.hasBegun = true;
      if (isEnd(text)) marks.hasEnded = true;
      return undefined;
    },
    end: () => (marks.hasEnded ? {} : { partial: 'the file ends before its last line, "# end"' }),
    isWhole: isEnd,
  });
}

function isEnd(text: string): boolean {
  return /^# end\s*$/.test(text);
}

/** A line of the common kind, word by word: a regular expression takes three times as long. */
function readOpen(text: string): HostObservation | undefined {
  if (!text.startsWith('open tcp ')) return undefined;
  const portEnd = text.indexOf(' ', 9);
  const addressEnd = text.indexOf(' ', portEnd + 1);
  if (portEnd < 0 || addressEnd < 0) return undefined;
  const port = readPort('tcp', text.slice(9, portEnd));
  const observedAt = readInstant(text.slice(addressEnd + 1));
  if (typeof port === 'string' || observedAt === undefined) return undefined;
  const host = hostOfAnswer({ address: text.slice(portEnd + 1, addressEnd), port, observedAt });
  return typeof host === 'string' ? undefined : host;
}

function readAny(text: string, tellTime: (time: string) => void): HostObservation | string | undefined {
  const match = answer.exec(text);
  if (match === null) return text.trim() === '' ? undefined : `"${short(text)}" is not a line of a list`;
  const [, word, protocol, port, address, time, kind] = match as unknown as string[];
  tellTime(time as string);
  const observedAt = readInstant(time as string);
  if (protocol === 'icmp') return hostOfAnswer({ address: address as string, observedAt });
  const key = readPort(protocol, port);
  if (typeof key === 'string') return key;
  const isBanner = word === 'banner';
  const state = isBanner ? 'open' : asState(word);
  const service = isBanner ? masscanService(kind) : undefined;
  return hostOfAnswer({ address: address as string, port: key, state, service, observedAt });
}
