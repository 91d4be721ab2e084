import { BadInput } from '../core/errors.ts';

/** Items of a list that is in memory and has no cursors: at most so many at once. */
const itemsMax = 1000;

/** How many items of such a list are wanted. */
export const firstArgument = {
  required: true,
  defaultValue: 100,
  description: `How many items at most, 0 to ${itemsMax}.`,
} as const;

/** From where on. */
export const offsetArgument = {
  required: true,
  defaultValue: 0,
  description: 'How many items are left out in front.',
} as const;

interface Part {
  readonly first: number;
  readonly offset: number;
}

/** A list costs what its items cost, as often as the caller asks for. */
export function listCost({ first }: Part): { field: number; multiplier: number } {
  return { field: 1, multiplier: Math.min(Math.max(first, 1), itemsMax) };
}

/** The wanted part of a list. Throws BadInput. */
export function partOf<T>(items: readonly T[], { first, offset }: Part): T[] {
  if (first < 0 || first > itemsMax)
    throw new BadInput(`"first" is ${first}; 0 to ${itemsMax} are allowed`, 'first');
  if (offset < 0) throw new BadInput(`"offset" is ${offset}; it counts from 0`, 'offset');
  return items.slice(offset, offset + first);
}
