import type { Change } from '../core/change.ts';
import { rowsOfChanges } from '../core/entry.ts';
import type { Instant } from '../core/observation.ts';
import type { ScanId } from '../core/state.ts';
import {
  changeLine,
  type EncodedState,
  type Head,
  headLine,
  type RowOwner,
  runLine,
  stateLine,
} from '../store/host-rows.ts';
import type { RowBatch } from './intake-messages.ts';

/** Collects rows for the store until they are worth a message. */
export interface RowCollector {
  state(address: string, state: EncodedState, isNew: boolean): void;
  /** Takes the state of a host away. */
  dropState(address: string): void;
  head(head: Head, isNew: boolean): void;
  run(run: Parameters<typeof runLine>[1]): void;
  changes(place: { address: string; scan: ScanId }, changes: readonly Change[]): void;
  retractions(address: string, entries: readonly Retraction[]): void;
  unsettle(address: string): void;
  /** Takes what was collected; undefined where there is nothing. */
  take(): RowBatch | undefined;
}

/** Entries of one row of the log that are taken back. */
export interface Retraction {
  readonly sequence: number;
  readonly scan: ScanId;
  readonly changes: readonly Change[];
  readonly reason: string;
}

/** An empty collector for the rows of one scanner. */
export function newRowCollector(owner: RowOwner, loggedAt: Instant): RowCollector {
  let batch = emptyBatch();
  return {
    state(address, state, isNew) {
      batch.touched.push(address);
      if (!isNew) batch.replacedStates.push(address);
      batch.states += stateLine(owner, address, state);
    },
    dropState(address) {
      batch.touched.push(address);
      batch.replacedStates.push(address);
    },
    head(head, isNew) {
      if (!isNew) {
        const addresses = batch.replacedHeads.get(head.profileId);
        if (addresses === undefined) batch.replacedHeads.set(head.profileId, [head.address]);
        else addresses.push(head.address);
      }
      batch.heads += headLine(owner, head);
    },
    run(run) {
      batch.touched.push(run.address);
      batch.runs += runLine(owner, run);
    },
    changes({ address, scan }, changes) {
      for (const row of rowsOfChanges(changes)) {
        batch.changes += changeLine(owner, { address, scan, loggedAt }, row);
      }
    },
    retractions(address, entries) {
      for (const { sequence, scan, changes, reason } of entries) {
        for (const row of rowsOfChanges(changes)) {
          batch.changes += changeLine(owner, { address, scan, loggedAt }, row, { sequence, reason });
        }
      }
    },
    unsettle(address) {
      batch.unsettled.push(address);
    },
    take() {
      const { replacedHeads, ...rest } = batch;
      if (
        rest.states + rest.heads + rest.runs + rest.changes === '' &&
        rest.replacedStates.length + rest.unsettled.length === 0
      )
        return undefined;
      batch = emptyBatch();
      return {
        ...rest,
        replacedHeads: Array.from(replacedHeads, ([profileId, addresses]) => ({ profileId, addresses })),
      };
    },
  };
}

function emptyBatch() {
  return {
    touched: [] as string[],
    replacedStates: [] as string[],
    replacedHeads: new Map<number, string[]>(),
    unsettled: [] as string[],
    states: '',
    heads: '',
    runs: '',
    changes: '',
  };
}
