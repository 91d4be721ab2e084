import { errorSurface } from './terminal.ts';

/** A bar comes up only after so long: what is quick needs none. */
const patienceMs = 500;
const redrawMs = 100;
const barWidth = 24;

/** A line on standard error that is drawn over and over, on a terminal only. */
export interface Progress {
  advance(bytes: number): void;
  /** Takes the line away. */
  end(): void;
}

/** Shows how much of so many bytes is done; without a total, how much in all. `label` must be safe to print. */
export function startProgress(label: string, total: number | undefined): Progress {
  const { isTerminal, width = 80 } = errorSurface();
  const startedAt = performance.now();
  let done = 0;
  let drawnAt = startedAt + patienceMs - redrawMs;
  let drawn = false;
  return {
    advance: (bytes) => {
      done += bytes;
      const now = performance.now();
      if (!isTerminal || now - drawnAt < redrawMs) return;
      drawnAt = now;
      drawn = true;
      process.stderr.write(
        `\r${progressLine({ label, done, total, ms: now - startedAt }).slice(0, width - 1)}\u001b[K`,
      );
    },
    end: () => {
      if (drawn) process.stderr.write('\r\u001b[K');
    },
  };
}

interface State {
  readonly label: string;
  readonly done: number;
  readonly total: number | undefined;
  readonly ms: number;
}

/** What the line says. */
export function progressLine({ label, done, total, ms }: State): string {
  const speed = `${megabytes((done / Math.max(ms, 1)) * 1000)}/s`;
  if (total === undefined || total === 0) return `${megabytes(done)}  ${speed}  ${label}`;
  const share = Math.min(1, done / total);
  const filled = Math.round(share * barWidth);
  const bar = '#'.repeat(filled).padEnd(barWidth, '.');
  return `[${bar}] ${Math.floor(share * 100)}%  ${megabytes(done)} of ${megabytes(total)}  ${speed}  ${label}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
