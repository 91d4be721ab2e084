import type { RunningServer } from './http.ts';

/** Waits for SIGTERM or SIGINT, then stops the server gracefully. A second signal ends the process at once. */
export async function stopOnSignal({ close }: Pick<RunningServer, 'close'>): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  process.once('SIGTERM', () => process.exit(143));
  process.once('SIGINT', () => process.exit(130));
  await close();
}
