/** Which rule of the database a statement broke; undefined for any other error. */
export function brokenRule(error: unknown): 'unique' | 'reference' | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (code === '23505') return 'unique';
  return code === '23503' ? 'reference' : undefined;
}
