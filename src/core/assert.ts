/** Thrown when the program's own reasoning is broken: a bug of ours, never the caller's mistake. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Stops with an InvariantError unless the condition holds; the text names the invariant. */
export function assert(condition: unknown, invariant: string): asserts condition {
  if (!condition) throw new InvariantError(invariant);
}
