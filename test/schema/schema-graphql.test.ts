import { readFile } from 'node:fs/promises';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import {
  buildSchema,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  printSchema,
  validateSchema,
} from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../src/graphql/schema.ts';

const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);

test('the schema is valid', () => {
  expect(validateSchema(schema)).toEqual([]);
});

test('the printed schema is the committed one', async () => {
  await expect(`${printSchema(schema)}\n`).toMatchFileSnapshot('../../schema/schema.graphql');
});

test('nothing that was released is broken', async () => {
  // The file is the print of the last release; a release copies schema/schema.graphql over it.
  const released = buildSchema(await readFile(new URL('released.graphql', import.meta.url), 'utf8'));
  const breaking = (await diff(released, schema)).filter(
    ({ criticality }) => criticality.level === CriticalityLevel.Breaking,
  );
  expect(breaking.map(({ message }) => message)).toEqual([]);
});

test('everything has a description', () => {
  expect(types.flatMap(undescribed)).toEqual([]);
});

test('every scalar of ours says where it is specified', () => {
  const scalars = types.filter(isScalarType);
  expect(scalars.filter(({ specifiedByURL }) => !specifiedByURL).map(({ name }) => name)).toEqual([]);
});

function undescribed(type: GraphQLNamedType): string[] {
  const missing = type.description ? [] : [type.name];
  if (isEnumType(type)) {
    return [...missing, ...named(type.getValues(), type.name)];
  }
  if (isInputObjectType(type)) return [...missing, ...named(Object.values(type.getFields()), type.name)];
  if (!isObjectType(type) && !isInterfaceType(type)) return missing;
  const fields = Object.values(type.getFields());
  const args = fields.flatMap((field) => named(field.args, `${type.name}.${field.name}`));
  return [...missing, ...named(fields, type.name), ...args];
}

function named(
  parts: readonly { readonly name: string; readonly description?: string | null | undefined }[],
  of: string,
): string[] {
  return parts.filter(({ description }) => !description).map(({ name }) => `${of}.${name}`);
}
