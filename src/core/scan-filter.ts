import type { Scan, ScanEvent, ScanFilter, ScannerEvent } from './model.ts';

/** Whether a scan, by a scanner of this group, is meant; the statements of the store mean the same. */
export function matchesScan(filter: ScanFilter, scan: Scan, scannerGroupId: number): boolean {
  const { addressSpaceIds, scannerIds, scannerGroupIds, statuses, complete } = filter;
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = filter;
  return (
    (addressSpaceIds === undefined || addressSpaceIds.includes(scan.addressSpaceId)) &&
    (scannerIds === undefined || scannerIds.includes(scan.scannerId)) &&
    (scannerGroupIds === undefined || scannerGroupIds.includes(scannerGroupId)) &&
    (statuses === undefined || statuses.includes(scan.status)) &&
    (complete === undefined || scan.complete === complete) &&
    scan.at >= from &&
    scan.at <= to
  );
}

/** Whether an event is meant: by its scan; where it has none, filters that ask for properties of scans leave it out. */
export function matchesEvent(
  filter: ScanFilter,
  event: ScanEvent | ScannerEvent,
  scannerGroupId: number,
): boolean {
  if ('scan' in event) return matchesScan(filter, event.scan, scannerGroupId);
  const { addressSpaceIds, scannerIds, scannerGroupIds, statuses, complete } = filter;
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = filter;
  return (
    statuses === undefined &&
    complete === undefined &&
    (addressSpaceIds === undefined || addressSpaceIds.includes(event.addressSpaceId)) &&
    (scannerIds === undefined || scannerIds.includes(event.scannerId)) &&
    (scannerGroupIds === undefined || scannerGroupIds.includes(scannerGroupId)) &&
    event.at >= from &&
    event.at <= to
  );
}
