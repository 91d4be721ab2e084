/** Which rule of the database a statement broke; undefined for any other error. */
export function brokenRule(error: unknown): 'unique' | 'reference' | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (code === '23505') return 'unique';
  return code === '23503' ? 'reference' : undefined;
}

/** Whether a transaction failed only because of another one, and may succeed when it is tried again. */
export function isConflict(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return code === '40P01' || code === '40001'; // A deadlock was ended; a serialisation failed.
}
