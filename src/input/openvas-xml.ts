import type { PortKey } from '../core/endpoint.ts';
import type { Instant } from '../core/observation.ts';
import type { InputAgent, ReportReader } from './agent.ts';
import { answersHeader, hostOfAnswer } from './answer.ts';
import { readIsoTime } from './json-value.ts';
import { asProtocol, readPort } from './nmap-facts.ts';
import type { RunOutcome } from './report-run.ts';
import { childOf, childrenOf, childText, nameOf, textContent, type XmlNode } from './xml-element.ts';
import { headText } from './xml-encoding.ts';
import { openXmlReport, type XmlPlace } from './xml-report.ts';
import { attributeOf, type XmlTag } from './xml-tag.ts';

/**
 * The XML report of OpenVAS and of the Greenbone Vulnerability Manager. A port is open where a result names it.
 */
export const openvasXml: InputAgent = {
  name: 'openvas-xml',
  title: 'OpenVAS / Greenbone report XML',
  scattered: true,
  recognises(head) {
    const text = headText(head);
    const root = /<(?:get_reports_response[^>]*>\s*<)?report(?:\s[^>]*)?>/.test(text);
    return root && /<(results|omp|gmp|report_format|scan_run_status|scan_start|task)[\s>]/.test(text);
  },
  open,
};

interface Facts {
  status: string | undefined;
  startedAt: Instant | undefined;
  endedAt: Instant | undefined;
  /** What the filter of the report leaves out; undefined where nothing is said about it. */
  levels: string | undefined;
  /** The report shows a page of its results. */
  isPage: boolean;
}

function open(): ReportReader {
  const facts: Facts = {
    status: undefined,
    startedAt: undefined,
    endedAt: undefined,
    levels: undefined,
    isPage: false,
  };
  return openXmlReport({
    shape: {
      records: ['result', 'port', 'host', 'filters', 'scan_run_status', 'scan_start', 'scan_end'],
      nested: ['result'],
      skipped: ['task', 'report_format', 'preferences', 'scan', 'errors'],
    },
    root: /^(report|get_reports_response)$/,
    header: () => answersHeader('openvas'),
    tag: (tag) => onTag(tag, facts),
    record: (element, place) => onRecord(element, facts, place),
    end: () => endOf(facts),
  });
}

function onTag(tag: XmlTag, facts: Facts): void {
  if ((tag.name !== 'results' && tag.name !== 'ports') || tag.kind === 'end') return;
  const max = attributeOf(tag, 'max');
  const start = attributeOf(tag, 'start');
  if ((max !== undefined && max !== '-1') || (start !== undefined && start !== '1')) facts.isPage = true;
}

function onRecord(element: XmlNode, facts: Facts, place: XmlPlace): void {
  switch (nameOf(element)) {
    case 'result':
      onPort(childOf(element, 'host'), childText(element, 'port'), place);
      break;
    case 'port':
      if (childOf(element, 'host') !== undefined)
        onPort(childOf(element, 'host'), textContent(element), place);
      break;
    case 'host':
      onHost(element, place);
      break;
    case 'filters':
      facts.levels = levelsOf(element);
      break;
    case 'scan_run_status':
      facts.status = textContent(element);
      break;
    case 'scan_start':
      facts.startedAt = readIsoTime(textContent(element));
      break;
    default:
      facts.endedAt = readIsoTime(textContent(element));
  }
}

/** The levels that are shown: each in a `<filter>`, or their letters in the term `levels=hmlg`. */
function levelsOf(filters: XmlNode): string {
  const listed = childrenOf(filters)
    .filter((node) => nameOf(node) === 'filter')
    .map(textContent);
  const letters = /\blevels=(\w+)/.exec(childText(filters, 'term') ?? '')?.[1] ?? '';
  return [...listed, ...(letters.includes('g') ? ['Log'] : [])].join();
}

/** Results about a host as a whole have `general/tcp` and the like for a port. */
function onPort(host: XmlNode | undefined, written: string | undefined, { offset, log }: XmlPlace): void {
  const address = textContent(host);
  if (address === '' || written === undefined || /^general\//.test(written)) return;
  const port = readWritten(written);
  const found = typeof port === 'string' ? port : hostOfAnswer({ address, port, names: namesOf(host) });
  if (typeof found === 'string') log.lose({ offset }, found);
  else log.host(found);
}

/** `443/tcp`, in old versions `https (443/tcp)`; `package` and the like are no ports. */
function readWritten(text: string): PortKey | string {
  const match = /(?:^|\()(\d{1,5})\/(\w+)\)?$/.exec(text.trim());
  if (match === null) return readPort('tcp', text);
  const protocol = match[2]?.toLowerCase();
  return asProtocol(protocol) === undefined
    ? `"${protocol}" is not a protocol`
    : readPort(protocol, match[1]);
}

function namesOf(host: XmlNode | undefined): readonly string[] {
  const name = host === undefined ? undefined : childText(host, 'hostname');
  return name === undefined ? [] : [name];
}

/** A host that was looked at: it has an address of its own and the times of its scan. */
function onHost(element: XmlNode, { offset, log }: XmlPlace): void {
  const address = childText(element, 'ip');
  if (address === undefined) return;
  const observedAt = readIsoTime(childText(element, 'end'));
  const found = hostOfAnswer({ address, observedAt });
  if (typeof found === 'string') log.lose({ offset }, found);
  else log.host({ ...found, timedOut: observedAt === undefined });
}

function endOf({ status, startedAt, endedAt, levels, isPage }: Facts): RunOutcome {
  const at = endedAt ?? startedAt;
  if (status !== undefined && !/^(Done|Finished)$/i.test(status))
    return { endedAt: at, partial: `the scan is not done: "${status.slice(0, 40)}"` };
  if (isPage)
    return { endedAt: at, partial: 'the report shows only some of its results; export it with rows=-1' };
  if (levels === undefined || !levels.includes('Log')) {
    return {
      endedAt: at,
      partial:
        'the report does not show results of level Log, without which open ports are missing; export it with levels=hmlg',
    };
  }
  return { endedAt: at };
}
