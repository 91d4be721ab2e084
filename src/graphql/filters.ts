import type { SchemaTypes } from '@pothos/core';
import type { Family as CoreFamily } from '../core/address.ts';
import type { builder } from './builder.ts';
import { present } from './defined.ts';
import type { GraphqlContext } from './loaders.ts';
import { AddressSpaceSelector, ScannerGroupSelector, ScannerSelector } from './refs.ts';
import { checkLength, idsOf, type Selector } from './selectors.ts';
import { Family } from './values.ts';

type TypesOf<Builder> =
  Builder extends PothosSchemaTypes.SchemaBuilder<infer Types extends SchemaTypes> ? Types : never;

/** Builds the fields of an input type, for those that several of them share. */
export type InputFields = PothosSchemaTypes.InputFieldBuilder<TypesOf<typeof builder>, 'InputObject'>;

/** How every filter reads. */
export const filterRule = 'All fields are optional and joined by "and"; the values of one list by "or".';

/** What `asOf` means wherever it is an argument. */
export const asOfRule =
  'As of this past moment, by what is known today of the scans up to then; without it now.';

/** What `asOf` means of drift, which is remembered as it was told. */
export const driftAsOfRule =
  'As the program said at this past moment; a scan that came late does not change it. Without it now.';

/** The fields of a filter that say who looked. */
export function sourceFields(t: InputFields) {
  return {
    addressSpaces: t.field({ type: [AddressSpaceSelector], description: 'In one of these address spaces.' }),
    scanners: t.field({ type: [ScannerSelector], description: 'By one of these scanners.' }),
    scannerGroups: t.field({
      type: [ScannerGroupSelector],
      description: 'By scanners of one of these groups.',
    }),
  };
}

/** The fields of a filter that say where. */
export function placeFields(t: InputFields) {
  return {
    networks: t.field({
      type: ['Network'],
      description: 'Inside one of these networks or ranges, or one of these addresses.',
    }),
    families: t.field({ type: [Family], description: 'Of one of these address families.' }),
  };
}

interface SourceInput {
  readonly addressSpaces?: readonly Selector[] | null | undefined;
  readonly scanners?: readonly Selector[] | null | undefined;
  readonly scannerGroups?: readonly Selector[] | null | undefined;
}

interface PlaceInput {
  readonly networks?: readonly string[] | null | undefined;
  readonly families?: readonly CoreFamily[] | null | undefined;
}

/** Who looked, in the terms of the store. Throws NotFound, BadInput. */
export async function sourceOf(input: SourceInput, { loaders }: GraphqlContext) {
  const [addressSpaceIds, scannerIds, scannerGroupIds] = await Promise.all([
    idsOf(loaders.addressSpaces, 'AddressSpace', input.addressSpaces),
    idsOf(loaders.scanners, 'Scanner', input.scanners),
    idsOf(loaders.scannerGroups, 'ScannerGroup', input.scannerGroups),
  ]);
  return present({ addressSpaceIds, scannerIds, scannerGroupIds });
}

/** Where, in the terms of the store. Throws BadInput. */
export function placeOf({ networks, families }: PlaceInput) {
  checkLength(networks, 'networks');
  return present({ networks, families });
}
