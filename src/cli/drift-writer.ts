import type { DriftRow } from './drift-row.ts';
import type { DriftTally } from './drift-tally.ts';

/** Turns drift into text, some rows at a time. What it returns is safe to print, whatever the rows hold. */
export interface DriftWriter {
  rows(rows: readonly DriftRow[]): string;
  end(tally: DriftTally): string;
}
