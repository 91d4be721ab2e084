import { BadInput, InUse, NameTaken, NotFound } from '../core/errors.ts';

/** What can go wrong with a new thing. */
export const creationErrors = [BadInput, NameTaken, NotFound];

/** What can go wrong with a change of a thing. */
export const updateErrors = [BadInput, NameTaken, NotFound];

/** What can go wrong when a thing is removed. */
export const removalErrors = [BadInput, NotFound, InUse];

/** How a mutation of one thing answers: a payload with the thing in a field of its name, or one of the errors. */
export function outcome<Errors>(field: string, what: string, types: Errors) {
  return {
    types,
    union: { description: `${what}, or why not.` },
    result: { description: `${what}.` },
    dataField: { name: field, description: `The ${field} as it is now; as it was where it is removed.` },
  };
}
