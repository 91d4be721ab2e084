import type { HostObservation, Instant } from '../core/observation.ts';
import type { ReportEvent, RunHeader } from './agent.ts';

/** Where in a report a problem stands. */
export interface Place {
  readonly offset: number;
  readonly line?: number | undefined;
  readonly address?: string | undefined;
}

/** What a report says at its end. */
export interface RunOutcome {
  readonly endedAt?: Instant | undefined;
  /** Why the run counts as partial, whatever was lost on the way. */
  readonly partial?: string | undefined;
}

/** The one run of a report, as it becomes known. The header is asked for when the first event follows. */
export interface RunLog {
  host(host: HostObservation): void;
  /** Something could not be read: the run is partial. */
  lose(place: Place, reason: string): void;
  /** Something a person should know, though nothing is lost. */
  remark(place: Place, reason: string): void;
  finish(outcome: RunOutcome): void;
  /** What happened since the last call. */
  take(): readonly ReportEvent[];
}

/** A log without any events. */
export function newRunLog(header: () => RunHeader): RunLog {
  let events: ReportEvent[] = [];
  let hasBegun = false;
  let lost = 0;
  const push = (event: ReportEvent) => {
    if (!hasBegun) events.push({ kind: 'run', run: header() });
    hasBegun = true;
    events.push(event);
  };
  return {
    host: (host) => push({ kind: 'host', host }),
    lose(place, reason) {
      lost += 1;
      push({ kind: 'problem', problem: problemOf(place, reason) });
    },
    remark: (place, reason) => push({ kind: 'problem', problem: problemOf(place, reason) }),
    finish({ endedAt, partial }) {
      const reason = partial ?? (lost > 0 ? `${lost} record(s) could not be read as a whole` : undefined);
      push({
        kind: 'end',
        end: {
          ...(endedAt === undefined ? {} : { endedAt }),
          complete: reason === undefined,
          ...(reason === undefined ? {} : { reason }),
        },
      });
    },
    take() {
      const taken = events;
      events = [];
      return taken;
    },
  };
}

function problemOf({ offset, line, address }: Place, reason: string) {
  return {
    offset,
    ...(line === undefined ? {} : { line }),
    ...(address === undefined ? {} : { address }),
    reason,
  };
}
