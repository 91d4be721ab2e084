import { complexityFromQuery } from '@pothos/plugin-complexity';
import { type DocumentNode, type GraphQLSchema, getOperationAST, Kind } from 'graphql';

/** What is to be executed. */
export interface Operation {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variableValues?: Record<string, unknown> | null | undefined;
}

/** How many values an operation may ask for, pages counted as large as the variables make them. */
export function costOf(
  schema: GraphQLSchema,
  { document, operationName, variableValues }: Operation,
): number {
  const operation = getOperationAST(document, operationName);
  if (operation == null) return 0; // Refused by the executor.
  // The plugin looks at the first operation only, so that a cheap one could stand in front of the one that is run.
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const query = { kind: Kind.DOCUMENT, definitions: [operation, ...fragments] } as const;
  return complexityFromQuery(query, { schema, variables: variableValues ?? {} }).complexity;
}
