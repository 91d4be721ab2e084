/**
 * Runs inside of the measured server (`node --import`): tells on request how late its event loop was since the
 * last request.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds by which timers were late. */
export interface LoopDelay {
  readonly p99: number;
  readonly max: number;
}

const resolutionMs = 5;
const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
histogram.enable();

process.on('message', () => {
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolutionMs);
  process.send?.({ p99: late(histogram.percentile(99)), max: late(histogram.max) } satisfies LoopDelay);
  histogram.reset();
});
