import { type PortSet, type Protocol, readPorts, unionOfPorts } from '../core/endpoint.ts';
import type { HostObservation, Instant } from '../core/observation.ts';
import type { ReportEvent, ReportReader, RunEnd, RunHeader } from './agent.ts';
import { mergeObservations } from './gather.ts';
import { readHostLine } from './grepable-host.ts';
import { readCtime } from './instant.ts';
import { type Line, openLineReader, strangeCharacters } from './line-reader.ts';
import { openTranscoder } from './xml-encoding.ts';

/** What the comment lines of one run say. */
export interface GrepableRun {
  readonly tool: string;
  readonly version: string | undefined;
  readonly args: string | undefined;
  readonly startedAt: Instant | undefined;
  readonly ports: PortSet | undefined;
}

interface OpenRun extends GrepableRun {
  ports: PortSet | undefined;
  isAnnounced: boolean;
  /** Lines that could not be read. */
  lost: number;
  /** Set by the `done` line. */
  done: { readonly endedAt: Instant | undefined } | undefined;
  /** Lines about one host follow one another; they are one observation. */
  host: HostObservation | undefined;
}

interface State {
  readonly header: (run: GrepableRun) => RunHeader;
  run: OpenRun | undefined;
  events: ReportEvent[];
}

const begin = /^# (nmap|masscan) (\S+) scan initiated (.{1,40}?)(?: as: (.*))?$/i;
const done = /^# (?:nmap|masscan) (?:done at|run completed at) (\w{3} \w{3} [ \d]\d [\d:]{8} \d{4})/i;
const scanned = /^# Ports scanned: (.*)$/;

/** What every header of this form must say. */
export const noZone = 'The times of this form name no time zone; they are taken as UTC.';

/** Whether the beginning of a file is the grepable form of this tool. */
export function isGrepable(text: string, tool: 'nmap' | 'masscan'): boolean {
  // Blanks, not white space: from each of many empty lines, that would look at all that follow.
  const first = /^[ \t]*# (nmap|masscan) \S+ scan initiated /im.exec(text)?.[1]?.toLowerCase();
  return first === undefined ? tool === 'nmap' && /^Host: \S+ \([^)\n]*\)\t/m.test(text) : first === tool;
}

/** A reader for the grepable form (nmap's manual, "Grepable output"). Several runs may follow one another. */
export function openGrepableReader(header: (run: GrepableRun) => RunHeader): ReportReader {
  const state: State = { header, run: undefined, events: [] };
  const transcoder = openTranscoder();
  const lines = openLineReader((line) => onLine(state, line));
  return {
    write(bytes) {
      state.events = [];
      lines.write(transcoder.write(bytes));
      return state.events;
    },
    end() {
      state.events = [];
      lines.write(transcoder.end());
      const rest = lines.end();
      // A line without an end was cut off, unless it says that the run is done.
      if (rest !== undefined && done.test(rest.text)) onLine(state, rest);
      finish(state);
      return state.events;
    },
  };
}

function onLine(state: State, line: Line): void {
  const text = line.text.replace(/^\ufeff/, '');
  if (strangeCharacters.test(text)) onDamage(state, line);
  else if (text.startsWith('#')) onComment(state, text, line);
  else if (text.trim() !== '') onHostLine(state, text, line);
}

function onDamage(state: State, line: Line): void {
  state.run ??= newRun();
  state.run.lost += 1;
  announce(state, state.run);
  tellProblem(state, line, 'the line holds control characters');
}

function onComment(state: State, text: string, line: Line): void {
  const first = begin.exec(text);
  if (first !== null) {
    finish(state);
    const [, tool, version, time, args] = first as unknown as [string, string, string, string, string?];
    state.run = { ...newRun(), tool: tool.toLowerCase(), version, args, startedAt: readCtime(time) };
    return;
  }
  const { run } = state;
  if (run === undefined) return;
  const last = done.exec(text);
  if (last !== null) {
    run.done = { endedAt: readCtime(last[1] as string) };
    finish(state);
    return;
  }
  const list = scanned.exec(text)?.[1];
  if (list === undefined || run.isAnnounced) return;
  const ports = readScanned(list);
  if (typeof ports === 'string') tellProblem(state, line, ports);
  else run.ports = ports;
}

function newRun(): OpenRun {
  return {
    tool: 'nmap',
    version: undefined,
    args: undefined,
    startedAt: undefined,
    ports: undefined,
    isAnnounced: false,
    lost: 0,
    done: undefined,
    host: undefined,
  };
}

/** `TCP(2;22,80) UDP(0;) SCTP(0;) PROTOCOLS(0;)`, or why it cannot be read. */
function readScanned(text: string): PortSet | string {
  let ports: PortSet = [];
  for (const [, name, list] of text.matchAll(/(TCP|UDP|SCTP|PROTOCOLS)\(\d+;([^)]*)\)/g)) {
    if (list === undefined || list === '') continue;
    const protocol = name === 'PROTOCOLS' ? 'ip' : ((name as string).toLowerCase() as Protocol);
    const reading = readPorts(protocol, list);
    if (!reading.ok) return `the ports that were scanned cannot be read: ${reading.reason.slice(0, 80)}`;
    ports = unionOfPorts(ports, reading.ports);
  }
  return ports;
}

function onHostLine(state: State, text: string, line: Line): void {
  state.run ??= newRun(); // Lines that were cut out of a report still say what they say.
  const { run } = state;
  announce(state, run);
  const found = line.isCut ? 'the line is too long' : readHostLine(text);
  if (typeof found === 'string') {
    run.lost += 1;
    tellProblem(state, line, found);
    return;
  }
  for (const problem of found.problems) {
    run.lost += 1;
    tellProblem(state, line, problem, found.host?.address);
  }
  if (found.host === undefined) return;
  if (run.host?.address === found.host.address) {
    run.host = mergeObservations(run.host, found.host);
  } else {
    tellHost(state, run);
    run.host = found.host;
  }
}

function tellHost(state: State, run: OpenRun): void {
  if (run.host !== undefined) state.events.push({ kind: 'host', host: run.host });
  run.host = undefined;
}

function tellProblem(state: State, { offset, number }: Line, reason: string, address?: string): void {
  const known = address === undefined ? {} : { address };
  state.events.push({ kind: 'problem', problem: { offset, line: number, ...known, reason } });
}

function announce(state: State, run: OpenRun): void {
  if (run.isAnnounced) return;
  run.isAnnounced = true;
  state.events.push({ kind: 'run', run: state.header(run) });
}

function finish(state: State): void {
  const { run } = state;
  if (run === undefined) return;
  announce(state, run);
  tellHost(state, run);
  state.events.push({ kind: 'end', end: endOf(run) });
  state.run = undefined;
}

function endOf({ done: last, lost }: OpenRun): RunEnd {
  const time = last?.endedAt === undefined ? {} : { endedAt: last.endedAt };
  if (last === undefined) return { complete: false, reason: 'the file ends before the run does' };
  return lost === 0
    ? { ...time, complete: true }
    : { ...time, complete: false, reason: `${lost} line(s) could not be read as a whole` };
}
