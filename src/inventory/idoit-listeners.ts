import { limits } from '../limits.ts';
import { skipLocal } from './host-statements.ts';
import {
  type ImportOptions,
  type InventoryEvent,
  type InventoryPlace,
  InventoryRefused,
} from './importer.ts';
import { stated, told, unreadable } from './inventory-events.ts';
import { localMeaning, readHost } from './selector-text.ts';
import { statementRow } from './statement-row.ts';

/** One entry of the category *Listener* of i-doit. */
export interface Listener {
  readonly id: string | undefined;
  readonly objectId: string | undefined;
  /** Name of its object. */
  readonly object: string | undefined;
  readonly address: string | undefined;
  readonly protocol: string | undefined;
  readonly portFrom: string | undefined;
  readonly portTo: string | undefined;
  readonly service: string | undefined;
  readonly openedBy: string | undefined;
  readonly description: string | undefined;
}

/** Turns listeners into statements; those on all addresses wait until the addresses of their object are known. */
export interface ListenerReader {
  take(listener: Listener, place: InventoryPlace): readonly InventoryEvent[];
  /** An address of an object, from its category *Host address*. */
  addAddress(objectId: string, address: string): void;
  end(): Generator<InventoryEvent, void, undefined>;
}

/** Begins without any listeners. */
export function listenerReader(options: ImportOptions): ListenerReader {
  const addresses = new Map<string, string[]>();
  const waiting: { readonly listener: Listener; readonly place: InventoryPlace }[] = [];
  let count = 0;
  const hold = () => {
    count += 1;
    if (count > limits.inventoryJoinedMax)
      throw new InventoryRefused(
        'TOO_LARGE',
        'The file has too many addresses, or listeners on all of them.',
      );
  };
  return {
    take(listener, place) {
      const { address } = listener;
      const isAll = address === undefined || ['0.0.0.0', '::'].includes(readHost(address));
      if (!isAll) return [statement(listener, place, { address, options })];
      hold();
      waiting.push({ listener, place });
      return [];
    },
    addAddress(objectId, text) {
      const address = readHost(text);
      if (localMeaning(address) !== undefined && options.localAddresses !== 'accept') return;
      hold();
      addresses.set(objectId, [...(addresses.get(objectId) ?? []), address]);
    },
    *end() {
      for (const { listener, place } of waiting) {
        const own = addresses.get(listener.objectId ?? '') ?? [];
        yield* told(place, () =>
          own.length === 0
            ? unreadable(
                `it listens on all addresses of ${nameOf(listener)}, which the file does not have: add its category C__CATG__IP`,
              )
            : own.map((address) => statement(listener, place, { address, options })),
        );
      }
    },
  };
}

function statement(
  listener: Listener,
  place: InventoryPlace,
  { address, options }: { readonly address: string; readonly options: ImportOptions },
): InventoryEvent {
  const selector = readHost(address);
  skipLocal(selector, options);
  const { id, objectId, portFrom, portTo, protocol, service, openedBy, description } = listener;
  if (portFrom === undefined) return unreadable('it has no port');
  const said = [listener.object, openedBy, description].filter(
    (text) => text !== undefined && text.trim() !== '',
  );
  const row = statementRow(
    {
      externalId: id === undefined ? undefined : [objectId, id, selector].filter(Boolean).join('/'),
      selector,
      protocol,
      ports: portTo === undefined || portTo === '0' ? portFrom : `${portFrom}-${portTo}`,
      service: service ?? openedBy,
      description: said.join(': '),
    },
    options,
  );
  return stated(place, row);
}

function nameOf({ object, objectId }: Listener): string {
  return object ?? (objectId === undefined ? 'its object' : `object ${objectId}`);
}
