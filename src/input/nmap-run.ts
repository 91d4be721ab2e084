import { type PortSet, readPorts, unionOfPorts } from '../core/endpoint.ts';
import type { Instant } from '../core/observation.ts';
import type { AbsentMeaning } from '../core/scope.ts';
import type { RunEnd, RunHeader } from './agent.ts';
import { readInstant } from './instant.ts';
import { portsOfCommand, readNmapCommand } from './nmap-command.ts';
import { asProtocol, short } from './nmap-facts.ts';
import { readTargets } from './nmap-targets.ts';
import { attributeOf, type XmlTag } from './xml-tag.ts';
import { capValue } from './xml-text.ts';

/** What an nmap report says about its command line; the XML and the grepable form say it alike. */
export interface NmapRunFacts {
  readonly tool: string;
  readonly version: string | undefined;
  readonly args: string | undefined;
  readonly startedAt: Instant | undefined;
  /** Ports as the report lists them. */
  readonly ports: PortSet | undefined;
  readonly warnings: readonly string[];
}

/** The header of a run of nmap. */
export function nmapHeader({ tool, version, args, startedAt, ports, warnings }: NmapRunFacts): RunHeader {
  const command = readNmapCommand(args ?? '');
  const { options } = command;
  const isList = options.has('sL');
  const hasNoPorts = isList || options.has('sn') || options.has('sP');
  const targets = readTargets(command);
  const known = hasNoPorts ? [] : (ports ?? portsOfCommand(command));
  const told = [...warnings];
  if (!targets.ok) told.push(`The scope of addresses is not known: ${targets.reason}.`);
  if (known === undefined) told.push('The scope of ports is not known: the report does not list them.');
  return {
    tool,
    ...(version === undefined ? {} : { version }),
    ...(args === undefined ? {} : { args: capValue(args) }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(known === undefined ? {} : { ports: known }),
    ...(targets.ok ? { addresses: targets.addresses } : {}),
    names: !options.has('n'),
    status: !isList,
    absent: absentMeaning(options),
    warnings: told,
  };
}

/**
 * With `-Pn` nmap takes every address for up and lists all of them; one that is missing timed out or was left
 * out by `--open`. Either way nobody tested whether it is down, so only "nothing open" can be said.
 */
function absentMeaning(options: ReadonlyMap<string, string>): AbsentMeaning {
  if (options.has('sL')) return 'unknown';
  const isBlindToDown = ['open', 'open-only', 'Pn', 'PN', 'P0', 'PD'].some((option) => options.has(option));
  return isBlindToDown ? 'nothing_open' : 'down';
}

/** The union of the ports of all `<scaninfo>`; undefined where there is none or one cannot be read. */
export function portsOfScaninfo(tags: readonly XmlTag[]): {
  readonly ports: PortSet | undefined;
  readonly warnings: readonly string[];
} {
  let ports: PortSet | undefined;
  for (const tag of tags) {
    const services = attributeOf(tag, 'services');
    const text = attributeOf(tag, 'protocol');
    const protocol = attributeOf(tag, 'type') === 'ipproto' ? 'ip' : asProtocol(text);
    if (services === undefined || services === '') continue;
    const reading = protocol === undefined ? undefined : readPorts(protocol, services);
    if (reading === undefined || !reading.ok) {
      const reason = reading === undefined ? `"${short(text)}" is not a protocol` : reading.reason;
      return { ports: undefined, warnings: [`The ports of the scan cannot be read: ${short(reason)}.`] };
    }
    ports = unionOfPorts(ports ?? [], reading.ports);
  }
  return { ports, warnings: [] };
}

/** What the tags around the hosts say about the end of a run. */
export interface NmapEndFacts {
  readonly version: string | undefined;
  readonly finished: XmlTag | undefined;
  /** `</nmaprun>` was seen. */
  readonly isClosed: boolean;
  /** The tool always writes `exit`; where it is missing, the run is not known to be a success. */
  readonly writesExit: boolean;
  /** Why parts of the file could not be read. */
  readonly damage: string | undefined;
}

/** The end of a run; partial unless the tool says that it succeeded and nothing of the file is lost. */
export function nmapEnd(facts: NmapEndFacts): RunEnd {
  const time = facts.finished === undefined ? undefined : attributeOf(facts.finished, 'time');
  const endedAt = time === undefined ? undefined : readInstant(time);
  const reason = whyPartial(facts) ?? facts.damage;
  return {
    ...(endedAt === undefined ? {} : { endedAt }),
    complete: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
  };
}

function whyPartial({ finished, isClosed, writesExit, version }: NmapEndFacts): string | undefined {
  if (finished === undefined)
    return isClosed ? 'the run did not finish' : 'the file ends before the run does';
  const exit = attributeOf(finished, 'exit');
  const message = attributeOf(finished, 'errormsg');
  if (message !== undefined) return `the tool reports an error: ${short(message)}`;
  if (exit !== undefined && exit !== 'success') return `the tool ended with "${short(exit)}"`;
  if (!isClosed) return 'the file ends before </nmaprun>';
  if (exit === undefined && writesExit && !isBeforeExit(version))
    return 'the report does not say how the run ended (Zenmap leaves that out)';
  return undefined;
}

/** nmap writes `finished/@exit` since 5.35DC1 (2010). */
function isBeforeExit(version: string | undefined): boolean {
  const match = /^(\d+)\.(\d+)/.exec(version ?? '');
  return match !== null && (Number(match[1]) < 5 || (Number(match[1]) === 5 && Number(match[2]) < 35));
}
