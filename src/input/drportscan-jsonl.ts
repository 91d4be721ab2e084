import type { InputAgent, ReportEvent } from './agent.ts';
import { readEndLine, readHeaderLine, readHostObject } from './drportscan-jsonl-lines.ts';
import { type Line, openLineReader } from './line-reader.ts';

interface State {
  events: ReportEvent[];
  isInRun: boolean;
  lost: number;
}

/** Our own JSON lines: everything that a report says, without loss. Written by `output/convert-jsonl.ts`. */
export const drportscanJsonl: InputAgent = {
  name: 'drportscan-jsonl',
  title: 'Dr. Portscan JSON lines',
  scattered: false,
  recognises: (head) =>
    /^\ufeff?\s*\{\s*"drportscan"\s*:\s*1\b/.test(Buffer.from(head).toString('utf8', 0, 200)),
  open() {
    const state: State = { events: [], isInRun: false, lost: 0 };
    const lines = openLineReader((line) => onLine(state, line));
    return {
      write(bytes) {
        state.events = [];
        lines.write(bytes);
        return state.events;
      },
      end() {
        state.events = [];
        const rest = lines.end();
        if (rest !== undefined) onLine(state, rest);
        breakOff(state);
        return state.events;
      },
    };
  },
};

function onLine(state: State, line: Line): void {
  const text = line.text.replace(/^\ufeff/, '').trim();
  if (text === '') return;
  const value = line.isCut ? undefined : parse(text);
  if (value === undefined) {
    complain(state, line, line.isCut ? 'the line is too long' : 'the line is not a JSON object');
  } else if (Object.hasOwn(value, 'drportscan')) onHeader(state, line, value);
  else if (!state.isInRun) complain(state, line, 'no run has begun here');
  else if (Object.hasOwn(value, 'end')) onEnd(state, line, value);
  else {
    const host = readHostObject(value);
    if (typeof host === 'string') complain(state, line, host);
    else state.events.push({ kind: 'host', host });
  }
}

function onHeader(state: State, line: Line, value: Readonly<Record<string, unknown>>): void {
  breakOff(state);
  const run = readHeaderLine(value);
  if (typeof run === 'string') {
    complain(state, line, run);
    return;
  }
  state.isInRun = true;
  state.lost = 0;
  state.events.push({ kind: 'run', run });
}

function onEnd(state: State, line: Line, value: Readonly<Record<string, unknown>>): void {
  const end = readEndLine(value);
  if (typeof end === 'string') {
    complain(state, line, end);
    return;
  }
  state.isInRun = false;
  const { lost } = state;
  const partial = { ...end, complete: false, reason: `${lost} line(s) could not be read` };
  state.events.push({ kind: 'end', end: lost === 0 || !end.complete ? end : partial });
}

/** A run without an end line was cut off. */
function breakOff(state: State): void {
  if (!state.isInRun) return;
  state.isInRun = false;
  state.events.push({ kind: 'end', end: { complete: false, reason: 'the file ends before the run does' } });
}

function complain(state: State, { offset, number }: Line, reason: string): void {
  state.lost += 1;
  state.events.push({ kind: 'problem', problem: { offset, line: number, reason } });
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined; // Also for nesting that is too deep for the parser.
  }
}
