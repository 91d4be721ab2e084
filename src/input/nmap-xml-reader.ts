import type { ReportEvent, ReportReader, RunEnd, RunHeader } from './agent.ts';
import { openTranscoder } from './xml-encoding.ts';
import { openSplitter, type RawRecord } from './xml-splitter.ts';
import { attributeOf, type XmlTag } from './xml-tag.ts';

/** A problem with one record; `isLoss` where something of it could not be read. */
export interface RecordProblem {
  readonly offset: number;
  readonly reason: string;
  readonly address?: string | undefined;
  readonly isLoss: boolean;
}

/** What differs between the tools that write nmap's XML. */
export interface XmlDialect {
  readonly header: (run: TagsOfRun) => RunHeader;
  readonly end: (run: TagsOfRun, damage: string | undefined) => RunEnd;
  readonly record: (
    record: RawRecord,
    report: (problem: RecordProblem) => ReportEvent,
  ) => readonly ReportEvent[];
}

/** The tags of one `<nmaprun>` outside of its hosts. */
export interface TagsOfRun {
  readonly nmaprun: XmlTag;
  readonly scaninfos: readonly XmlTag[];
  readonly finished: XmlTag | undefined;
  /** `</nmaprun>` was seen. */
  readonly isClosed: boolean;
}

interface OpenRun {
  readonly nmaprun: XmlTag;
  readonly scaninfos: XmlTag[];
  finished: XmlTag | undefined;
  isClosed: boolean;
  isAnnounced: boolean;
  hasJunk: boolean;
  /** Records that could not be read as a whole. */
  lost: number;
}

interface State {
  readonly dialect: XmlDialect;
  run: OpenRun | undefined;
  events: ReportEvent[];
}

/** A reader for reports in nmap's XML as one dialect writes it. Several documents in one file are several runs. */
export function openXmlReader(dialect: XmlDialect): ReportReader {
  const state: State = { dialect, run: undefined, events: [] };
  const transcoder = openTranscoder();
  const splitter = openSplitter({
    tag: (tag, offset) => onTag(state, tag, offset),
    record: (record) => onRecord(state, record),
    lost: (offset, reason) => onLost(state, offset, reason),
    junk: (offset) => onJunk(state, offset),
  });
  return {
    write(bytes) {
      state.events = [];
      splitter.write(transcoder.write(bytes));
      return state.events;
    },
    end() {
      state.events = [];
      splitter.write(transcoder.end());
      const cut = splitter.end();
      finishRun(state, cut);
      return state.events;
    },
  };
}

function onTag(state: State, tag: XmlTag, offset: number): void {
  const { run } = state;
  if (tag.name === 'nmaprun') onRunTag(state, tag);
  else if (run === undefined) return;
  else if (tag.name === 'scaninfo') onScaninfo(state, run, tag, offset);
  else if (tag.name === 'finished' && tag.kind !== 'end') run.finished = tag;
  else if (tag.name === 'taskend') onTaskend(state, run, tag, offset);
  else if (tag.name === 'host' && tag.kind === 'end') onJunk(state, offset);
}

function onRunTag(state: State, tag: XmlTag): void {
  if (tag.kind === 'end' || tag.kind === 'empty') {
    if (state.run !== undefined) state.run.isClosed = true;
  } else {
    finishRun(state, 'another document begins before its end');
    state.run = openRun(tag);
    return;
  }
  finishRun(state, undefined);
}

function openRun(nmaprun: XmlTag): OpenRun {
  return {
    nmaprun,
    scaninfos: [],
    finished: undefined,
    isClosed: false,
    isAnnounced: false,
    hasJunk: false,
    lost: 0,
  };
}

function onScaninfo(state: State, run: OpenRun, tag: XmlTag, offset: number): void {
  if (!run.isAnnounced) run.scaninfos.push(tag);
  else pushProblem(state, { offset, reason: 'a <scaninfo> after the first host is ignored', isLoss: false });
}

/** Versions before 7.92 say here, and often nowhere else, that they gave up on hosts. */
function onTaskend(state: State, run: OpenRun, tag: XmlTag, offset: number): void {
  const count = /\b(\d+) hosts? timed out/.exec(attributeOf(tag, 'extrainfo') ?? '')?.[1];
  if (count === undefined) return;
  announce(state, run);
  pushProblem(state, {
    offset,
    reason: `the tool gave up on ${count} host(s), which it may not name`,
    isLoss: false,
  });
}

function onRecord(state: State, record: RawRecord): void {
  const { run } = state;
  if (run === undefined) {
    pushProblem(state, {
      offset: record.offset,
      reason: 'a host outside of <nmaprun> is ignored',
      isLoss: true,
    });
    return;
  }
  announce(state, run);
  const found = state.dialect.record(record, (problem) => {
    if (problem.isLoss) run.lost += 1;
    return toEvent(problem);
  });
  for (const event of found) state.events.push(event);
}

function onLost(state: State, offset: number, reason: string): void {
  if (state.run !== undefined) announce(state, state.run);
  if (state.run !== undefined) state.run.lost += 1;
  pushProblem(state, { offset, reason, isLoss: true });
}

/** Console noise around a document says nothing; within a run it means that the file is damaged. */
function onJunk(state: State, offset: number): void {
  const { run } = state;
  if (run === undefined || run.hasJunk) return;
  announce(state, run);
  run.hasJunk = true;
  pushProblem(state, {
    offset,
    reason: 'there is text here that is no XML; what it replaces is lost',
    isLoss: true,
  });
}

function announce(state: State, run: OpenRun): void {
  if (run.isAnnounced) return;
  run.isAnnounced = true;
  state.events.push({ kind: 'run', run: state.dialect.header(run) });
}

function finishRun(state: State, cut: string | undefined): void {
  const { run, dialect } = state;
  if (run === undefined) return;
  announce(state, run);
  state.run = undefined;
  let settled: RunEnd | undefined;
  state.events.push({
    kind: 'end',
    get end() {
      settled ??= dialect.end(run, cut ?? damageOf(run));
      return settled;
    },
  });
}

function damageOf({ hasJunk, lost }: OpenRun): string | undefined {
  if (lost > 0) return `${lost} host record(s) could not be read as a whole`;
  return hasJunk ? 'the file is damaged' : undefined;
}

function pushProblem(state: State, problem: RecordProblem): void {
  state.events.push(toEvent(problem));
}

function toEvent({ offset, reason, address }: RecordProblem): ReportEvent {
  return { kind: 'problem', problem: { offset, reason, ...(address === undefined ? {} : { address }) } };
}
