import type { Instant } from '../core/observation.ts';
import { readReport } from '../input/read-report.ts';

/** What a report says about itself, found out by reading it. */
export interface ReportTime {
  /** When its scan ended, as far as it says. */
  readonly at: Instant | undefined;
  /** It is empty, or a report that breaks off: perhaps it is still being written. */
  readonly isUnfinished: boolean;
  /** Nothing in it says that it is whole: a list without an end. */
  readonly isOpenEnded: boolean;
}

/** Reads a report for its time and its end. What is no report has neither. */
export async function readReportTime(bytes: AsyncIterable<Uint8Array>): Promise<ReportTime> {
  let at: Instant | undefined;
  let isUnfinished = true; // Until an end was read.
  let isOpenEnded = false;
  try {
    for await (const events of readReport(bytes)) {
      for (const event of events) {
        if (event.kind === 'run') at ??= event.run.startedAt;
        if (event.kind === 'host') at = latest(at, event.host.observedAt);
        if (event.kind !== 'end') continue;
        at = event.end.endedAt ?? at;
        isUnfinished = !event.end.complete && event.end.endedAt === undefined;
        isOpenEnded = event.end.complete && event.end.endedAt === undefined;
      }
    }
    return { at, isUnfinished, isOpenEnded };
  } catch (error) {
    // Why it cannot be read is told when it is taken in.
    return { at, isUnfinished: (error as { code?: string }).code === 'EMPTY', isOpenEnded: false };
  }
}

function latest(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}
