import type { ImportOptions, InventoryEvent, InventoryPlace } from './importer.ts';
import { skip, stated } from './inventory-events.ts';
import { portsIdOf } from './map-record.ts';
import { localMeaning } from './selector-text.ts';
import { type StatementTexts, statementRow } from './statement-row.ts';

/** A statement that a host is there, and one about its ports where there are any. */
export function hostAndPorts(
  place: InventoryPlace,
  { ports, ...texts }: StatementTexts & { readonly externalId: string },
  options: ImportOptions,
): readonly InventoryEvent[] {
  const host = stated(place, statementRow({ ...texts, service: undefined, expect: 'present' }, options));
  if (ports === undefined || ports.trim() === '') return [host];
  const externalId = portsIdOf(texts.externalId);
  return [host, stated(place, statementRow({ ...texts, ports, externalId }, options))];
}

/** Leaves a record out whose address means another machine to everybody: others cannot reach it. */
export function skipLocal(address: string, { localAddresses }: ImportOptions): void {
  const what = localAddresses === 'accept' ? undefined : localMeaning(address);
  if (what !== undefined) skip(`${address} ${what}: it says nothing to others`);
}
