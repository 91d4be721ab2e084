import { readInstant } from './instant.ts';
import { short } from './nmap-facts.ts';
import type { Place, RunLog } from './report-run.ts';

/** Tells the first time of a report that is none; nothing is lost with it but the time. */
export function oddTimes(): (written: string | undefined, place: Place & { readonly log: RunLog }) => void {
  let isTold = false;
  return (written, { log, ...place }) => {
    if (isTold || written === undefined || written === '0' || readInstant(written) !== undefined) return;
    isTold = true;
    log.remark(
      place,
      `"${short(written)}" is no time in seconds since 1970; this one and others like it are ignored`,
    );
  };
}
