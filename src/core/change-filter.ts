import { addressesOfFilter } from './address-filter.ts';
import { holdsAddress } from './address-set.ts';
import { holdsPort } from './endpoint.ts';
import type { ChangeFilter, LoggedChange } from './model.ts';

/** Whether an entry, by a scanner of this group, is meant. */
export type ChangeMatcher = (change: LoggedChange, scannerGroupId: number) => boolean;

/** What a filter of entries means; the statements of the store mean the same. Throws BadInput. */
export function changeMatcher(filter: ChangeFilter): ChangeMatcher {
  const { addressSpaceIds, kinds, ports, scannerIds, scannerGroupIds, scanIds, baseline, collapsed } = filter;
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, retractions, asOf } = filter;
  const addresses = addressesOfFilter(filter);
  return (change, groupId) =>
    (addressSpaceIds === undefined || addressSpaceIds.includes(change.addressSpaceId)) &&
    (kinds === undefined || kinds.includes(change.kind)) &&
    (scannerIds === undefined || scannerIds.includes(change.scannerId)) &&
    (scannerGroupIds === undefined || scannerGroupIds.includes(groupId)) &&
    (scanIds === undefined || scanIds.includes(change.scanId)) &&
    (baseline === undefined || change.baseline === baseline) &&
    (collapsed === undefined || change.collapsed === collapsed) &&
    (retractions === undefined || (change.retracts !== undefined) === retractions) &&
    change.at >= from &&
    change.at <= to &&
    (asOf === undefined || (change.at <= asOf && change.retracts === undefined && !change.retracted)) &&
    (ports === undefined || (change.port !== undefined && holdsPort(ports, change.port))) &&
    (addresses === undefined || holdsAddress(addresses, change.address));
}
