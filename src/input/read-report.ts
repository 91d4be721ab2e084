import { Buffer } from 'node:buffer';
import { limits } from '../limits.ts';
import {
  type InputAgent,
  type ReadHints,
  type RecordEvent,
  type ReportEvent,
  ReportRefused,
} from './agent.ts';
import { refuseArchive } from './archive.ts';
import { agentNamed, detectAgent, refuseEmpty } from './detect.ts';
import { unpack } from './gunzip.ts';

/** How a report is to be read. */
export interface ReadOptions {
  /** The name of an agent; without it the format is detected. */
  readonly format?: string;
  /** Bytes of the unpacked report; `limits.reportBytesMax` where it is not given. */
  readonly bytesMax?: number;
  /** What goes with the report. */
  readonly hints?: ReadHints;
  /** Told once, before the first event, which agent reads the report. */
  readonly onAgent?: (agent: InputAgent) => void;
}

/**
 * Reads a report, packed or not, from chunks of any size. Each batch must be used, and its records read,
 * before the next one is asked for. Throws ReportRefused for a file that must not be read at all.
 */
export async function* readReport(
  source: AsyncIterable<Uint8Array>,
  options: ReadOptions = {},
): AsyncGenerator<readonly ReportEvent[], void, undefined> {
  const unpacking = { isTruncated: false };
  const chunks = unpack(source, unpacking, { reportBytesMax: options.bytesMax ?? limits.reportBytesMax });
  const head = await readHead(chunks);
  if (head.length === 0 && unpacking.isTruncated)
    throw new ReportRefused(
      'CORRUPT',
      'The gzip is cut off before anything of the report could be unpacked.',
    );
  refuseEmpty(head);
  refuseArchive(head);
  const agent = options.format === undefined ? detectAgent(head) : agentNamed(options.format);
  options.onAgent?.(agent);
  const reader = agent.open(options.hints);
  const told = newTeller();
  let offset = 0;
  const write = function* (chunk: Uint8Array) {
    for (let at = 0; at < chunk.length; at += limits.readerChunkBytesMax) {
      const events = told(reader.write(chunk.subarray(at, at + limits.readerChunkBytesMax)));
      if (events.length > 0) yield events;
    }
    offset += chunk.length;
  };
  yield* write(head);
  for await (const chunk of chunks) yield* write(chunk);
  const last = told(reader.end());
  if (unpacking.isTruncated) yield truncated(last, offset);
  else if (last.length > 0) yield last;
}

/** Lets problems pass up to a limit, also those of records; the last one says that there are more. */
function newTeller(): (events: readonly ReportEvent[]) => readonly ReportEvent[] {
  let count = 0;
  const told = <E extends ReportEvent>(event: E): readonly E[] => {
    if (event.kind !== 'problem') return [event];
    count += 1;
    if (count > limits.problemsMax) return [];
    if (count < limits.problemsMax) return [event];
    const problem = { ...event.problem, reason: `${event.problem.reason}; further problems are not told` };
    return [{ ...event, problem }];
  };
  const bounded = (event: ReportEvent): readonly ReportEvent[] => {
    if (event.kind !== 'record') return told(event);
    return [{ ...event, read: () => event.read().flatMap<RecordEvent>(told) }];
  };
  return (events) => (events.every(({ kind }) => kind === 'host') ? events : events.flatMap(bounded));
}

async function readHead(chunks: AsyncGenerator<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  while (length < limits.detectBytesMax) {
    const next = await chunks.next();
    if (next.done === true) break;
    parts.push(next.value);
    length += next.value.length;
  }
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
}

/** A cut-off gzip can have lost anything after its last byte, even where the report seems to have an end. */
function truncated(events: readonly ReportEvent[], offset: number): readonly ReportEvent[] {
  const reason = 'the gzip is cut off';
  const problem: ReportEvent = { kind: 'problem', problem: { offset, reason } };
  const last = events.at(-1);
  if (last?.kind !== 'end') return [...events, problem];
  const { endedAt } = last.end;
  const end = { ...(endedAt === undefined ? {} : { endedAt }), complete: false, reason };
  return [...events.slice(0, -1), problem, { kind: 'end', end }];
}
