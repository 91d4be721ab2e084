import { type ChangeRow, changesOfRow } from './entry.ts';
import type { RetractionReason } from './model.ts';
import type { LiveEntry } from './refold.ts';
import type { ScanId } from './state.ts';

/** A row of the change log of one host and scanner, as far as it tells which entries hold. */
export interface LogRow extends ChangeRow {
  readonly sequence: number;
  readonly scan: ScanId;
  /** The row whose entries (those of `ports`) this one takes back. */
  readonly retracts: number | null;
  /** Where it is read: why it is taken back, or that a person forgot the host. */
  readonly reason?: RetractionReason | null;
}

/** The entries that were not taken back, of one host and scanner. */
export function liveEntries(rows: readonly LogRow[]): LiveEntry[] {
  const gone = new Set<string>();
  for (const { retracts, ports } of rows) {
    if (retracts === null) continue;
    for (const port of ports ?? [undefined]) gone.add(`${retracts} ${port}`);
  }
  return rows
    .filter(({ retracts }) => retracts === null)
    .flatMap(({ sequence, scan, reason, ...row }) => {
      const said = reason == null ? { scan } : { scan, reason };
      return changesOfRow(row).map((change) => ({ sequence, change: { ...change, ...said } }));
    })
    .filter(({ sequence, change }) => gone.size === 0 || !gone.has(`${sequence} ${change.port}`));
}
