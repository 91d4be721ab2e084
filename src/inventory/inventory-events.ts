import { limits } from '../limits.ts';
import type { InventoryEnd, InventoryEvent, InventoryPlace, StatementRow } from './importer.ts';

/** Why nothing can be stated of a record: thrown while it is read, and caught by `told`. */
export class Unstated extends Error {
  override readonly name = 'Unstated';
  /** `problem`: it cannot be read. `skipped`: it was read, and says nothing on purpose. */
  readonly kind: 'problem' | 'skipped';

  constructor(kind: Unstated['kind'], reason: string) {
    super(reason);
    this.kind = kind;
  }
}

/** Stops the reading of a record that cannot be read. */
export function unreadable(reason: string): never {
  throw new Unstated('problem', reason);
}

/** Stops the reading of a record that says nothing on purpose. */
export function skip(reason: string): never {
  throw new Unstated('skipped', reason);
}

/** What a record says; where it cannot be read, the one event that says why. */
export function told(
  place: InventoryPlace,
  read: () => readonly InventoryEvent[],
): readonly InventoryEvent[] {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unstated) return [{ kind: error.kind, place, reason: error.message }];
    throw error;
  }
}

/** A place with the name that a record has for itself, as far as one wants to read it. */
export function placeOf(place: InventoryPlace, name: string | undefined): InventoryPlace {
  const text = name?.trim() ?? '';
  return text === '' ? place : { ...place, name: text.slice(0, limits.echoedCharactersMax) };
}

/** A statement, as an event. */
export function stated(place: InventoryPlace, row: StatementRow): InventoryEvent {
  return { kind: 'statement', place, row };
}

/** Why the last line of a list or table is not used. */
export const noLineEnd =
  'the last line has no end and is left out: the file may be cut off (where it is whole, end it with a line break)';

/** The end of a document: whole, unless there is a reason why not. */
export function ended(
  cut: string | undefined,
  end: Pick<InventoryEnd, 'isSnapshot' | 'externalRevision'>,
): InventoryEvent {
  const { externalRevision, isSnapshot } = end;
  const revision = externalRevision === undefined ? {} : { externalRevision };
  const whole = cut === undefined ? { complete: true } : { complete: false, reason: cut };
  return { kind: 'end', end: { ...whole, isSnapshot: isSnapshot && cut === undefined, ...revision } };
}
