import type { Instant } from '../core/observation.ts';
import { lockLog } from '../store/scan-writes.ts';
import { appendOverdue, healthOfScanners, markOverdue } from '../store/scanner-health.ts';
import { allScanners } from '../store/scanners.ts';
import type { Database } from '../store/session.ts';
import { wake } from '../store/wakeups.ts';
import { tickDrift } from './drift-tick.ts';

/**
 * Tells of scanners whose scan did not come when it was due: each due time once, however many processes ask.
 * Gives how many are told of.
 */
export async function raiseOverdue(database: Database, now: Instant): Promise<number> {
  const health = await healthOfScanners(database, await allScanners(database), now);
  const due = health.flatMap(({ scannerId, dueAt, overdue }) =>
    overdue && dueAt !== undefined ? [{ scannerId, dueAt }] : [],
  );
  if (due.length === 0) return 0;
  return database.transaction(async (session) => {
    const untold = await markOverdue(session, due);
    if (untold.length === 0) return 0;
    await lockLog(session);
    await appendOverdue(session, untold, now);
    await wake(session);
    return untold.length;
  });
}

/** Looks for what is due again and again, until it is closed. */
export function startTicking(
  database: Database,
  { everyMs, now, onProblem }: { everyMs: number; now: () => Instant; onProblem: (error: unknown) => void },
): { close(): Promise<void> } {
  let running: Promise<unknown> = Promise.resolve();
  const tick = () => {
    running = running
      .then(() => raiseOverdue(database, now()))
      .then(() => tickDrift(database, now()))
      .catch(onProblem);
  };
  tick();
  const timer = setInterval(tick, everyMs);
  timer.unref();
  return {
    close: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
