import { inject } from 'vitest';
import type { Settlement } from './broker.ts';

/**
 * Makes something once in the whole run of the tests, whichever test file asks first; all get the same value, which
 * has to survive JSON. A failure is everybody's failure.
 */
export async function oncePerRun<T>(name: string, make: () => Promise<T>): Promise<T> {
  const address = `${inject('brokerUrl')}/${encodeURIComponent(name)}`;
  const settlement = (await (await fetch(address)).json()) as Settlement;
  if (settlement.kind === 'made') return settlement.value as T;
  if (settlement.kind === 'failed') throw new Error(`${name}: ${settlement.reason}`);

  const settle = (outcome: Settlement) => fetch(address, { method: 'POST', body: JSON.stringify(outcome) });
  try {
    const value = await make();
    await settle({ kind: 'made', value });
    return value;
  } catch (error) {
    await settle({ kind: 'failed', reason: String(error) });
    throw error;
  }
}

/** Something that the main process makes on the first request, such as the PostgreSQL server of the run. */
export function madeByRun<T>(name: string): Promise<T> {
  return oncePerRun<T>(name, () => Promise.reject(new Error('the run does not know how to make it')));
}
