import type { HostObservation } from '../../src/core/observation.ts';
import type { Problem, ReportEvent, ReportReader, RunEnd, RunHeader } from '../../src/input/agent.ts';
import { type ReadOptions, readReport } from '../../src/input/read-report.ts';

/** One run of a report, read to its end. */
export interface ReadRun {
  readonly run: RunHeader;
  readonly hosts: HostObservation[];
  readonly digests: string[];
  end: RunEnd | undefined;
}

/** A whole report. */
export interface ReadReport {
  readonly runs: ReadRun[];
  readonly problems: Problem[];
}

/** Reads bytes, in chunks of this size, through detection and gunzip. */
export async function readBytes(
  bytes: Uint8Array,
  chunkSize = bytes.length,
  options: ReadOptions = {},
): Promise<ReadReport> {
  return await collect(readReport(inChunks(bytes, chunkSize), options));
}

/** Reads bytes with one reader, cut at these places. */
export function readWith(reader: ReportReader, bytes: Uint8Array, cuts: readonly number[] = []): ReadReport {
  const report: ReadReport = { runs: [], problems: [] };
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    take(report, reader.write(Buffer.from(bytes.subarray(from, cut))));
    from = cut;
  }
  take(report, reader.write(bytes.subarray(from)));
  take(report, reader.end());
  return report;
}

/** The bytes in chunks, each in memory of its own. */
export async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += Math.max(1, size))
    yield Buffer.from(bytes.subarray(at, at + size));
}

async function collect(batches: AsyncIterable<readonly ReportEvent[]>): Promise<ReadReport> {
  const report: ReadReport = { runs: [], problems: [] };
  for await (const batch of batches) take(report, batch);
  return report;
}

function take(report: ReadReport, events: readonly ReportEvent[]): void {
  for (const event of events) takeOne(report, event);
}

function takeOne(report: ReadReport, event: ReportEvent): void {
  const current = report.runs.at(-1);
  if (event.kind === 'run') report.runs.push({ run: event.run, hosts: [], digests: [], end: undefined });
  else if (event.kind === 'problem') report.problems.push(event.problem);
  else if (current === undefined || current.end !== undefined)
    throw new Error(`"${event.kind}" outside of a run`);
  else if (event.kind === 'host') current.hosts.push(event.host);
  else if (event.kind === 'end') current.end = { ...event.end };
  else {
    current.digests.push(event.digest);
    take(report, event.read());
  }
}
