import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import ErrorsPlugin from '@pothos/plugin-errors';
import RelayPlugin from '@pothos/plugin-relay';
import type { PortSet } from '../core/endpoint.ts';
import type { Instant } from '../core/observation.ts';
import { limits } from '../limits.ts';
import { encodeGlobalId } from './global-id.ts';
import type { GraphqlContext } from './loaders.ts';

interface SchemaTypes {
  Context: GraphqlContext;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
  Connection: { totalCount: () => Promise<number> };
  Scalars: {
    BigInt: { Input: bigint; Output: number | bigint };
    DateTime: { Input: Instant; Output: Instant };
    File: { Input: File; Output: never };
    ID: { Input: string; Output: string };
    IPAddress: { Input: string; Output: string };
    MAC: { Input: string; Output: string };
    Network: { Input: string; Output: string };
    Port: { Input: number; Output: number };
    PortSet: { Input: PortSet; Output: string };
  };
}

interface Sizes {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
}

/** A page costs what its items cost, as often as the caller asks for. Wrong sizes are refused later, with a reason. */
function pageCost({ first, last }: Sizes): { field: number; multiplier: number } {
  const wanted = first ?? last ?? limits.pageItemsDefault;
  return { field: 2, multiplier: Math.min(Math.max(wanted, 1), limits.pageItemsMax) };
}

/** Pages of small tables, which are in memory and rarely full: what nests them is not charged for whole pages. */
export function tableCost({ first, last }: Sizes): { field: number; multiplier: number } {
  return { field: 1, multiplier: Math.min(Math.max(first ?? last ?? 10, 1), 10) };
}

const free = { complexity: { field: 0, multiplier: 1 } };

/** Builds the schema; every noun adds its types and fields to it. */
export const builder = new SchemaBuilder<SchemaTypes>({
  defaultFieldNullability: false,
  plugins: [ErrorsPlugin, RelayPlugin, ComplexityPlugin],
  complexity: { defaultComplexity: 1, defaultListMultiplier: 10 },
  errors: {
    defaultUnionOptions: { name: ({ fieldName }) => `${capitalise(fieldName)}Result` },
    defaultResultOptions: { name: ({ fieldName }) => `${capitalise(fieldName)}Payload` },
  },
  relay: {
    encodeGlobalID: (typename, id) => encodeGlobalId(typename, String(id)),
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    nodeTypeOptions: { description: 'Anything with an id of its own.' },
    idFieldOptions: { description: 'Names this one thing in the whole API; opaque.' },
    defaultConnectionFieldOptions: { complexity: pageCost },
    defaultEdgeTypeOptions: { description: 'One item of a page, with its place in the list.' },
    edgesFieldOptions: { description: 'The items with their cursors.', ...free },
    nodesOnConnection: { description: 'The items without their cursors.', ...free },
    nodeFieldOptions: { description: 'The item.', complexity: 0 },
    cursorFieldOptions: { description: 'Place of the item in the list; opaque.', complexity: 0 },
    pageInfoTypeOptions: { description: 'Where a page lies in its list.' },
    pageInfoFieldOptions: { description: 'Where this page lies in the list.', complexity: 0 },
    hasNextPageFieldOptions: { description: 'There are items behind this page.', complexity: 0 },
    hasPreviousPageFieldOptions: { description: 'There are items before this page.', complexity: 0 },
    startCursorFieldOptions: {
      description: 'Cursor of the first item; null where there is none.',
      complexity: 0,
    },
    endCursorFieldOptions: {
      description: 'Cursor of the last item; null where there is none.',
      complexity: 0,
    },
    firstArgOptions: { description: `How many items from the front, 1 to ${limits.pageItemsMax}.` },
    lastArgOptions: { description: `How many items from the end, 1 to ${limits.pageItemsMax}.` },
    afterArgOptions: { description: 'Only items behind this cursor.' },
    beforeArgOptions: { description: 'Only items before this cursor.' },
  },
});

function capitalise(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

builder.queryType({ description: 'Reads. Nothing here changes anything.' });
builder.mutationType({
  description: 'Writes. What the caller can correct is one of the named errors of the result.',
});
builder.subscriptionType({
  description:
    'What happens, as it happens. Each event carries a cursor; `after` resumes behind it without a gap or a repeat.',
});

builder.globalConnectionField('totalCount', (t) =>
  t.int({
    description: 'How many items the whole list has. Counted only where it is asked for.',
    complexity: 10,
    resolve: ({ totalCount }) => totalCount(),
  }),
);
