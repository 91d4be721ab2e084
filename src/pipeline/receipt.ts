import type { Receipt, TimeOrigin } from '../core/model.ts';
import { limits } from '../limits.ts';
import type { IntakeSummary } from './intake-messages.ts';

/** The receipt of a scan, from what its reading found. */
export function receiptOf(
  summary: IntakeSummary,
  timeOrigin: TimeOrigin,
  durationMs: number,
  heldReason?: string,
): Receipt {
  const { sha256s: _, more: __, complete: ___, effect: ____, newlyOpened: _____, looks, ...rest } = summary;
  const addresses = looks.flatMap((look) => look.addresses);
  return {
    ...rest,
    ...(heldReason === undefined ? {} : { heldReason }),
    timeOrigin,
    scopeAddresses: addresses.slice(0, limits.receiptRangesMax),
    durationMs,
  };
}
