import { sql } from 'drizzle-orm';
import type { Session } from './session.ts';

/** The one channel on which processes wake each other. Its payload is empty: the news stands in the log. */
export const wakeChannel = 'drportscan_log';

/** Wakes the log readers of all processes when this transaction commits. */
export async function wake(session: Session): Promise<void> {
  await session.rows(sql`/* wake */ select pg_notify(${wakeChannel}, '')`);
}
