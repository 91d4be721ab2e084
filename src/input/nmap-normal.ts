import { readAddress } from '../core/address.ts';
import type { Protocol } from '../core/endpoint.ts';
import type { CollapsedPorts, HostObservation, PortObservation } from '../core/observation.ts';
import type { InputAgent, ReportEvent, ReportReader, RunHeader } from './agent.ts';
import { noZone } from './grepable.ts';
import { readCtime } from './instant.ts';
import { type Line, openLineReader, strangeCharacters } from './line-reader.ts';
import { sortedPorts } from './merge.ts';
import { asProtocol, asState, short, textOf } from './nmap-facts.ts';
import { type PortTable, readRow, seemsToBeRow, tableOf } from './nmap-normal-table.ts';
import { nmapHeader } from './nmap-run.ts';
import { newRunLog, type RunLog, type RunOutcome } from './report-run.ts';
import { headText, openTranscoder } from './xml-encoding.ts';

/** What nmap writes for people: -oN, or what it prints to the terminal. */
export const nmapNormal: InputAgent = {
  name: 'nmap-normal',
  title: 'nmap normal output (-oN)',
  scattered: false,
  recognises(head) {
    const text = headText(head);
    return (
      /^(Nmap scan report for|Interesting ports on|Starting Nmap) /m.test(text) &&
      !/^Host: \S+ \(.*?\)\t/m.test(text)
    );
  },
  open,
};

interface Run {
  readonly log: RunLog;
  /** Hosts that are up are left out where nothing of them is open. */
  readonly isOpenOnly: boolean;
  /** Hosts that were listed as up. */
  up: number;
  host: OpenHost | undefined;
}

interface OpenHost {
  readonly address: string;
  readonly names: readonly string[];
  status: HostObservation['status'];
  reason: string | undefined;
  mac: string | undefined;
  vendor: string | undefined;
  timedOut: boolean;
  table: PortTable | undefined;
  readonly ports: PortObservation[];
  readonly collapsed: CollapsedPorts[];
}

interface State {
  run: Run | undefined;
  events: ReportEvent[];
}

const begin = /^# Nmap (\S+) scan initiated (.{1,40}?)(?: as: (.*))?$/;
const start = /^Starting Nmap (\S+)(?: \(.*?\))? at /;
const done = /^# Nmap done at (\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}) --|^(?:# )?Nmap done: /;

function open(): ReportReader {
  const state: State = { run: undefined, events: [] };
  const transcoder = openTranscoder();
  const lines = openLineReader((line) => onLine(state, line));
  return {
    write(bytes) {
      state.events = [];
      lines.write(transcoder.write(bytes));
      if (state.run !== undefined) state.events.push(...state.run.log.take());
      return state.events;
    },
    end() {
      state.events = [];
      lines.write(transcoder.end());
      const rest = lines.end();
      if (rest !== undefined && done.test(rest.text)) onLine(state, rest);
      finish(state, { partial: 'the file ends before the run does' });
      return state.events;
    },
  };
}

function onLine(state: State, line: Line): void {
  const text = line.number === 1 ? line.text.replace(/^\ufeff/, '') : line.text;
  if (strangeCharacters.test(text)) {
    state.run ??= newRun(headerOf([]));
    const place = { offset: line.offset, line: line.number };
    state.run.log.lose(place, 'the line holds control characters');
    return;
  }
  const first = begin.exec(text) ?? start.exec(text);
  const last = done.exec(text);
  if (first !== null) {
    finish(state, { partial: 'another run begins before its end' });
    state.run = newRun(headerOf(first));
  } else if (last !== null && state.run !== undefined) {
    const endedAt = last[1] === undefined ? undefined : readCtime(last[1]);
    tellHost(state.run);
    finish(state, { endedAt, partial: missingHosts(state.run, text) });
  } else if (!text.startsWith('#')) {
    if (report.test(text)) state.run ??= newRun(headerOf([])); // Pieces that were cut out still say what they say.
    if (state.run !== undefined) onText(state.run, text, line);
  }
}

function newRun(header: RunHeader): Run {
  const isOpenOnly = /(^|\s)--?open\b/.test(header.args ?? '');
  return { log: newRunLog(() => header), isOpenOnly, up: 0, host: undefined };
}

/** The last line counts the hosts: where fewer are listed, the file is damaged. */
function missingHosts({ isOpenOnly, up }: Run, text: string): string | undefined {
  const stated = Number(/\((\d{1,9}) hosts? up\)/.exec(text)?.[1] ?? 0);
  return isOpenOnly || stated <= up ? undefined : `${stated} hosts were up, but ${up} are listed`;
}

function headerOf([, version, time, args]: readonly (string | undefined)[]): RunHeader {
  return nmapHeader({
    tool: 'nmap',
    version,
    args,
    startedAt: time === undefined ? undefined : readCtime(time),
    ports: undefined,
    warnings: time === undefined ? [] : [noZone],
  });
}

function finish(state: State, outcome: RunOutcome): void {
  const { run } = state;
  if (run === undefined) return;
  tellHost(run);
  run.log.finish(outcome);
  state.events.push(...run.log.take());
  state.run = undefined;
}

const report = /^(?:Nmap scan report for|Interesting ports on) (.+?):?\s*$/;

function onText(run: Run, text: string, line: Line): void {
  const found = report.exec(text);
  if (found !== null) {
    tellHost(run);
    const host = newHost(found[1] as string);
    if (typeof host === 'string') run.log.lose({ offset: line.offset, line: line.number }, host);
    else run.host = host;
    return;
  }
  const skipped = /^Skipping host (\S+(?: \(\S+\))?) due to host timeout/.exec(text)?.[1];
  if (skipped !== undefined) onSkipped(run, skipped);
  else if (run.host !== undefined) onHostText(run, run.host, { text, line });
}

/** `name (address)` or `address`, perhaps with `[host down, received no-response]`. */
function newHost(written: string): OpenHost | string {
  const down = /\s*\[host down(?:, received (\S+?))?\]$/.exec(written);
  const said = down === null ? written : written.slice(0, down.index);
  const pair = /^(.*) \(([^()\s]+)\)$/.exec(said);
  const address = readAddress(pair?.[2] ?? said);
  if (!address.ok) return `the address "${short(pair?.[2] ?? said)}" is refused: ${address.reason}`;
  return {
    address: address.address,
    names: pair === null ? [] : Object.values(textOf('name', pair[1])),
    status: down === null ? 'unknown' : 'down',
    reason: down?.[1],
    mac: undefined,
    vendor: undefined,
    timedOut: false,
    table: undefined,
    ports: [],
    collapsed: [],
  };
}

function onSkipped(run: Run, written: string): void {
  const host = newHost(written);
  if (typeof host === 'string') return;
  if (run.host?.address !== host.address) {
    tellHost(run);
    run.host = { ...host, status: 'up' };
  }
  if (run.host !== undefined) run.host.timedOut = true;
}

function onHostText(run: Run, host: OpenHost, { text, line }: { text: string; line: Line }): void {
  const table = tableOf(text);
  const place = { offset: line.offset, line: line.number, address: host.address };
  if (table !== undefined) {
    if (host.table !== undefined) run.log.lose(place, 'a second table of ports, whose host is not named');
    host.table = table;
  } else if (seemsToBeRow(text)) onRow(run, host, { text, line });
  else if (text.startsWith('Host is up')) {
    host.status = 'up';
    host.reason = /^Host is up, received (\S+)/.exec(text)?.[1];
  } else if (text.startsWith('Not shown: ')) host.collapsed.push(...collapsedOf(text.slice(11)));
  else if (/^All \d+ scanned ports on /.test(text)) host.collapsed.push(...allCollapsed(text));
  else if (text.startsWith('MAC Address: ')) {
    const [, mac, vendor] = /^MAC Address: (\S+)(?: \((.*)\))?/.exec(text) ?? [];
    host.mac = mac;
    host.vendor = vendor === 'Unknown' ? undefined : vendor;
  }
}

function onRow(run: Run, host: OpenHost, { text, line }: { text: string; line: Line }): void {
  const row =
    host.table === undefined ? 'a row of ports stands outside of a table' : readRow(text, host.table);
  if (typeof row === 'string')
    run.log.lose({ offset: line.offset, line: line.number, address: host.address }, row);
  else host.ports.push(row);
}

function tellHost(run: Run): void {
  const { host } = run;
  if (host === undefined) return;
  run.host = undefined;
  const { address, names, ports, collapsed, timedOut } = host;
  if (host.status !== 'down') run.up += 1;
  const isAnswered = ports.some(({ state }) => state === 'open' || state === 'closed');
  run.log.host({
    address,
    status: host.status === 'unknown' && isAnswered ? 'up' : host.status,
    ...textOf('reason', host.reason),
    names,
    ...textOf('mac', host.mac),
    ...textOf('vendor', host.vendor),
    ports: sortedPorts(ports),
    collapsed,
    timedOut,
  });
}

/** `997 closed tcp ports (conn-refused), 3 filtered ports`. */
function collapsedOf(text: string): CollapsedPorts[] {
  return [...text.matchAll(/(\d{1,6}) ([a-z|]+)(?: (tcp|udp|sctp|ip))? (?:ports|protocols)/g)].flatMap(
    ([, count, name, protocol]) => entryOf(name, Number(count), asProtocol(protocol)),
  );
}

/** `All 1000 scanned ports on … are closed`, `… are filtered (985) or closed (15)`, `… because of …`. */
function allCollapsed(text: string): CollapsedPorts[] {
  const [, count, states] = /^All (\d{1,6}) scanned ports on .* are:? (.*)$/.exec(text) ?? [];
  if (states === undefined || states.startsWith('in ignored states')) return [];
  const several = [...states.matchAll(/([a-z|]+) \((\d{1,6})\)/g)];
  if (several.length > 0) return several.flatMap(([, name, some]) => entryOf(name, Number(some), undefined));
  return entryOf(/^[a-z|]+/.exec(states)?.[0], Number(count), undefined);
}

function entryOf(name: string | undefined, count: number, protocol: Protocol | undefined): CollapsedPorts[] {
  const state = asState(name);
  return state === undefined ? [] : [{ state, count, ...(protocol === undefined ? {} : { protocol }) }];
}
