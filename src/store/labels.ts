import { readDescription, readName } from '../core/settings.ts';
import { limits } from '../limits.ts';

/** What people call a thing and say about it, checked; null where it is not given. Throws BadInput. */
export function labelsOf(input: { readonly name?: string; readonly description?: string }): {
  name: string | null;
  description: string | null;
} {
  const { name, description } = input;
  return {
    name: name === undefined ? null : readName(name, { charactersMax: limits.nameCharactersMax }),
    description:
      description === undefined
        ? null
        : readDescription(description, { charactersMax: limits.descriptionCharactersMax }),
  };
}
