import { type InputAgent, ReportRefused } from './agent.ts';
import { agents } from './agents.ts';
import { headText } from './xml-encoding.ts';

/**
 * The agent that reads a report which begins with these bytes. Throws ReportRefused EMPTY for no bytes,
 * UNSAFE_XML for XML with entities of its own, NOT_A_REPORT for everything unknown.
 */
export function detectAgent(head: Uint8Array): InputAgent {
  if (head.length === 0) {
    throw new ReportRefused(
      'EMPTY',
      'The file is empty. masscan writes an empty file when nothing answered, and so does a failed upload: ' +
        'an empty file cannot say which.',
    );
  }
  const text = headText(head);
  if (/<!ENTITY|<!DOCTYPE[^>]*\[/.test(text)) {
    throw new ReportRefused('UNSAFE_XML', 'The XML declares entities of its own; such files are not read.');
  }
  const agent = agents.find((candidate) => candidate.recognises(head));
  if (agent !== undefined) return agent;
  throw new ReportRefused(
    'NOT_A_REPORT',
    `This is no scan report that can be read: ${seemsToBe(text)}. ${known()}`,
  );
}

/** The agent of this name. Throws ReportRefused NOT_A_REPORT where there is none. */
export function agentNamed(name: string): InputAgent {
  const agent = agents.find((candidate) => candidate.name === name);
  if (agent === undefined)
    throw new ReportRefused('NOT_A_REPORT', `There is no format "${name.slice(0, 40)}". ${known()}`);
  return agent;
}

function known(): string {
  return `Formats: ${agents.map(({ name, title }) => `${name} (${title})`).join(', ')}.`;
}

/** What else people upload; the first that fits is named. */
const strangers: readonly (readonly [RegExp, string])[] = [
  [/<ncrackrun[\s>]/, 'it seems to be the XML of ncrack'],
  [/<NessusClientData/, 'it seems to be a Nessus export'],
  [/<NexposeReport/, 'it seems to be a Nexpose export'],
  [/<nmapdiff[\s>]/, 'it seems to be the output of ndiff'],
  [/<[\w.-]+:nmaprun[\s>]/, 'its elements have a name space prefix, which nmap never writes'],
  [/<(!doctype html|html)[\s>]/i, 'it seems to be a web page, perhaps an error message of a server'],
  [/^PK\u0003\u0004/, 'it seems to be a zip archive; unpack it first'],
  [
    /^Rar!|^7z\u00bc\u00af|^BZh|^\u00fd7zXZ|^\(\u00b5\/\u00fd/,
    'it is packed in a way other than gzip; unpack it first',
  ],
  [/^[\s\S]{257}ustar/, 'it seems to be a tar archive; unpack it first'],
  [/^\s*[[{]/, 'it seems to be JSON of another tool'],
  [/^\s*(?:<\?xml|<!--|<[A-Za-z])/, 'it is XML of another tool'],
  [/\0/, 'it holds binary data'],
];

function seemsToBe(text: string): string {
  return (
    strangers.find(([pattern]) => pattern.test(text))?.[1] ??
    'nothing in its beginning looks like any of the formats'
  );
}
