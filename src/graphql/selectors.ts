import { BadInput, NotFound } from '../core/errors.ts';
import type { AddressSpace } from '../core/model.ts';
import { limits } from '../limits.ts';
import { readId } from './global-id.ts';
import type { GraphqlContext, SmallTable } from './loaders.ts';

/** What a selector of the schema turns into. */
export type Selector =
  | { readonly id: string; readonly name?: never }
  | { readonly name: string; readonly id?: never };

interface Row {
  readonly id: number;
  readonly name: string;
}

/** The thing that a selector names, or undefined. */
export async function find<T extends Row>(
  table: SmallTable<T>,
  noun: string,
  by: Selector,
): Promise<T | undefined> {
  return by.id === undefined ? table.findByName(by.name) : table.find(readId(noun, by.id));
}

/** The thing that a selector names. Throws NotFound. */
export async function get<T extends Row>(table: SmallTable<T>, noun: string, by: Selector): Promise<T> {
  const row = await find(table, noun, by);
  if (row !== undefined) return row;
  const said = (by.name ?? by.id).slice(0, limits.echoedCharactersMax);
  const words = noun.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  throw new NotFound(`There is no ${words} "${said}": ${knownText(await table.all())}`);
}

const namesMax = 20;

function knownText(rows: readonly Row[]): string {
  if (rows.length === 0) return 'there is none yet';
  const names = rows.slice(0, namesMax).map(({ name }) => name);
  const more = rows.length - names.length;
  return `known: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** The numbers of all things that selectors name; undefined where none are given. Throws NotFound, BadInput. */
export async function idsOf<T extends Row>(
  table: SmallTable<T>,
  noun: string,
  selectors: readonly Selector[] | null | undefined,
): Promise<readonly number[] | undefined> {
  if (selectors == null) return undefined;
  checkLength(selectors, noun);
  const rows = await Promise.all(selectors.map((by) => get(table, noun, by)));
  return rows.map(({ id }) => id);
}

/** Refuses lists that are longer than anybody writes by hand. */
export function checkLength(list: readonly unknown[] | null | undefined, field: string): void {
  if (list == null || list.length <= limits.filterEntriesMax) return;
  throw new BadInput(`"${field}" has ${list.length} entries; ${limits.filterEntriesMax} are allowed`, field);
}

/** The address space that is meant: the one that is named, else `default`, else the only one. */
export async function addressSpaceOf(
  { loaders }: GraphqlContext,
  by: Selector | null | undefined,
): Promise<AddressSpace> {
  if (by != null) return get(loaders.addressSpaces, 'AddressSpace', by);
  const spaces = await loaders.addressSpaces.all();
  const meant =
    spaces.find(({ name }) => name === 'default') ?? (spaces.length === 1 ? spaces[0] : undefined);
  if (meant !== undefined) return meant;
  throw new BadInput('There is no address space named "default": say which one is meant', 'addressSpace');
}
