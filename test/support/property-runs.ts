/**
 * FC_RUNS sets how often each property is tried, FC_SEED repeats a run that failed (the seed stands in the failure).
 * Properties that need fewer or more runs than fast-check's 100 say so with `propertyRuns(1000)`.
 */
if (process.env.FC_RUNS !== undefined || process.env.FC_SEED !== undefined) {
  const { configureGlobal } = await import('fast-check');
  configureGlobal({
    ...(process.env.FC_RUNS !== undefined && { numRuns: Number(process.env.FC_RUNS) }),
    ...(process.env.FC_SEED !== undefined && { seed: Number(process.env.FC_SEED) }),
  });
}

/** For `numRuns` of one property: as many as asked for by FC_RUNS, else the usual number. */
export function propertyRuns(usual: number): number {
  return Number(process.env.FC_RUNS ?? usual);
}
