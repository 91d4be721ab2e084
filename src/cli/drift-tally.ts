import type { DriftRow } from './drift-row.ts';

/** What a listing of drift came to. */
export interface DriftTally {
  readonly unexpected: number;
  readonly forbidden: number;
  readonly missing: number;
  /** Open as declared, with another service behind it. */
  readonly otherService: number;
  /** Accepted for now; in none of the others. */
  readonly waived: number;
  readonly hosts: number;
  /** Declared hosts and ports of which nobody can say anything; undefined where that was not asked. */
  readonly unknown?: number;
  /** Resolved items that were listed. */
  readonly resolved: number;
  /** Something of what was asked for was looked at. */
  readonly covered: boolean;
  /** Nobody declares anything there; undefined where that was not asked. */
  readonly undeclared?: boolean;
}

/** Counts rows as they come. */
export function openTally() {
  const counts = { unexpected: 0, forbidden: 0, missing: 0, otherService: 0, waived: 0, resolved: 0 };
  const hosts = new Set<string>();
  return {
    add(rows: readonly DriftRow[]) {
      for (const row of rows) {
        counts[partOf(row)] += 1;
        if (row.state === 'open' && row.waiver === null) hosts.add(`${row.space} ${row.address}`);
      }
    },
    get drift() {
      return driftOf(counts);
    },
    end: (rest: Pick<DriftTally, 'unknown' | 'covered' | 'undeclared'>): DriftTally => ({
      ...counts,
      ...rest,
      hosts: hosts.size,
    }),
  };
}

function driftOf({
  unexpected,
  forbidden,
  missing,
  otherService,
}: Pick<DriftTally, 'unexpected' | 'forbidden' | 'missing' | 'otherService'>): number {
  return unexpected + forbidden + missing + otherService;
}

function partOf({ state, waiver, kind, side }: DriftRow) {
  if (state === 'resolved') return 'resolved';
  if (waiver !== null) return 'waived';
  if (kind === 'service_mismatch') return 'otherService';
  if (side === 'missing') return 'missing';
  return kind.endsWith('forbidden') ? 'forbidden' : 'unexpected';
}

/** How a listing of drift ends; the shell sees the number. */
export const driftCodes = { inSync: 0, drift: 1, nothingCovered: 3 } as const;

/** The exit code of a listing: what is waived is no drift, and what nobody looked at is not in sync. */
export function driftCodeOf(tally: DriftTally): number {
  if (driftOf(tally) > 0) return driftCodes.drift;
  return tally.covered && tally.undeclared !== true ? driftCodes.inSync : driftCodes.nothingCovered;
}

/** The last line, such as `Drift: 3 unexpected, 1 missing in 4 hosts; 2 unknown, 1 waived.` */
export function driftSummaryOf(tally: DriftTally): string {
  const { unexpected, forbidden, missing, otherService, waived, hosts, unknown = 0, resolved } = tally;
  const found = [
    counted(unexpected, 'unexpected'),
    counted(forbidden, 'forbidden'),
    counted(missing, 'missing'),
    counted(otherService, 'with another service'),
  ].filter((part) => part !== '');
  const rest = [counted(unknown, 'unknown'), counted(waived, 'waived'), counted(resolved, 'resolved')];
  const aside = rest.every((part) => part === '') ? '' : `; ${rest.filter((part) => part !== '').join(', ')}`;
  if (found.length > 0)
    return `Drift: ${found.join(', ')} in ${hosts} ${hosts === 1 ? 'host' : 'hosts'}${aside}.`;
  if (tally.undeclared === true) return 'Nothing of that is declared: see target import.';
  return `${tally.covered ? 'No drift' : 'Nothing covered: no scan looked there'}${aside}.`;
}

function counted(count: number, what: string): string {
  return count === 0 ? '' : `${count} ${what}`;
}
